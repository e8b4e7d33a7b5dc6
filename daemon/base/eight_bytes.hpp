// Looks at a text eight bytes at a time: for the loops through which each byte of a request, an answer or an audit row
// passes. Marks are words with the high bit of each byte set that was looked for; a mark may also be set in a byte that
// follows such a byte.
#pragma once
#include <cstdint>
#include <cstring>
#include <string_view>

namespace nexus::eight_bytes {

inline constexpr std::uint64_t kOnes = 0x0101010101010101, kHighs = 0x8080808080808080;

/// The eight bytes at `bytes`, in the machine's order.
inline std::uint64_t load(const void* bytes) {
  std::uint64_t word;
  std::memcpy(&word, bytes, sizeof word);
  return word;
}

/// Marks the bytes that equal `c`.
constexpr std::uint64_t equal(std::uint64_t word, char c) {
  const std::uint64_t difference = word ^ (kOnes * static_cast<unsigned char>(c));
  return (difference - kOnes) & ~difference & kHighs;
}
/// Marks the bytes below 0x20.
constexpr std::uint64_t below_space(std::uint64_t word) { return (word - kOnes * 0x20) & ~word & kHighs; }
/// Marks the bytes above 0x7F; exact.
constexpr std::uint64_t beyond_ascii(std::uint64_t word) { return word & kHighs; }

/// The first byte of `text` from `at` on that `is` true of; the size of the text when there is none. `marks` of a word
/// that holds such a byte are not 0.
template <class Marks, class Is>
std::size_t find(std::string_view text, std::size_t at, Marks marks, Is is) {
  while (at < text.size()) {
    const bool whole = text.size() - at >= 8;
    if (whole && marks(load(text.data() + at)) == 0) {
      at += 8;
      continue;
    }
    for (const std::size_t end = whole ? at + 8 : text.size(); at < end; ++at)
      if (is(text[at])) return at;
  }
  return at;
}

}  // namespace nexus::eight_bytes
