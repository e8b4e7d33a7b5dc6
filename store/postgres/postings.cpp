#include "store/postgres/postings.hpp"

#include <algorithm>
#include <optional>

#include "daemon/base/bytes.hpp"
#include "store/error.hpp"

namespace nexus::store {
namespace {

constexpr std::uint32_t kGroupBits = 7;

void append_distance(std::string& out, std::uint32_t distance) {
  for (; distance > 0x7F; distance >>= kGroupBits) out.push_back(static_cast<char>(0x80 | (distance & 0x7F)));
  out.push_back(static_cast<char>(distance));
}

struct PlacedWord {
  std::string_view word;
  std::uint32_t position;
  auto operator<=>(const PlacedWord&) const = default;
};

std::vector<PlacedWord> placed_words(std::string_view words) {
  std::vector<PlacedWord> placed;
  for (std::size_t at = 0, end = 0; at < words.size(); at = end + 1) {
    end = std::min(words.find(' ', at), words.size());
    placed.push_back({words.substr(at, end - at), static_cast<std::uint32_t>(placed.size())});
  }
  std::ranges::sort(placed);
  return placed;
}

}  // namespace

std::string term_of(TermKind kind, std::string_view text) {
  return std::string(1, static_cast<char>(kind)).append(text);
}

std::vector<Posting> postings_of(const RowTerms& terms, std::int64_t repeated_words) {
  std::vector<Posting> postings;
  if (terms.labels != nullptr) {
    postings.push_back({term_of(TermKind::card_type, hex(terms.labels->card_type)), 1, 0, {}});
    postings.push_back({term_of(TermKind::version, hex(terms.labels->version)), 1, 0, {}});
  }
  std::optional<std::string_view> word;  // whose posting is the last
  std::uint32_t before = 0;
  for (const PlacedWord& placed : placed_words(terms.words)) {
    if (placed.word != word) {
      postings.push_back({term_of(TermKind::word, placed.word), 0, 0, {}});
      word = placed.word;
      before = 0;
    }
    Posting& posting = postings.back();
    ++posting.tf;
    if (placed.position < repeated_words) ++posting.repeated;
    append_distance(posting.positions, placed.position - before);
    before = placed.position;
  }
  return postings;
}

void append_positions(std::vector<std::uint32_t>& out, std::string_view bytes) {
  std::uint32_t position = 0, distance = 0, shift = 0;
  for (const char character : bytes) {
    const auto byte = static_cast<unsigned char>(character);
    if (shift > 28) throw Error(Failure::corrupt, "positions of a posting are none");
    distance |= static_cast<std::uint32_t>(byte & 0x7F) << shift;
    shift += kGroupBits;
    if ((byte & 0x80) != 0) continue;
    out.push_back(position += distance);
    distance = shift = 0;
  }
  if (shift != 0) throw Error(Failure::corrupt, "positions of a posting are none");
}

}  // namespace nexus::store
