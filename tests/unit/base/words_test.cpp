// Words of a text: where they stand, and how they are folded.
#include "daemon/base/words.hpp"

#include <cctype>

#include "tests/catch.hpp"

namespace nexus {
namespace {

std::string folded(std::string_view text) {
  std::string out;
  for (const Word& word : words_of(text)) out.append(out.empty() ? "" : " ").append(word.folded);
  return out;
}

TEST_CASE("words are runs of letters and digits, in lower case") {
  CHECK(folded("") == "");
  CHECK(folded(" \t\n.,;:!?-_()[]{}\"'*^+#@/\\|<>=~`$%&") == "");
  CHECK(folded("Hello, World 42") == "hello world 42");
  CHECK(folded("tenant_id:t_other") == "tenant id t other");
  CHECK(folded("ann@example.com x-y") == "ann example com x y");
}

TEST_CASE("spellings of one word are one") {
  for (const char* text : {"Über", "über", "ÜBER", "U\u0308ber", "uber", "Uber", "u\u00ADber"}) {
    INFO(text);
    CHECK(folded(text) == "uber");
  }
  CHECK(folded("Straße STRASSE") == "strasse strasse");
  CHECK(folded("ﬁne") == "fine");
  CHECK(folded("ΣΊΣΥΦΟΣ Σίσυφος") == "σισυφοσ σισυφοσ");
  CHECK(folded("İstanbul") == "istanbul");
  CHECK(folded("Й й") == "и и");
  CHECK(folded("crème brûlée naïve") == "creme brulee naive");
}

TEST_CASE("marks that are letters of their script stay") {
  CHECK(folded("हिन्दी") == "हिन्दी");
  CHECK(folded("が か") == "が か");
  CHECK(folded("한국어 검색") == "한국어 검색");
}

TEST_CASE("scripts without spaces give a word for each character") {
  CHECK(folded("全文検索") == "全 文 検 索");
  CHECK(folded("abc検索xyz") == "abc 検 索 xyz");
  CHECK(folded("ไทย") == "ไ ท ย");
}

TEST_CASE("a word knows its place in the text") {
  const std::string text = "«Naïve» 検索, x";
  const auto words = words_of(text);
  REQUIRE(words.size() == 4);
  CHECK(text.substr(words[0].begin, words[0].end - words[0].begin) == "Naïve");
  CHECK(text.substr(words[1].begin, words[1].end - words[1].begin) == "検");
  CHECK(text.substr(words[3].begin, words[3].end - words[3].begin) == "x");
}

TEST_CASE("a long word is cut at a code point, and alike wherever it stands") {
  CHECK(folded(std::string(1000, 'A')) == std::string(kWordBytesMax, 'a'));
  std::string long_word;
  for (int i = 0; i < 1000; ++i) long_word += "ж";
  CHECK(folded(long_word).size() <= kWordBytesMax);
  CHECK(folded(long_word) == folded(long_word + "ж"));
  CHECK(folded("x" + std::string(3, '\0') + "y") == "x y");
}

TEST_CASE("words are taken until the reader has enough") {
  int seen = 0;
  for_each_word("a b c d", [&](Word&) { return ++seen < 2; });
  CHECK(seen == 2);
}

TEST_CASE("words are appended as they are taken, and those of JSON in the order of its values") {
  for (const char* text : {"", " ", "a", " Über, x-y ", "全文検索 abc", "ﬁne\u00AD Straße"}) {
    std::string out = "before ", wanted = out;
    const auto words = words_of(text);
    for (const Word& word : words) wanted += word.folded + " ";
    CHECK(append_words(out, text) == static_cast<std::int64_t>(words.size()));
    CHECK(out == wanted);
  }
  std::string out;
  const Json value = parse_own_json(R"({"b":["Two",{"name":"Three four"}],"a":"One","c":[-1.5,1e3,42,true,null,[]]})");
  CHECK(append_words_of_values(out, value) == 9);
  CHECK(out == "one two three four 1 5 1000 0 42 ");
}

TEST_CASE("no folded word holds an ASCII character that is no letter or digit") {
  std::string all;
  for (char32_t point = 1; point < 0x20000; ++point) {
    if (point >= 0xD800 && point < 0xE000) continue;
    if (point < 0x80)
      all += static_cast<char>(point);
    else if (point < 0x800)
      (all += static_cast<char>(0xC0 | (point >> 6))) += static_cast<char>(0x80 | (point & 0x3F));
    else if (point < 0x10000)
      ((all += static_cast<char>(0xE0 | (point >> 12))) += static_cast<char>(0x80 | ((point >> 6) & 0x3F))) +=
          static_cast<char>(0x80 | (point & 0x3F));
    else
      (((all += static_cast<char>(0xF0 | (point >> 18))) += static_cast<char>(0x80 | ((point >> 12) & 0x3F))) +=
       static_cast<char>(0x80 | ((point >> 6) & 0x3F))) += static_cast<char>(0x80 | (point & 0x3F));
    all += ' ';
  }
  for (const Word& word : words_of(all))
    for (const char c : word.folded)
      if (static_cast<unsigned char>(c) < 0x80 && std::isalnum(static_cast<unsigned char>(c)) == 0) FAIL(word.folded);
}

}  // namespace
}  // namespace nexus
