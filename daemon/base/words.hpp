// The words of a text as search sees them: runs of letters, digits and the marks on them, folded so that "Über", "uber"
// and the same with a combining diaeresis are one. Scripts written without spaces (Han, kana, Thai and their like) give
// a word for each character: a query of several then is a phrase, which finds them inside of any text.
//
// What is folded how decides what an index holds: whoever changes it must rebuild the index of cards.
#pragma once
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace nexus {

/// Bytes of a folded word; what is longer is cut, in texts and in queries alike.
inline constexpr std::size_t kWordBytesMax = 96;

struct Word {
  std::string folded;
  std::size_t begin = 0, end = 0;  // in the text, in bytes
};

/// Calls `take` with each word, in order, until it answers false. The text must be valid UTF-8.
void for_each_word(std::string_view text, const std::function<bool(Word&)>& take);
std::vector<Word> words_of(std::string_view text);

}  // namespace nexus
