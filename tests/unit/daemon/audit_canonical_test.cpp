// Canonical JSON, judged by its bytes: the scanner and the writer must agree on every text.
#include "daemon/audit/canonical.hpp"

#include <random>

#include "daemon/base/json.hpp"
#include "tests/catch.hpp"

using namespace nexus;
using namespace nexus::audit;

namespace {

bool is_canonical(std::string_view text) { return !text.empty() && canonical_length(text) == text.size(); }

Json random_value(std::mt19937& random, int depth) {
  switch (random() % (depth > 3 ? 5 : 7)) {
    case 0:
      return nullptr;
    case 1:
      return random() % 2 == 0;
    case 2:
      return static_cast<std::int64_t>(random()) - (1 << 30);
    case 3:
    case 4: {
      std::string text;
      for (unsigned i = random() % 20; i-- > 0;) text += static_cast<char>(random() % 128);
      return random() % 3 == 0 ? text + "\u00e9\u20ac\U0001F600" : text;
    }
    case 5: {
      Json list = Json::array();
      for (unsigned i = random() % 4; i-- > 0;) list.push_back(random_value(random, depth + 1));
      return list;
    }
    default: {
      Json object = Json::object();
      for (unsigned i = random() % 4; i-- > 0;)
        object[std::string(1 + random() % 3, static_cast<char>(random() % 128))] = random_value(random, depth + 1);
      return object;
    }
  }
}

}  // namespace

TEST_CASE("what is not canonical is seen", "[audit]") {
  for (const char* text : {"{}", "[]", "null", "0", "-1", "9007199254740991", R"("\u001f\n\"\\")",
                           R"({"a":1,"b":[true]})", "\"\u00e9\U0001F600\""}) {
    INFO(text);
    CHECK(is_canonical(text));
  }
  for (const char* text : {"",
                           " {}",
                           "{ }",
                           "[1, 2]",
                           "01",
                           "-0",
                           "1.0",
                           "1e3",
                           "9007199254740992",
                           "-9007199254740992",
                           R"({"b":1,"a":2})",
                           R"({"a":1,"a":2})",
                           R"("\u001F")",
                           R"("\u000a")",
                           R"("\u0041")",
                           R"("\/")",
                           "\"a",
                           "tru",
                           "{\"a\":}",
                           "\"\x1f\"",
                           "\"\xc0\x80\"",
                           "\"\xed\xa0\x80\"",
                           "\"\xf4\x90\x80\x80\"",
                           "\"\xff\"",
                           "[1,]",
                           "{,}"}) {
    INFO(text);
    CHECK(!is_canonical(text));
  }
}

TEST_CASE("whatever is written canonically is read as canonical", "[audit]") {
  std::mt19937 random(7);
  for (int i = 0; i < 5000; ++i) {
    const std::string text = canonical(random_value(random, 0));
    INFO(text);
    REQUIRE(is_canonical(text));
  }
}

TEST_CASE("deep nesting ends, and is refused", "[audit]") {
  CHECK(!is_canonical(std::string(100000, '[')));
  CHECK(!is_canonical(std::string(100, '[') + std::string(100, ']')));
}

TEST_CASE("a changed byte is never read as another canonical text of the same meaning", "[audit]") {
  std::mt19937 random(11);
  for (int i = 0; i < 2000; ++i) {
    std::string text = canonical(random_value(random, 0));
    const Json before = parse_own_json(text);
    text[random() % text.size()] ^= static_cast<char>(1 << (random() % 8));
    if (!is_canonical(text)) continue;
    INFO(text);
    REQUIRE(parse_own_json(text) != before);
  }
}
