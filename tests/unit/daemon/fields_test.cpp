// Fields and their faults: every kind at its limits, unknown members named, nothing sent ever repeated.
#include "daemon/model/fields.hpp"

#include <functional>

#include "daemon/model/problems.hpp"
#include "tests/catch.hpp"

namespace nexus::model {
namespace {

/// The problem that reading `text` as the body (or the query) raises; nothing when it raises none.
std::optional<Problem> problem_of(std::string_view text, const std::function<void(Fields&)>& read,
                                  const std::string& pointer = "") {
  const Json json = parse_json(text);
  Faults faults;
  Fields fields(json, pointer, faults);
  read(fields);
  fields.finish();
  try {
    faults.raise();
  } catch (const Problem& problem) {
    return problem;
  }
  return std::nullopt;
}

/// `pointer detail` of the only fault; empty when there is none.
std::string fault_of(std::string_view text, const std::function<void(Fields&)>& read, const std::string& pointer = "") {
  const auto problem = problem_of(text, read, pointer);
  if (!problem) return {};
  REQUIRE(problem->errors.size() == 1);
  return problem->errors[0].pointer + " " + problem->errors[0].detail;
}

TEST_CASE("a required member that is absent or null is named") {
  const auto read = [](Fields& fields) { fields.text("name"); };
  CHECK(fault_of("{}", read) == "/name is required");
  CHECK(fault_of(R"({"name":null})", read) == "/name is required");
  CHECK(fault_of(R"({"name":"a"})", read).empty());
  CHECK(fault_of("{}", [](Fields& fields) { fields.integer("n", 0, 1); }) == "/n is required");
}

TEST_CASE("a number that is whole is a whole number, however it is written") {
  const auto read = [](std::int64_t want) {
    return [want](Fields& fields) { CHECK(fields.integer("n", -1'000'000, 1LL << 60) == want); };
  };
  CHECK(fault_of(R"({"n":10.0})", read(10)).empty());
  CHECK(fault_of(R"({"n":1e6})", read(1'000'000)).empty());
  CHECK(fault_of(R"({"n":-2.5e1})", read(-25)).empty());
  CHECK(fault_of(R"({"n":9007199254740992.0})", read(9007199254740992)).empty());
  for (const auto* bad : {R"({"n":10.5})", R"({"n":1e-3})", R"({"n":1e17})", R"({"n":1e300})"}) {
    INFO(bad);
    CHECK_FALSE(fault_of(bad, read(0)).empty());
  }
}

TEST_CASE("a name is read in its normal form, and what is no plain name is named") {
  const auto read = [](std::string want, NameForm form) {
    return [want, form](Fields& fields) { CHECK(fields.name("a", {.min = 1, .max = 9}, form) == want); };
  };
  CHECK(fault_of(R"({"a":" Ab\u00a0"})", read("Ab", NameForm::name)).empty());
  CHECK(fault_of(R"({"a":"\uff2fpenAI\t"})", read("openai", NameForm::any_case)).empty());
  CHECK(fault_of(R"({"a":" a b "})", read("a b", NameForm::label)).empty());
  CHECK(fault_of("{}", read("", NameForm::name)) == "/a is required");
  for (const auto* bad : {R"({"a":"a b"})", R"({"a":"a\u200bb"})", R"({"a":"  "})", R"({"a":"a\u0007"})"}) {
    INFO(bad);
    CHECK(fault_of(bad, read("", NameForm::name)) ==
          "/a must be a plain name: no white space, control or invisible characters inside");
  }
  CHECK(fault_of(R"({"a":"\ufdfa"})", read("", NameForm::label)).starts_with("/a must be a text of 1 to 9"));
}

TEST_CASE("U+0000 is found wherever a text stands, and its place is named") {
  const auto faults_of = [](const Json& json) {
    Faults faults;
    refuse_nul(json, "", faults);
    std::string out;
    try {
      faults.raise();
    } catch (const Problem& problem) {
      for (const auto& error : problem.errors) out += error.pointer + ";";
    }
    return out;
  };
  const std::string nul("a\0b", 3);
  CHECK(faults_of({{"a", "b"}, {"c", {1, "d", {{"e", nullptr}}}}}).empty());
  CHECK(faults_of({{"a", nul}}) == "/a;");
  CHECK(faults_of({{"a", {"x", {{"b/c", nul}}}}, {"d", Json::array({nul})}}) == "/a/1/b~1c;/d/0;");
  CHECK(faults_of({{"a", {{nul, 1}}}}) == "/a;");
}

TEST_CASE("an optional member may be absent or null") {
  const auto read = [](Fields& fields) {
    CHECK_FALSE(fields.optional_text("a"));
    CHECK_FALSE(fields.optional_integer("b", 0, 1));
    CHECK_FALSE(fields.optional_boolean("c"));
    CHECK_FALSE(fields.optional_time("d"));
    CHECK_FALSE(fields.optional_object("e", 10));
    CHECK_FALSE(fields.optional_sha256("f"));
  };
  CHECK(fault_of("{}", read).empty());
  CHECK(fault_of(R"({"a":null,"b":null,"c":null,"d":null,"e":null,"f":null})", read).empty());
}

TEST_CASE("a text is judged by its bytes at both ends of its range") {
  const auto read = [](Fields& fields) { fields.text("a", {.min = 2, .max = 4}); };
  CHECK(fault_of(R"({"a":"1"})", read) == "/a must be a text of 2 to 4 bytes");
  CHECK(fault_of(R"({"a":"12"})", read).empty());
  CHECK(fault_of(R"({"a":"éé"})", read).empty());
  CHECK_FALSE(fault_of(R"({"a":"ééx"})", read).empty());
  CHECK_FALSE(fault_of(R"({"a":12})", read).empty());
}

TEST_CASE("an integer is taken at its limits and refused beyond them") {
  const auto read = [](Fields& fields) { fields.integer("n", -3, 200); };
  for (const auto* good : {R"({"n":-3})", R"({"n":0})", R"({"n":200})"}) CHECK(fault_of(good, read).empty());
  for (const auto* bad :
       {R"({"n":-4})", R"({"n":201})", R"({"n":1e3})", R"({"n":1.5})", R"({"n":"5"})", R"({"n":true})",
        R"({"n":9223372036854775808})", R"({"n":18446744073709551615})", R"({"n":[]})"}) {
    INFO(bad);
    CHECK(fault_of(bad, read) == "/n must be a whole number from -3 to 200");
  }
}

TEST_CASE("the widest integers are read exactly") {
  const auto read = [](Fields& fields) {
    CHECK(fields.integer("low", INT64_MIN, INT64_MAX) == INT64_MIN);
    CHECK(fields.integer("high", INT64_MIN, INT64_MAX) == INT64_MAX);
  };
  CHECK(fault_of(R"({"low":-9223372036854775808,"high":9223372036854775807})", read).empty());
}

TEST_CASE("a query has texts alone, so its numbers and booleans are read from text") {
  const auto read = [](Fields& fields) {
    fields.optional_integer("limit", 1, 200);
    fields.optional_boolean("all");
  };
  for (const auto* good : {R"({"limit":"200","all":"true"})", R"({"limit":"10.0"})", R"({"limit":"1e2"})"}) {
    INFO(good);
    CHECK(fault_of(good, read, "/query").empty());
  }
  for (const auto* bad :
       {R"({"limit":"201"})", R"({"limit":"0"})", R"({"limit":""})", R"({"limit":"1 "})", R"({"limit":"+1"})",
        R"({"limit":"0x1"})", R"({"limit":"99999999999999999999"})", R"({"limit":"1.5"})", R"({"limit":" 1"})",
        R"({"limit":"1e3"})", R"({"limit":"true"})", R"({"limit":"[1]"})", R"({"limit":"NaN"})"}) {
    INFO(bad);
    CHECK(fault_of(bad, read, "/query") == "/query/limit must be a whole number from 1 to 200");
  }
  CHECK(fault_of(R"({"all":"yes"})", read, "/query") == "/query/all must be true or false");
  CHECK(fault_of(R"({"all":"true"})", read) == "/all must be true or false");
}

TEST_CASE("a time needs its zone") {
  const auto read = [](Fields& fields) { fields.optional_time("at"); };
  CHECK(fault_of(R"({"at":"2026-11-23T01:02:03Z"})", read).empty());
  CHECK(fault_of(R"({"at":"2026-11-23T01:02:03+02:00"})", read).empty());
  for (const auto* bad : {R"({"at":"2026-11-23T01:02:03"})", R"({"at":"2026-02-30T01:02:03Z"})", R"({"at":"today"})",
                          R"({"at":1})", R"({"at":""})"}) {
    INFO(bad);
    CHECK_FALSE(fault_of(bad, read).empty());
  }
}

TEST_CASE("choices, lists, objects and digests are judged whole") {
  const auto choice = [](Fields& fields) { fields.optional_choice("kind", {"a", "b"}); };
  CHECK(fault_of(R"({"kind":"b"})", choice).empty());
  CHECK(fault_of(R"({"kind":"B"})", choice) == "/kind must be one of a b");
  const auto list = [](Fields& fields) { fields.optional_texts("tags", 2, {.min = 1, .max = 3}); };
  CHECK(fault_of(R"({"tags":["a","abc"]})", list).empty());
  CHECK_FALSE(fault_of(R"({"tags":["a","b","c"]})", list).empty());
  CHECK_FALSE(fault_of(R"({"tags":["abcd"]})", list).empty());
  CHECK_FALSE(fault_of(R"({"tags":[""]})", list).empty());
  CHECK_FALSE(fault_of(R"({"tags":[1]})", list).empty());
  const auto object = [](Fields& fields) { fields.optional_object("meta", 7); };
  CHECK(fault_of(R"({"meta": {"a":1}})", object).empty());
  CHECK_FALSE(fault_of(R"({"meta":{"a":12}})", object).empty());
  CHECK_FALSE(fault_of(R"({"meta":[]})", object).empty());
}

TEST_CASE("a digest is 64 lower-case hex digits") {
  const auto read = [](Fields& fields) { fields.optional_sha256("sha256"); };
  const auto body = [](const std::string& digest) { return R"({"sha256":")" + digest + "\"}"; };
  CHECK(fault_of(body(std::string(64, 'a')), read).empty());
  for (const auto& bad : {std::string(63, 'a'), std::string(65, 'a'), std::string(64, 'A'), std::string(64, 'g')})
    CHECK(fault_of(body(bad), read) == "/sha256 must be a SHA-256 of 64 lower-case hex digits");
}

TEST_CASE("what nobody asked for is named and gives the code") {
  const auto problem = problem_of(R"({"viws":1,"a/b~c":2})", [](Fields& fields) { fields.text("views"); });
  REQUIRE(problem);
  CHECK(problem->code == problems::validation_unknown_field);
  REQUIRE(problem->errors.size() == 3);
  CHECK(problem->errors[0].pointer == "/views");
  CHECK(problem->errors[1].pointer == "/a~1b~0c");
  CHECK(problem->errors[2].pointer == "/viws");
  CHECK(problem->detail.find("2 more") != std::string::npos);
}

TEST_CASE("a body that is no object is one fault") {
  for (const auto* body : {"[]", "1", "\"a\"", "null"}) {
    INFO(body);
    CHECK(fault_of(body, [](Fields& fields) { fields.optional_text("a"); }) == " must be an object");
  }
}

TEST_CASE("no fault repeats a value that was sent") {
  const auto read = [](Fields& fields) {
    fields.integer("integer", 1, 2);
    fields.text("text", {.min = 1, .max = 3});
    fields.optional_choice("choice", {"a"});
    fields.optional_time("time");
    fields.optional_boolean("boolean");
    fields.optional_texts("texts", 1, {});
    fields.optional_object("object", 10);
    fields.optional_sha256("sha256");
  };
  const auto problem = problem_of(R"({"integer":"hush","text":"hush","choice":"hush","time":"hush","boolean":"hush",
                                      "texts":"hush","object":"hush","sha256":"hush","unknown":"hush"})",
                                  read);
  REQUIRE(problem);
  CHECK(problem->errors.size() == 9);
  CHECK(problem->detail.find("hush") == std::string::npos);
  for (const auto& error : problem->errors) CHECK(error.detail.find("hush") == std::string::npos);
}

}  // namespace
}  // namespace nexus::model
