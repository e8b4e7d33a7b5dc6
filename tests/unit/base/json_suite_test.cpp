// The strict parser on JSONTestSuite (tests/fixtures/suites): 318 texts. What it calls valid is taken, but for a key
// that stands twice. What it calls invalid is refused, and what it leaves to each parser is refused too.
#include <fstream>
#include <iostream>
#include <map>

#include "daemon/base/json.hpp"
#include "tests/catch.hpp"

namespace {

using namespace nexus;

/// The bytes of a case, which the file keeps as code points.
std::string bytes_of_case(const Json& line) {
  std::string bytes;
  const std::string text = line.at("bytes");
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto lead = static_cast<unsigned char>(text[i]);
    bytes +=
        static_cast<char>(lead < 0x80 ? lead : (lead & 3U) << 6U | (static_cast<unsigned char>(text[++i]) & 0x3FU));
  }
  std::string whole;
  for (int times = line.value("times", 1); times > 0; --times) whole += bytes;
  return whole;
}

bool is_taken(const std::string& text) {
  try {
    parse_json(text);
    return true;
  } catch (const JsonError&) {
    return false;
  }
}

TEST_CASE("JSONTestSuite: valid texts are taken, all others refused", "[json][suite]") {
  std::ifstream file(NEXUS_SOURCE_DIR "/tests/fixtures/suites/json.jsonl");
  std::map<char, int> cases;
  for (std::string line; std::getline(file, line);) {
    const Json test = parse_own_json(line);
    const std::string name = test.at("name");
    INFO(name);
    const bool twice = name.starts_with("y_object_duplicated_key");  // which of the two would count?
    CHECK(is_taken(bytes_of_case(test)) == (name.starts_with("y_") && !twice));
    ++cases[name[0]];
  }
  CHECK(cases == std::map<char, int>{{'i', 35}, {'n', 188}, {'y', 95}});
  std::cout << "counted: JSONTestSuite: " << cases['y'] << " valid texts, " << cases['n'] << " invalid, " << cases['i']
            << " as one likes\n";
}

TEST_CASE("a number is kept, or refused when its value would be lost", "[json]") {
  for (const char* kept :
       {"1.10", "100.0", "1e6", "-0", "18446744073709551615", "-9223372036854775808", "0.12345678901234567", "0.0e-999",
        "1.7976931348623157e308", "2.2250738585072014e-308", "5e-324"}) {
    INFO(kept);
    CHECK(is_taken(kept));
  }
  for (const char* lost : {"18446744073709551616", "-9223372036854775809", "123123123123123123123123", "1e309",
                           "-1e309", "1e-400", "-123.456e-789", "4.9e-324", "[{\"a\":[100000000000000000000]}]"}) {
    INFO(lost);
    CHECK_FALSE(is_taken(lost));
  }
}

}  // namespace
