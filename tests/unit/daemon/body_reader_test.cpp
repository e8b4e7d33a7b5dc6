// Query and body as JSON, and the assertions of tenant and env: compared with the context, never a source.
#include "daemon/http/input.hpp"

#include "daemon/base/problem.hpp"
#include "tests/catch.hpp"

namespace nexus::http {
namespace {

template <class Act>
std::string code_of(Act act) {
  try {
    act();
  } catch (const Problem& problem) {
    return std::string(info(problem.code).code);
  }
  return {};
}

Caller caller_in(std::string_view tenant, std::optional<Env> env) {
  Caller caller;
  caller.tenant_id = TenantId::parse(tenant);
  caller.env_id = env;
  return caller;
}

bool agrees(std::string_view text, std::optional<Env> env = Env::staging) {
  Json json = parse_json(text);
  return take_assertions(json, caller_in("t_acme", env));
}

TEST_CASE("a query becomes an object of texts") {
  CHECK(parse_query("") == Json::object());
  CHECK(parse_query("a=1&b=x%20y&c=x+y&d=&e&f=a=b") ==
        Json({{"a", "1"}, {"b", "x y"}, {"c", "x y"}, {"d", ""}, {"e", ""}, {"f", "a=b"}}));
  CHECK(parse_query("&&a=1&") == Json({{"a", "1"}}));
  CHECK(parse_query("%C3%A9=%2B%26%3D") == Json({{"é", "+&="}}));
}

TEST_CASE("a query that is not percent-encoded UTF-8 is malformed") {
  for (const auto* query : {"a=%", "a=%4", "a=%zz", "%00=1", "a=%00", "a=%FF", "a=%C3", "a=%ED%A0%80"}) {
    INFO(query);
    CHECK(code_of([&] { parse_query(query); }) == "request.malformed");
  }
}

TEST_CASE("a parameter sent twice is refused, however it is spelt") {
  CHECK(code_of([] { parse_query("limit=1&limit=1"); }) == "validation.failed");
  CHECK(code_of([] { parse_query("limit=1&%6Cimit=2"); }) == "validation.failed");
}

TEST_CASE("a body is one strict JSON value") {
  CHECK(parse_body(R"({"a":[1,true,null,"é"]})") == Json({{"a", {1, true, nullptr, "é"}}}));
  for (const std::string body :
       {"", " ", "{", "{}{}", "{\"a\":1,\"a\":2}", "{\"a\":NaN}", "{\"a\":1e400}", "{'a':1}", "{\"a\":1,}", "[1 2]",
        "{\"a\":\"\xFF\"}", "{\"a\":\"\xED\xA0\x80\"}", "{\"a\":\"\\ud800\"}", "// a\n{}"}) {
    INFO(body);
    CHECK(code_of([&] { parse_body(body); }) == "request.invalid_json");
  }
}

TEST_CASE("nesting of 32 is read and of 33 is not") {
  CHECK(code_of([] { parse_body(std::string(32, '[') + std::string(32, ']')); }).empty());
  CHECK(code_of([] { parse_body(std::string(33, '[') + std::string(33, ']')); }) == "request.invalid_json");
  CHECK(code_of([] { parse_body(std::string(100'000, '[')); }) == "request.invalid_json");
}

TEST_CASE("an assertion that equals the context is taken away and agrees") {
  Json json = {{"tenant_id", "T_Acme"}, {"env", "STAGE"}, {"title", "x"}};
  CHECK(take_assertions(json, caller_in("t_acme", Env::staging)));
  CHECK(json == Json({{"title", "x"}}));
}

TEST_CASE("an assertion that differs is taken away and disagrees") {
  Json json = {{"tenant_id", "t_other"}, {"title", "x"}};
  CHECK_FALSE(take_assertions(json, caller_in("t_acme", Env::staging)));
  CHECK(json == Json({{"title", "x"}}));
  CHECK_FALSE(agrees(R"({"env":"prod"})"));
  CHECK_FALSE(agrees(R"({"env":"nowhere"})"));
  CHECK_FALSE(agrees(R"({"env":""})"));
  CHECK_FALSE(agrees(R"({"tenant_id":"t_acme","env":"dev"})"));
  CHECK_FALSE(agrees(R"({"tenant_id":"t_unknown","env":"staging"})"));
}

TEST_CASE("an assertion that is no text disagrees") {
  for (const auto* body : {R"({"tenant_id":null})", R"({"tenant_id":1})", R"({"env":["staging"]})", R"({"env":{}})"}) {
    INFO(body);
    CHECK_FALSE(agrees(body));
  }
}

TEST_CASE("each element of a batch may assert, and one that differs is enough") {
  CHECK(agrees(R"([{"tenant_id":"t_acme"},{"env":"stage"},{},1])"));
  CHECK_FALSE(agrees(R"([{"tenant_id":"t_acme"},{"tenant_id":"t_other"},{"tenant_id":"t_acme"}])"));
}

TEST_CASE("a nested member of the same name is data, not an assertion") {
  Json json = {{"metadata", {{"tenant_id", "t_other"}, {"env", "prod"}}}};
  const Json before = json;
  CHECK(take_assertions(json, caller_in("t_acme", Env::staging)));
  CHECK(json == before);
}

TEST_CASE("a route without env takes any valid env as no contradiction") {
  CHECK(agrees(R"({"env":"prod"})", std::nullopt));
  CHECK_FALSE(agrees(R"({"env":"nowhere"})", std::nullopt));
}

}  // namespace
}  // namespace nexus::http
