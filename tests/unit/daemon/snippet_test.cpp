// Snippets: the best stretch, marks, cuts.
#include "daemon/domain/snippet.hpp"

#include "daemon/base/text.hpp"
#include "daemon/domain/search_query.hpp"
#include "tests/catch.hpp"

namespace nexus::domain {
namespace {

std::string cut(std::string_view text, std::string_view query, SnippetStyle style = {}) {
  return snippet(text, phrases_of(query), style);
}

std::string filler(int words, const std::string& word = "word") {
  std::string out;
  for (int i = 0; i < words; ++i) out += word + std::to_string(i) + " ";
  return out;
}

TEST_CASE("a short text is shown whole, on one line, its found words marked", "[search]") {
  CHECK(cut("The Launch\n\n  plan,\tin red", "launch red") == "The **Launch** plan, in **red**");
  CHECK(cut("Über allem", "uber") == "**Über** allem");
  CHECK(cut("launch launching", "laun*") == "**launch** **launching**");
  CHECK(cut("a plan, no launch plan", "\"launch plan\"") == "a plan, no **launch** **plan**");
  CHECK(cut("in C++ or C#, not C", "C++") == "in **C++** or C#, not C");
  CHECK(cut("全文検索する", "検索") == "全文**検索**する");
  CHECK(cut("서울에서 만나요", "서울") == "**서울에서** 만나요");
  CHECK(cut("w Łodzi, Łódź", "lodz") == "w Łodzi, **Łódź**");
  CHECK(cut("ha ha ha ho", "\"ha ha\"") == "**ha** **ha** **ha** ho");  // occurrences that share a word
  CHECK(cut("nothing here", "launch") == "nothing here");
  CHECK(cut("", "launch") == "");
  CHECK(cut("---", "launch") == "---");
}

TEST_CASE("marks are no other's, and can be left out", "[search]") {
  CHECK(cut("a **bold** launch * 2", "launch") == "a bold **launch** 2");
  CHECK(cut("a **bold** launch", "launch", {.marks = false}) == "a **bold** launch");
  CHECK(cut("x\u0001y\u007Fz launch", "launch") == "x y z **launch**");
}

TEST_CASE("the stretch with most of the phrases is shown, cut between words", "[search]") {
  const std::string text = filler(200) + "launch " + filler(200) + "launch the plan " + filler(200);
  const std::string found = cut(text, "launch plan");
  CHECK(found.starts_with("…word194 "));
  CHECK(found.find(" **launch** the **plan** word0 ") != std::string::npos);
  CHECK(found.ends_with("…"));
  CHECK(found.size() < 300);
  const std::string beginning = cut(text, "absent");
  CHECK(beginning.starts_with("word0 word1 "));
  CHECK(beginning.ends_with("…"));
  CHECK(cut("launch " + filler(200), "launch").starts_with("**launch** word0"));
  CHECK(cut(filler(200) + "launch", "launch").ends_with("**launch**"));
}

TEST_CASE("words that stand far apart are all shown, each with what is around it", "[search]") {
  const std::string text = filler(100) + "launch " + filler(100) + "plan " + filler(100) + "budget " + filler(100);
  const std::string two = cut(text, "launch budget");
  CHECK(two.starts_with("…word"));
  CHECK(two.find(" **launch** word0 ") != std::string::npos);
  CHECK(two.find(" … word") != std::string::npos);
  CHECK(two.find(" **budget** word0 ") != std::string::npos);
  CHECK(two.size() < 320);
  const std::string three = cut(text, "budget plan launch");
  for (const char* word : {"**launch**", "**plan**", "**budget**"}) CHECK(three.find(word) != std::string::npos);
  CHECK(three.find("**launch**") < three.find("**plan**"));
  CHECK(three.size() < 320);
  const std::string packed = cut(text, "launch budget", {.bytes_max = 160, .marks = false});
  CHECK(packed.find("launch") < packed.find("budget"));
  // The words before the first found one give way to the last.
  const std::string near = "launch " + filler(57, "w") + "plan";
  const std::string late = cut(filler(50) + near + " " + filler(50), "launch plan");
  CHECK(late.find("**launch**") != std::string::npos);
  CHECK(late.find("**plan**") != std::string::npos);
}

TEST_CASE("a snippet is valid UTF-8 wherever it is cut", "[search]") {
  std::string unbroken;
  for (int i = 0; i < 2000; ++i) unbroken += "ж";
  std::string cjk;
  for (int i = 0; i < 2000; ++i) cjk += "検索文";
  for (std::size_t bytes = 1; bytes < 60; ++bytes)
    for (const std::string& text : {unbroken, cjk, "-" + unbroken, "→→→→→→" + unbroken + " x launch", filler(30)})
      for (const char* query : {"launch", "検索", "жжж", "word7", "x"}) {
        const std::string found = cut(text, query, {.bytes_max = bytes});
        if (!is_utf8(found)) FAIL(query << " " << bytes);
        if (found.size() > 60 + 5 * bytes) FAIL(found);
      }
}

TEST_CASE("a huge text is looked through only as far as it is worth", "[search]") {
  CHECK(cut(std::string(100'000, 'x') + " launch", "launch").starts_with("xxxx"));
  CHECK(cut(std::string(200'000, '.'), "launch").size() < 300);
}

}  // namespace
}  // namespace nexus::domain
