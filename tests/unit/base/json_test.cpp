// Strict parsing and canonical text of JSON.
#include "daemon/base/json.hpp"

#include <chrono>
#include <limits>

#include "tests/catch.hpp"

using namespace nexus;

namespace {
std::string nested(std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); }
}  // namespace

TEST_CASE("strict JSON refuses what would let a field vanish or a parser differ") {
  const auto text = GENERATE(as<std::string>(), R"({"a":1,"a":2})", R"({"a":{"b":1,"b":1}})", "NaN", "[Infinity]",
                             "1e400", "-1e999", "{\"a\":\"\xff\"}", "\"\\ud800\"", "[1,]", "{\"a\":1} x", "", " ",
                             "{'a':1}", "[01]", "\"\x01\"", "nul", "[1 2]", "\xEF\xBB\xBF{}");
  CAPTURE(text);
  CHECK_THROWS_AS(parse_json(text), JsonError);
}

TEST_CASE("nesting is accepted at the limit and refused one past it") {
  CHECK_NOTHROW(parse_json(nested(kJsonDepthMax)));
  CHECK_THROWS_AS(parse_json(nested(kJsonDepthMax + 1)), JsonError);
}

TEST_CASE("the time of a strict parse grows with the length of the text alone") {
  std::string text = "[{}";
  while (text.size() < (1u << 20)) text += ",{}";
  const auto begin = std::chrono::steady_clock::now();
  CHECK(parse_json(text + "]").size() == text.size() / 3);
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(10));  // else minutes
}

TEST_CASE("a strict parse equals an ordinary parse of the same text") {
  const auto text = GENERATE(as<std::string>(), R"({"b":[1,{"c":null},"x"],"a":{"d":true,"e":[[],{}]},"f":-1.5e3})",
                             "[]", "\"text\"", "18446744073709551615", "{}", R"([{"a":[1]},{"a":[2]}])");
  CHECK(parse_json(text) == parse_own_json(text));
}

TEST_CASE("canonical text sorts keys, keeps no space and escapes as RFC 8785 does") {
  CHECK(canonical(parse_json("{\"b\": 1, \"a\": [true, null, \"\\u00e9\\n\\u0001\\\"\\\\/\"]}")) ==
        "{\"a\":[true,null,\"\xc3\xa9\\n\\u0001\\\"\\\\/\"],\"b\":1}");
  CHECK(canonical(Json(9007199254740991)) == "9007199254740991");
}

TEST_CASE("what cannot be hashed unambiguously has no canonical text") {
  CHECK_THROWS_AS(canonical(Json{{"a", 1.5}}), JsonError);
  CHECK_THROWS_AS(canonical(Json{{"a", 9007199254740992}}), JsonError);
  CHECK_THROWS_AS(canonical(Json{{"a", "\xff"}}), JsonError);
}

TEST_CASE("the text of a value is that of nlohmann's serializer, byte for byte") {
  std::string ascii, control_last = "a";
  for (char c = 0; c < 0x7F; ++c) ascii += c;
  control_last += '\x1f';
  const Json values = {nullptr,
                       true,
                       false,
                       0,
                       INT64_MIN,
                       UINT64_MAX,
                       0.1,
                       1e300,
                       -2.0,
                       "",
                       ascii,
                       control_last,
                       "\x7f \xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80",
                       Json::array(),
                       Json::object(),
                       {{"b", {1, {2, Json::array({Json::array()})}}}, {"a\n\"", {{"", Json::object()}}}},
                       std::numeric_limits<double>::infinity()};
  CHECK(to_text(values) == values.dump());
  for (const Json& value : values) CHECK(to_text(value) == value.dump());

  const Json broken = {"whole", "\xC3", "a\xFF\"b", "\xED\xA0\x80", "\xC0\x80"};
  CHECK(to_text(broken) == broken.dump(-1, ' ', false, Json::error_handler_t::replace));
  for (const Json& text : {broken[1], broken[2], broken[3], broken[4]}) CHECK_THROWS_AS(canonical(text), JsonError);
}

TEST_CASE("a text is appended in its canonical form") {
  for (int c = 0; c < 128; ++c)
    for (const std::string& text :
         {std::string(1, static_cast<char>(c)), "a" + std::string(1, static_cast<char>(c)) + "\u00e9"}) {
      std::string out = "x";
      append_canonical(out, text);
      CHECK(out == "x" + canonical(Json(text)));
    }
  std::string out;
  CHECK_THROWS_AS(append_canonical(out, "\xff"), JsonError);
  append_canonical(out, "");
  CHECK(out == "\"\"");
}

TEST_CASE("a byte is written alike wherever it stands in a text") {
  for (int byte = 0; byte < 256; ++byte)
    for (std::size_t at = 0; at < 19; ++at) {
      std::string text(19, 'a');
      text[at] = static_cast<char>(byte);
      const Json value = text;
      if (byte < 0x80) CHECK(text_size(value) == value.dump().size());
      CHECK(to_text(value) == value.dump(-1, ' ', false, Json::error_handler_t::replace));
    }
}

TEST_CASE("the size of a text is known without making it") {
  for (const Json& value :
       {Json(), Json(true), Json(-12), Json(18446744073709551615U), Json(0.1), Json(1e300), Json(""),
        Json("a\"b\\c/d\b\f\n\r\t\x01\x1f\x7f\xc3\xbc\xf0\x9f\x98\x80"), Json::array(), Json::object(),
        Json{1, "x", nullptr}, Json{{"a\n", {{"b", Json::array({1, 2.5, Json::object()})}}}, {"", "\xe2\x80\xa8"}}}) {
    INFO(to_text(value));
    CHECK(text_size(value) == to_text(value).size());
  }
}
