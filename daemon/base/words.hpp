// Splits a text into words for search: runs of letters, digits and their marks, folded so that "Über", "uber" and
// "Über" with a combining diaeresis are equal. In scripts written without spaces (such as Han, kana and Thai) each
// character is a word, so that a query of several characters is a phrase that is found inside any text.
//
// Folding determines the content of the index: a change requires rebuilding the index of cards.
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/base/json.hpp"

namespace nexus {

/// Bytes of a folded word. Longer words are cut, in texts and queries alike.
inline constexpr std::size_t kWordBytesMax = 96;

struct Word {
  std::string folded;
  std::size_t begin = 0, end = 0;  // in the text, in bytes
};

/// Calls `take` with each word, in order, until it returns false. The text must be valid UTF-8.
void for_each_word(std::string_view text, const std::function<bool(Word&)>& take);
std::vector<Word> words_of(std::string_view text);

/// Appends the folded words of the text to `out`, each with a space behind it, and returns their number. The text must
/// be valid UTF-8.
std::int64_t append_words(std::string& out, std::string_view text);
/// The same for the texts and numbers of a JSON value, at every depth. Names of members are left out.
std::int64_t append_words_of_values(std::string& out, const Json& value);

}  // namespace nexus
