// How the index of cards is laid out: what a row's id tells.
//
// A card of many words has several rows, its parts, so that no unit of the writer takes long to index it. Part k holds
// the words from k * kPartWords on; to find phrases across its beginning, it repeats the last kRepeatedWords words
// before. An occurrence counts in the part that has its last word among its own, so each counts once.
#pragma once
#include <cstdint>

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

/// How many numbers a new card of so many words takes. In parts: so many that a whole block is surely among them.
constexpr std::int64_t numbers_of(std::int64_t words) { return parts_of(words) > 1 ? 2 * kPartsMax : 1; }
/// The id of the first row of a new card of so many words, `last` being the last of the numbers that it took.
constexpr std::int64_t row_of(std::int64_t last, std::int64_t words) {
  if (parts_of(words) == 1) return last * kNumberUnit + words;
  const std::int64_t block = (last + 1) / kPartsMax - 1;  // the last whole one of those taken
  return block * kPartsMax * kNumberUnit + kInParts + words;
}
/// How many words at the beginning of a row repeat those of the part before. An occurrence whose last word is among
/// them counts in that one.
constexpr std::int64_t repeated_words(std::int64_t row_id) { return part_of(row_id) == 0 ? 0 : kRepeatedWords; }

}  // namespace nexus::store
