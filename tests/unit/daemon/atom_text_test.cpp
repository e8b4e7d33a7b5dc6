// Cutting text into atoms: what each cut makes, whatever the chunks, and what is no text.
#include "daemon/atoms/atom_text.hpp"

#include <random>
#include <vector>

#include "daemon/atoms/problems.hpp"
#include "daemon/base/problem.hpp"
#include "daemon/base/text.hpp"
#include "tests/catch.hpp"

namespace nexus::atoms::test {
namespace {

using Texts = std::vector<std::string>;

struct Collect : AtomSink {
  Texts atoms;
  void begin() override { atoms.emplace_back(); }
  void append(std::string_view text) override { atoms.back() += text; }
  void end() override {}
};

Texts cut(const Cut& how, const std::string& text, std::size_t chunk = 1 << 20) {
  Collect sink;
  TextCutter cutter(how, sink);
  for (std::size_t at = 0; at < text.size(); at += chunk) cutter.take(std::string_view(text).substr(at, chunk));
  cutter.finish();
  return sink.atoms;
}

Texts lines(const std::string& text) { return cut(LineCut{}, text); }
Texts paragraphs(const std::string& text, std::size_t most = 1000) { return cut(ParagraphCut{most}, text); }

bool is_text(const std::string& bytes, std::size_t chunk) {
  try {
    cut(LineCut{}, bytes, chunk);
    return true;
  } catch (const Problem& problem) {
    CHECK(problem.code == problems::atom_not_text);
    return false;
  }
}

}  // namespace

TEST_CASE("the whole text is one atom, byte for byte", "[atoms]") {
  for (const std::string text : {"", "a", "\n",
                                 "\xEF\xBB\xBF"
                                 "a\r\n\r\n b \n",
                                 "\r"})
    CHECK(cut(IdentityCut{}, text) == Texts{text});
}

TEST_CASE("lines end with LF or CRLF, and blank ones make no atom", "[atoms]") {
  CHECK(lines("").empty());
  CHECK(lines("\n \t\n\r\n").empty());
  CHECK(lines("a") == Texts{"a"});
  CHECK(lines("a\nb\n") == Texts{"a", "b"});
  CHECK(lines("a\r\nb\r\n\r\nc") == Texts{"a", "b", "c"});
  CHECK(lines("  a \n\n\tb\t") == Texts{"  a ", "\tb\t"});
  CHECK(lines("a\rb\r\r\nc\r") == Texts{"a\rb\r", "c\r"});
  CHECK(lines("\xEF\xBB\xBF"
              "a\nb\xEF\xBB\xBF") == Texts{"a", "b\xEF\xBB\xBF"});
  CHECK(lines("\xEF\xBB\xBF").empty());
}

TEST_CASE("paragraphs are separated by blank lines and keep their own line ends", "[atoms]") {
  CHECK(paragraphs("").empty());
  CHECK(paragraphs("\n\n \n").empty());
  CHECK(paragraphs("one\nstill one\n\ntwo\n") == Texts{"one\nstill one", "two"});
  CHECK(paragraphs("\n\none\r\nstill one\r\n \t\r\ntwo") == Texts{"one\r\nstill one", "two"});
  CHECK(paragraphs("a\n\n\n\nb\n\n") == Texts{"a", "b"});
}

TEST_CASE("a paragraph over the limit is cut after so many code points", "[atoms]") {
  CHECK(paragraphs("abcdef", 3) == Texts{"abc", "def"});
  CHECK(paragraphs("abcdefg\n\nxy", 3) == Texts{"abc", "def", "g", "xy"});
  CHECK(paragraphs("ab\ncd", 3) == Texts{"ab\n", "cd"});
  CHECK(paragraphs("äöüß€", 2) == Texts{"äö", "üß", "€"});
  CHECK(paragraphs("abc\n\n", 3) == Texts{"abc"});
  CHECK(paragraphs("ab", 1) == Texts{"a", "b"});
}

TEST_CASE("blanks that begin a line are held back only so far", "[atoms]") {
  CHECK(lines(std::string(kBlankBytesMax, ' ') + "\n").empty());
  CHECK(lines(std::string(kBlankBytesMax + 1, ' ') + "\n").size() == 1);
}

TEST_CASE("how the text is chunked changes nothing", "[atoms]") {
  std::mt19937 random(1);
  const std::string_view words[] = {"a", "\n", "\r\n", "\r", " ", "\t", "é", "😀", "bc", "\n\n"};
  for (int round = 0; round < 200; ++round) {
    std::string text;
    for (int i = 0; i < 40; ++i) text += words[random() % std::size(words)];
    for (const Cut& how : {Cut{IdentityCut{}}, Cut{LineCut{}}, Cut{ParagraphCut{3}}, Cut{ParagraphCut{100}}}) {
      const Texts whole = cut(how, text);
      for (const std::size_t chunk : {1, 2, 3, 7}) CHECK(cut(how, text, chunk) == whole);
      for (const std::string& atom : whole) CHECK(is_utf8(atom));
    }
  }
}

TEST_CASE("what is not UTF-8, or holds a NUL, is no text", "[atoms]") {
  for (const std::size_t chunk : {1, 2, 1000}) {
    CHECK(is_text("é€😀", chunk));
    for (const std::string bytes : {"\xFF", "a\xC3", "\xC3(", "\xE2\x82", "\xED\xA0\x80", "\xF8\x88\x80\x80\x80",
                                    "\x80", "\xC0\x80", "\xF4\x90\x80\x80"})
      CHECK_FALSE(is_text("good " + bytes, chunk));
    CHECK_FALSE(is_text(std::string("a\0b", 3), chunk));
  }
}

}  // namespace nexus::atoms::test
