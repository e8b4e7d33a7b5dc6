// A query is literal text but for quotes and stars.
#include "daemon/domain/search_query.hpp"

#include "tests/catch.hpp"

namespace nexus::domain {
namespace {

/// `a` `b c` `d*`: phrases between bars.
std::string taken(std::string_view text) {
  std::string out;
  for (const auto& phrase : phrases_of(text)) {
    out += out.empty() ? "" : "|";
    for (std::size_t i = 0; i < phrase.words.size(); ++i) out += (i == 0 ? "" : " ") + phrase.words[i];
    out += phrase.prefix ? "*" : "";
  }
  return out;
}

TEST_CASE("words between blanks are each a phrase of their own", "[search]") {
  CHECK(taken("") == "");
  CHECK(taken(" \t\n") == "");
  CHECK(taken("Launch  plan\tÉlan") == "launch|plan|elan");
  CHECK(taken("a\u3000b\u00A0c") == "a|b|c");
  CHECK(taken("plan plan PLAN") == "plan");
}

TEST_CASE("quotes make a phrase, a star a prefix", "[search]") {
  CHECK(taken(R"("launch plan" x)") == "launch plan|x");
  CHECK(taken(R"(x"launch plan"y)") == "x|launch plan|y");
  CHECK(taken(R"("launch plan)") == "launch|plan");
  CHECK(taken(R"("a" "b)") == "a|b");
  CHECK(taken(R"("" """")") == "");
  CHECK(taken("lau* plan") == "lau*|plan");
  CHECK(taken("lau *plan pl*an") == "lau|plan|pl an");
  CHECK(taken("big-lau*") == "big lau*");
  CHECK(taken(R"("lau*")") == "lau");
}

TEST_CASE("what is written without a blank is one phrase", "[search]") {
  CHECK(taken("launch-plan a.b@c") == "launch plan|a b c");
  CHECK(taken("全文検索 x") == "全 文 検 索|x");
}

TEST_CASE("a Korean word is a prefix, because particles are written behind it; quotes keep it as it is", "[search]") {
  CHECK(taken("서울") == "서울*");
  CHECK(taken("서울 meeting") == "서울*|meeting");
  CHECK(taken("2024년") == "2024 년*");
  CHECK(taken(R"("서울")") == "서울");
  CHECK(taken("東京") == "東 京");
}

TEST_CASE("C++ is a phrase that C is not", "[search]") {
  CHECK(taken("C++ C") == "c ＋＋|c");
  CHECK(taken(R"(C# ".NET" asp.net)") == "c ＃|． net|asp net");
}

TEST_CASE("every operator of every search language is literal", "[search]") {
  CHECK(taken("cats AND dogs OR NOT mice") == "cats|and|dogs|or|not|mice");
  CHECK(taken("NEAR(a b, 5)") == "near a|b|5");
  CHECK(taken("tenant_id:t_other env:prod") == "tenant id t other|env prod");
  CHECK(taken("terms : x - y ^z +w {a b}") == "terms|x|y|z|w|a|b");
  CHECK(taken("a' OR 1=1; DROP TABLE cards; --") == "a|or|1 1|drop|table|cards");
  CHECK(taken("* ** ^ : - \" ( ) \\ % _") == "");
  CHECK(taken("1wsecret 2tabc") == "1wsecret|2tabc");
}

}  // namespace
}  // namespace nexus::domain
