// Cards taken apart: what a header may hold, where the body begins, and what hostile texts come to.
#include "daemon/domain/card_text.hpp"

#include <random>
#include <utility>
#include <vector>

#include "daemon/base/problem.hpp"
#include "daemon/model/problems.hpp"
#include "tests/catch.hpp"

namespace nexus::domain {
namespace {

std::string body_of(const std::string& text) {
  const CardText card = parse_card_text(text);
  return text.substr(static_cast<std::size_t>(card.body_at), static_cast<std::size_t>(card.body_bytes));
}

/// The refusal's first pointer and its detail.
std::string fault_of(const std::string& text) {
  try {
    parse_card_text(text);
  } catch (const Problem& problem) {
    if (problem.code != problems::validation_failed || problem.errors.empty()) return "another problem";
    return problem.errors[0].pointer + " " + problem.errors[0].detail;
  }
  return "none";
}

Json header_of(const std::string& yaml) { return parse_card_text("card_type: t\n" + yaml + "\n---\n").header; }

TEST_CASE("a header may begin with its own separator, and only the first after it ends it") {
  CHECK(body_of("card_type: a\n---\nbody") == "body");
  CHECK(body_of("---\ncard_type: a\n---\nbody\n---\nmore\n") == "body\n---\nmore");
  CHECK(body_of("---\r\ncard_type: a\r\n---\r\n\r\n  body \r\n\r\n") == "body");
  CHECK(body_of("\xEF\xBB\xBF---\ncard_type: a\n---\nx") == "x");
  CHECK(body_of("card_type: a\n---") == "");
  CHECK(body_of("card_type: a\n---\n \n\t\n") == "");
  CHECK(body_of("card_type: a\nb: >\n  ---\n---\nbody") == "body");
}

TEST_CASE("scalars of a header are those of YAML's core schema") {
  const Json header = header_of(
      "a: 12\nb: -3\ne: 1.5\nf: 0.5\nh: true\ni: ~\nj:\nk: '12'\nl: 2026-11-26\nm: yes\nn: 18446744073709551615\n"
      "o: -9223372036854775808\np: [1, two, {q: false}]\nr: |\n  line\n  line\ns: 1.2.3\nt: 1:30\nu: 1_000\n");
  CHECK(header["a"] == 12);
  CHECK(header["b"] == -3);
  CHECK(header["e"] == 1.5);
  CHECK(header["f"] == 0.5);
  CHECK(header["h"] == true);
  CHECK(header["i"].is_null());
  CHECK(header["j"].is_null());
  CHECK(header["k"] == "12");
  CHECK(header["l"] == "2026-11-26");
  CHECK(header["m"] == "yes");
  CHECK(header["n"] == 18446744073709551615U);
  CHECK(header["o"] == INT64_MIN);
  CHECK(header["p"] == parse_own_json(R"([1,"two",{"q":false}])"));
  CHECK(header["r"] == "line\nline\n");
  CHECK(header["s"] == "1.2.3");
  CHECK(header["t"] == "1:30");
  CHECK(header["u"] == "1_000");
}

TEST_CASE("a number that would not be kept as it is written is refused, and the field is named") {
  for (const char* number :
       {"1.10", "02700", "1234567e8", "18446744073709551616", "-9223372036854775809", "+7", "-0", ".5", "5.", "1e3",
        "0x1F", "0o17", "1e400", "1e-400", "0.12345678901234567", ".inf", "-.INF", ".nan"}) {
    INFO(number);
    const std::string why = "a number that would not be kept as it is written: quote it";
    CHECK(fault_of("card_type: a\nb: " + std::string(number) + "\n---\n") == "/header/b line 2, column 4: " + why);
    CHECK(fault_of("card_type: a\nb/c:\n- [x, {d: " + std::string(number) + "}]\n---\n") ==
          "/header/b~1c/0/1/d line 3, column 11: " + why);
    CHECK(header_of("b: '" + std::string(number) + "'")["b"] == number);
    CHECK(header_of(std::string(number) + ": x")[number] == "x");
  }
}

TEST_CASE("what people write in headers is taken") {
  CHECK(header_of("links: [https://e.example/?a=1, http://e.example/#x]")["links"] ==
        Json::array({"https://e.example/?a=1", "http://e.example/#x"}));
  CHECK(header_of("title: \"\\ud83d\\ude00 \\/\"")["title"] == "\xF0\x9F\x98\x80 /");
  CHECK(header_of("a: 1\n\t\nb: {c: d, \"e\":f}\n\t# a comment\n")["b"] == Json({{"c", "d"}, {"e", "f"}}));
  CHECK(header_of("\"a: b\": x\n'it''s': y")["it's"] == "y");
  CHECK(header_of("? a long key\n: x")["a long key"] == "x");
  CHECK(header_of("a: b\r\nc:\r\n  - d\r")["c"] == Json::array({"d"}));
}

using Refusals = std::vector<std::pair<std::string, std::string>>;  // a card, and how its fault begins

void check_refusals(const Refusals& refusals) {
  for (const auto& [text, fault] : refusals) {
    INFO(text);
    CHECK(fault_of(text).substr(0, fault.size()) == fault);
  }
}

TEST_CASE("what a header may not hold is named with its line and column") {
  check_refusals({
      {"card_type: a\nb: &x 1\n---\n", "/header line 2, column 4: anchors are not taken"},
      {"---\ncard_type: a\nb: *x\n---\n", "/header line 3, column"},
      {"card_type: a\nb: !!str 1\n---\n", "/header line 2, column 4: tags are not taken"},
      {"card_type: a\nb: !x [1]\n---\n", "/header line 2, column 4: tags are not taken"},
      {"card_type: a\nb: 1\nb: 2\n---\n", "/header line 3, column 1: the same key stands there twice"},
      {"card_type: a\nb: {c: 1, c: 2}\n---\n", "/header line 2, column 11: the same key stands there twice"},
      {"card_type: a\n? [1]\n: 2\n---\n",
       "/header line 2, column 3: a key is text, never a list, a mapping or nothing"},
      {"card_type: a\n~: 2\n---\n", "/header line 2, column 1: a key is text"},
      {"card_type: a\nmax_upload 5\n---\n", "/header line 2, column 1: `key: value` was expected"},
      {"card_type: a\nmax_upload:5\nc: d\n---\n", "/header line 2, column 1: `key: value` was expected"},
      {"card_type: a\nfloor=10\n---\n", "/header line 2, column 1: `key: value` was expected"},
      {"---\nmax_upload 5\ncard_type: a\n---\n", "/header line 2, column 1: `key: value` was expected"},
      {"floor=10\n---\n", "/header line 1, column 1: a header is a mapping"},
      {"card_type: a\nb: c: d\n---\n", "/header line 2, column 5: a colon and a blank stand behind a key only"},
      {"card_type: a\nb: \"\\ud83d\"\n---\n", "/header line 2, column 5: the escape is no character"},
      {"card_type: a\nb: \"\\ud83dx\"\n---\n", "/header line 2, column 5: the escape is no character"},
      {"card_type: a\nb: \"\\ude00\\ud83d\"\n---\n", "/header line 2, column 5: the escape is no character"},
      {"card_type: a\nb: \"\\ud83d\\u0041\"\n---\n", "/header line 2, column 5: half of a surrogate pair"},
      {"card_type: a\n" + std::string(1025, 'k') + ": 1\n---\n",
       "/header line 2, column 1: a key has at most 1024 bytes"},
      {"card_type: a\nb: \xEF\xBF\xBE\n---\n",
       "/header line 2, column 4: control characters are not taken: write \\ufffe"},
      {"card_type: a\nb: \xC2\x9B\n---\n", "/header line 2, column 4: control characters are not taken: write \\x9b"},
      {"card_type: a\nb: \xFF\n---\n", "/header line 1, column 1: is not UTF-8"},
      {"%YAML 1.2\n--- \ncard_type: a\n---\n", "/header line 1, column 1: directives are not taken"},
      {"card_type: a\nb: x\x04\nc: [\n---\n",
       "/header line 2, column 5: control characters are not taken: write \\x04"},
      {"---\ncard_type: a\n\x7F\n---\n", "/header line 3, column 1: control characters are not taken: write \\x7f"},
      {"card_type: a\nb: !!str ~\n---\n", "/header line 2, column 4: tags are not taken"},
      {"card_type: a\nb: [1, 2\n---\n", "/header line 2, column 4: this bracket is never closed"},
      {"card_type: a\n\tb: 1\n---\n", "/header line 2, column 2: a tab does not indent"},
  });
}

TEST_CASE("what is no card is named") {
  check_refusals({
      {"- card_type\n---\n", "/header line 1, column 1: a header is a mapping"},
      {"text\n---\n", "/header line 1, column 1: a header is a mapping"},
      {"card_type: a\n...\nb: 1\n---\n", "/header line 3, column 1: a header is one document"},
      {"b: 1\n---\n", "/header/card_type is missing"},
      {"---\n---\nbody", "/header/card_type is missing"},
      {"card_type: 7\n---\n", "/header/card_type must be"},
      {"card_type: Upper\n---\n", "/header/card_type must be"},
      {"card_type: a-b\n---\n", "/header/card_type must be"},
      {"card_type: " + std::string(65, 'a') + "\n---\n", "/header/card_type must be"},
      {"card_type: a\nversion: 1.0\n---\n", "/header/version must be"},
      {"card_type: a\nversion: ''\n---\n", "/header/version must be"},
      {"card_type: a\nbody without a separator\n", " is no card"},
      {"---\ncard_type: a\n--- \nbody\n",
       " is no card, which is a YAML header, a line --- and a text: line 3 has blanks beside its ---"},
      {"card_type: a\n\t---\r\nbody\n",
       " is no card, which is a YAML header, a line --- and a text: line 2 has blanks beside its ---"},
      {"", " is no card"},
      {"---\n", " is no card"},
      {std::string("card_type: a\0b\n---\n", 19), " must not hold U+0000"},
  });
}

TEST_CASE("control characters stand in a body, and escaped in a header") {
  CHECK(body_of("card_type: a\n---\nx\x04y") == "x\x04y");
  CHECK(header_of("b: \"\\x04\"")["b"] == "\x04");
}

TEST_CASE("a fault never repeats what was sent") {
  CHECK(fault_of("card_type: a\nb: *sekret\n---\n").find("sekret") == std::string::npos);
  CHECK(fault_of("card_type: a\nb: \"\\sekret\"\n---\n").find("sekret") == std::string::npos);
}

TEST_CASE("a header is bounded in bytes and depth, at the limit and beyond it") {
  const auto nested = [](int depth) {
    return "card_type: a\nb: " + std::string(depth, '[') + std::string(depth, ']') + "\n---\n";
  };
  CHECK(fault_of(nested(15)) == "none");  // the mapping itself is the first level
  CHECK(fault_of(nested(16)).find("nested more than 16 deep") != std::string::npos);
  CHECK(fault_of(nested(10'000)).find("nested more than 16 deep") != std::string::npos);
  const std::string start = "card_type: a\nb: ";
  const auto sized = [&](std::size_t bytes) { return start + std::string(bytes - start.size() - 1, 'x') + "\n---\n"; };
  CHECK(fault_of(sized(32 * 1024)) == "none");
  CHECK(fault_of(sized(32 * 1024 + 1)).find("at most 32768 bytes") != std::string::npos);
}

TEST_CASE("no mangled header does worse than be refused") {
  const std::string seed =
      "---\ncard_type: note\ntitle: \"a \\u00e9\"\nlist: [1, {a: b}, 'c']\nnested:\n  - x: 1\n    y: |\n      text\n"
      "version: '2'\n---\nbody\n";
  const std::string alphabet = "-:[]{}&*!|>'\"%@`#,?\n\t \\~0x.e\r\xC3\xA9";
  std::mt19937 random(20261126);
  for (int round = 0; round < 20'000; ++round) {
    std::string text = seed;
    for (auto changes = random() % 6 + 1; changes > 0; --changes) {
      const std::size_t at = random() % text.size();
      if (random() % 2)
        text[at] = alphabet[random() % alphabet.size()];
      else if (random() % 2)
        text.insert(at, text.substr(random() % text.size(), random() % 20));
      else
        text.erase(at, random() % 4 + 1);
      if (text.empty()) text = "x";
    }
    try {
      const CardText card = parse_card_text(text);
      REQUIRE(card.body_at + card.body_bytes <= static_cast<std::int64_t>(text.size()));
    } catch (const Problem& problem) {
      REQUIRE(problem.code == problems::validation_failed);
    }
  }
}

}  // namespace
}  // namespace nexus::domain
