#include "daemon/base/uuid.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>

#include "daemon/base/bytes.hpp"
#include "daemon/base/clock.hpp"
#include "daemon/base/crypto.hpp"

namespace nexus {
namespace {

/// 48 bits of milliseconds and 12 of a counter in one word, so that ids made in one millisecond keep their order
/// (RFC 9562 section 6.2, method 1). When the clock stands or goes back, the last value plus one is taken.
std::uint64_t next_stamp() {
  static std::atomic<std::uint64_t> last{0};
  const std::uint64_t now = static_cast<std::uint64_t>(now_micros() / 1000) << 12;
  std::uint64_t seen = last.load(std::memory_order_relaxed);
  std::uint64_t next = 0;
  do {
    next = now > seen ? now : seen + 1;
  } while (!last.compare_exchange_weak(seen, next, std::memory_order_relaxed));
  return next;
}

/// Randomness is drawn 4 KiB at a time per thread: one call of the generator serves 512 ids.
std::string_view random_tail() {
  thread_local std::string pool;
  thread_local std::size_t used = 0;
  if (used + 8 > pool.size()) {
    pool = random_bytes(4096);
    used = 0;
  }
  used += 8;
  return std::string_view(pool).substr(used - 8, 8);
}

using Bytes = std::array<std::uint8_t, 16>;

/// Sets the variant of RFC 9562 and writes the text.
std::string text_of(Bytes bytes) {
  bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3F) | 0x80);
  std::string text = hex(bytes);
  for (const std::size_t at : {8, 13, 18, 23}) text.insert(at, 1, '-');
  return text;
}

}  // namespace

std::string uuid_v7() {
  const std::uint64_t stamp = next_stamp();
  const std::uint64_t head = (stamp >> 12) << 16 | 0x7000 | (stamp & 0xFFF);
  Bytes bytes{};
  for (std::size_t i = 0; i < 8; ++i) bytes[i] = static_cast<std::uint8_t>(head >> (56 - 8 * i));
  const std::string_view tail = random_tail();
  for (std::size_t i = 0; i < 8; ++i) bytes[8 + i] = static_cast<std::uint8_t>(tail[i]);
  return text_of(bytes);
}

std::string uuid_v8(const Digest& digest) {
  Bytes bytes{};
  std::copy_n(digest.begin(), bytes.size(), bytes.begin());
  bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0F) | 0x80);
  return text_of(bytes);
}

bool is_uuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    const bool digit = (text[i] >= '0' && text[i] <= '9') || (text[i] >= 'a' && text[i] <= 'f');
    if (dash ? text[i] != '-' : !digit) return false;
  }
  return true;
}

}  // namespace nexus
