// The reader of card headers on the YAML test suite (tests/fixtures/suites): 402 texts. What is invalid is refused with
// its line; what is valid comes to the suite's own JSON, or is one of the forms of YAML that headers do not take.
#include <fstream>
#include <iostream>
#include <map>
#include <sstream>
#include <vector>

#include "daemon/base/problem.hpp"
#include "daemon/domain/card_text.hpp"
#include "daemon/domain/yaml.hpp"
#include "daemon/limits.hpp"
#include "tests/catch.hpp"

namespace nexus::domain {
namespace {

/// Valid texts that we refuse: the reason, and the ids of the suite. A key is text because JSON's are; the rest would
/// let a header expand, name a type, or hold more than one value.
const std::map<std::string, std::string> kOurRefusals = {
    {"a header is one document", "6XDY 6ZKB 7Z25 9DXL JHB9 KSS4 L383 M7A3 PUW8 RZT7 U9NS UT92"},
    {"a key is text, never a list, a mapping or nothing",
     "2JQS 4FJ6 6PBE 9MMW CFD4 DFF7 FRK4 KK5P LX3P M2N8/00 M2N8/01 M5DY NHX8 NKF9 Q9WF RZP5 S3PD SBG9 "
     "SM9W/01 UKK6/00 V9D5 XW4D"},
    {"anchors are not taken",
     "26DV 2SXE 3GZX 3R3P 6BFJ 6KGN 6M2F 7BMT 7BUB 8XYN 9KAX BU8L CN3R E76Z F2C7 FTA2 JS2J PW8X SKE5 U3XV "
     "V55R W5VH X38W Y2GN ZH7C ZWK4"},
    {"directives are not taken",
     "27NA 2LFX 5TYM 6CK3 6LVF BEC7 C4HZ CC74 DK95/07 MUS6/02 MUS6/03 MUS6/04 MUS6/05 MUS6/06 P76L RTP8 "
     "U3C3 W4TN Z9M4"},
    {"tags are not taken",
     "2AUY 2XXW 33X3 35KP 52DL 565N 57H4 6JWB 6WLZ 735Y 74H7 7FWL 8MK2 9WXW CUP7 EHF6 FH7J HMQ5 J7PZ L94M "
     "LE5A M5C3 S4JQ UGM3 UKK6/02 WZ62 Z67P"},
};

std::vector<Json> yaml_suite() {
  std::ifstream file(NEXUS_SOURCE_DIR "/tests/fixtures/suites/yaml.jsonl");
  std::vector<Json> cases;
  for (std::string line; std::getline(file, line);) cases.push_back(parse_own_json(line));
  return cases;
}

/// The refusal, or "".
std::string refusal_of_yaml(const std::string& text) {
  try {
    read_yaml(text, limits::card_header_depth_max);
  } catch (const YamlFault& fault) {
    CHECK(fault.place.line >= 1);
    CHECK(fault.place.column >= 1);
    return fault.what();
  }
  return "";
}

std::string our_refusal(const std::string& id) {
  for (const auto& [why, ids] : kOurRefusals)
    if ((" " + ids + " ").find(" " + id + " ") != std::string::npos) return why;
  return "";
}

TEST_CASE("the YAML test suite: invalid texts are refused, valid ones come to its JSON", "[cards][yaml][suite]") {
  std::map<std::string, int> counts;
  for (const Json& test : yaml_suite()) {
    const std::string id = test.at("id"), text = test.at("yaml");
    INFO(id << "\n" << text);
    const std::string refusal = refusal_of_yaml(text);
    if (test.contains("fail")) {
      CHECK(refusal != "");
      ++counts["invalid"];
    } else {
      CHECK(refusal == our_refusal(id));
      if (refusal.empty() && test.contains("json"))
        CHECK(read_yaml(text, limits::card_header_depth_max).value == test.at("json"));
      ++counts[refusal.empty() ? "taken" : "ours to refuse"];
    }
  }
  CHECK(counts == std::map<std::string, int>{{"invalid", 94}, {"taken", 202}, {"ours to refuse", 106}});
  std::cout << "counted: the YAML test suite: " << counts["invalid"] << " invalid texts refused, " << counts["taken"]
            << " valid ones taken, " << counts["ours to refuse"] << " ours to refuse\n";
}

/// What a card with this header is refused for. None of the suite's headers names a card_type.
std::string refusal_of_card(const std::string& header) {
  try {
    parse_card_text(header + (header.ends_with('\n') ? "" : "\n") + "---\nbody\n");
  } catch (const Problem& problem) {
    return problem.errors.at(0).pointer + " " + problem.errors.at(0).detail;
  }
  return "none";
}

bool has_separator(const std::string& text) { return ("\n" + text + "\n").find("\n---\n") != std::string::npos; }

TEST_CASE("the YAML test suite as headers of cards: a refusal tells line and column", "[cards][yaml][suite]") {
  int cases = 0;
  for (const Json& test : yaml_suite()) {
    const std::string text = test.at("yaml");
    if (has_separator(text)) continue;
    INFO(test.at("id") << "\n" << text);
    const bool refused = !refusal_of_yaml(text).empty();
    const Json value = refused ? Json() : read_yaml(text, limits::card_header_depth_max).value;
    const bool header = !refused && (value.is_object() || value.is_null());
    const std::string begin = header ? "/header/card_type is missing" : "/header line ";
    CHECK(refusal_of_card(text).substr(0, begin.size()) == begin);
    ++cases;
  }
  CHECK(cases == 296);
  std::cout << "counted: the YAML test suite as headers of cards: " << cases << "\n";
}

}  // namespace
}  // namespace nexus::domain
