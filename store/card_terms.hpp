// How the index of cards is laid out, for the two files that know it: what a row's id tells, and how terms are spelled.
//
// A card of many words has several rows, its parts, so that no unit of the writer takes long to index it. Part k holds
// the words from k * kPartWords on; to find phrases across its beginning, it repeats the last kRepeatedWords words
// before. An occurrence counts in the part that has its last word among its own, so each counts once.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "store/card_search.hpp"

namespace nexus::store {

/// A row's id consists of a number, which rises with every card, and in the low bits the card's count of words, so that
/// a score needs no second look-up. One bit says that the card has several rows. They have the numbers of a block: the
/// first is a multiple of kPartsMax.
inline constexpr std::int64_t kNumberUnit = 1 << 20;
inline constexpr std::int64_t kInParts = 1 << 19;
inline constexpr std::int64_t kWordsMax = kInParts - 1;  // no card has as many
inline constexpr std::int64_t kPartWords = 2048;         // about 16 KiB, which take about half a millisecond
inline constexpr std::int64_t kPartsMax = 256;
inline constexpr std::int64_t kRepeatedWords = kPhraseWordsMax - 1;
static_assert(kWordsMax / kPartWords < kPartsMax);

constexpr std::int64_t parts_of(std::int64_t words) { return words == 0 ? 1 : (words + kPartWords - 1) / kPartWords; }
constexpr std::int64_t words_in(std::int64_t row_id) { return row_id & kWordsMax; }
constexpr bool is_in_parts(std::int64_t row_id) { return (row_id & kInParts) != 0; }
constexpr std::int64_t part_of(std::int64_t row_id) {
  return is_in_parts(row_id) ? row_id / kNumberUnit % kPartsMax : 0;
}
/// Of a card whose row this is. One that is not in parts has one row, however many its words.
constexpr std::int64_t parts_in(std::int64_t row_id) { return is_in_parts(row_id) ? parts_of(words_in(row_id)) : 1; }
/// The row of the card's first part, by which the card is known.
constexpr std::int64_t first_row(std::int64_t row_id) { return row_id - part_of(row_id) * kNumberUnit; }

/// A term: the number of the space (tenant and env), a letter for the kind, the text (of types and versions in hex).
enum class TermKind : char { word = 'w', card_type = 't', version = 'v' };

inline void append_term(std::string& out, std::string_view space, TermKind kind, std::string_view text) {
  out.append(space).push_back(static_cast<char>(kind));
  out.append(text);
}

}  // namespace nexus::store
