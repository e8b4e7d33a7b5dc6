// The postings of a row of cards: one for each of its terms, as the table card_postings holds them, whose columns
// migrations/postgres/0043_base.sql describes.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "store/full_text.hpp"

namespace nexus::store {

struct Posting {
  std::string term;           // a letter for its kind, then its text
  std::int64_t tf = 0;        // how often it is in the row
  std::int64_t repeated = 0;  // how many of these are among the words that a part repeats
  std::string positions;      // of words
  bool operator==(const Posting&) const = default;
};

std::string term_of(TermKind kind, std::string_view text);
/// In order of their terms' bytes. `repeated_words`: of the row (card_terms.hpp).
std::vector<Posting> postings_of(const RowTerms& terms, std::int64_t repeated_words);

/// Appends the positions that bytes of card_postings tell. Throws Error (corrupt) for bytes that are none.
void append_positions(std::vector<std::uint32_t>& out, std::string_view bytes);

}  // namespace nexus::store
