// Splits a text into words for search, folded so that what people type finds what they mean:
//
// - Runs of letters, digits and their marks are words. Case, accents, vowel points, full and half width, presentation
//   forms and tatweel make no difference: "Über", "uber" and "Ｕber" are equal. So are "Łódź" and "lodz", "smørrebrød"
//   and "smorrebrod": letters that Unicode does not decompose become those that stand for them on a plain keyboard.
// - In scripts written without spaces (such as Han, kana and Thai) each character is a word, so that a query of several
//   characters is a phrase that is found inside any text. A change between Hangul and other letters ends a word.
// - An emoji is a word, without its skin tone. A sequence of them is several words.
// - The signs of C++, C#, A+ and .NET are words of their own: "+", "++" or "#" right behind a word, unless one or "#"
//   stands between two; "." before a letter where no word, and no end of a sentence, is before it. So "C++" is a phrase
//   that a plain "C" does not hold, while "C" is found in "C++".
//
// What folding determines is kept: the index of cards, and texts of maybes. words_version() says by which rules.
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
  std::string folded;              // of ASCII only lower-case letters and digits
  std::size_t begin = 0, end = 0;  // in the text, in bytes
};

/// Calls `take` with each word, in order, until it returns false. The text must be valid UTF-8.
void for_each_word(std::string_view text, const std::function<bool(Word&)>& take);
std::vector<Word> words_of(std::string_view text);

/// Appends the folded words of the text to `out`, each with a space behind it, and returns their number: at most one
/// for each byte. The text must be valid UTF-8.
std::int64_t append_words(std::string& out, std::string_view text);
/// The same for the texts and numbers of a JSON value, at every depth. Names of members are left out.
std::int64_t append_words_of_values(std::string& out, const Json& value);

/// The whole text with each character folded like those of words, for a search of any stretch of it. Line ends stay.
/// The text must be valid UTF-8.
std::string fold_text(std::string_view text);

/// Whether the folded word ends in Hangul, where particles are written behind a word without a space.
bool may_bear_particle(std::string_view folded);

/// Names the rules, and the Unicode of the library, by which words are folded. Where it differs from what is noted
/// beside folded texts, these are to be folded again.
std::string words_version();

}  // namespace nexus
