// Sweeps over every route: what is wrong with the request itself (404, 405, 413, 415, 400, 422, context assertions).
#include <algorithm>

#include "tests/api/expect.hpp"
#include "tests/api/routes.hpp"
#include "tests/catch.hpp"

namespace nexus::test {
namespace {

const Tenant& swept_tenant() {
  static const Tenant tenant = shared_world().new_tenant_with_members();
  return tenant;
}

Stage stage_for(const ApiRoute& route) {
  World& world = shared_world();
  return {world, swept_tenant(), route.line.access == "system" ? world.root() : swept_tenant().owner};
}

std::string path_of(const std::string& target) { return target.substr(0, target.find('?')); }

/// The methods offered at this path, as Allow lists them. A literal path has none of those of a parameter beside it.
std::set<std::string> offered(const std::vector<ApiRoute>& routes, const std::string& path) {
  const bool literal = std::ranges::find(routes, path, &ApiRoute::path) != routes.end();
  std::set<std::string> out;
  for (const auto& route : routes) {
    if (literal ? route.path != path : !path_fits(route.path, path)) continue;
    out.insert(route.method);
    if (route.method == "GET") out.insert("HEAD");
  }
  return out;
}

std::set<std::string> words(std::string list) {
  std::set<std::string> out;
  for (std::size_t comma = 0; !list.empty(); list.erase(0, comma)) {
    list.erase(0, list.find_first_not_of(", "));
    comma = std::min(list.find(','), list.size());
    out.insert(list.substr(0, comma));
  }
  return out;
}

std::string with_query(const std::string& target, const std::string& parameter) {
  return target + (target.find('?') == std::string::npos ? "?" : "&") + parameter;
}

/// The head of a request that states a body of so many bytes, and none of the bytes.
Answer state_length(const ApiRoute& route, const std::string& length) {
  const Stage stage = stage_for(route);
  const Filled filled = route.line.fill(stage);
  std::string head = route.method + " " + filled.target + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + length;
  for (const auto& [name, value] : good_headers(route, stage, filled)) head += "\r\n" + name + ": " + value;
  return parse_answer(raw_exchange(shared_world().daemon().port(), head + "\r\n\r\n", "\"type\":"));
}

}  // namespace

TEST_CASE("every path refuses the methods it does not offer, and lists those it does, before it asks for a token") {
  const auto routes = all_routes(shared_world());
  for (const ApiRoute& route : routes) {
    const std::string path = path_of(route.line.fill(stage_for(route)).target);
    const std::set<std::string> allowed = offered(routes, path);
    for (const char* method : {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}) {
      if (allowed.contains(method)) continue;
      INFO(method << " on " << route.path);
      const Answer answer = shared_world().call(method, path);
      CHECK(answer.status == 405);
      if (std::string(method) != "HEAD") CHECK(answer.code() == "route.method_not_allowed");
      CHECK(words(answer.header("allow")) == allowed);
    }
  }
}

TEST_CASE("a path that is no route answers 404 to anybody") {
  for (const char* path : {"/", "/nope", "/tenants/t_dev/nope", "/nexus", "/nexus/raw/", "/nexus/raw/a/b", "/livez/",
                           "/kill-switches/x", "//livez", "/tokens/", "/NEXUS/raw", "/blobs", "/auth"}) {
    INFO(path);
    CHECK(outcome(shared_world().call("GET", path)) == "404 route.not_found");
    CHECK(outcome(shared_world().call("GET", path, World::as(shared_world().dev()))) == "404 route.not_found");
  }
}

TEST_CASE("every GET is also a HEAD: the same head, and no body") {
  for (const ApiRoute& route : all_routes(shared_world())) {
    if (route.method != "GET" || route.line.access == "presigned") continue;
    if (route.line.success == 101) continue;  // a WebSocket is opened by GET alone (RFC 6455 section 4.1)
    INFO(route.name());
    const Stage stage = stage_for(route);
    const Filled filled = route.line.fill(stage);
    const Answer answer = shared_world().call("HEAD", filled.target, good_headers(route, stage, filled));
    CHECK(answer.status == route.line.success);
    CHECK(answer.body.empty());
  }
}

TEST_CASE("a body over the limit is refused by its length, unread, and one where none may be is malformed") {
  for (const ApiRoute& route : all_routes(shared_world())) {
    INFO(route.name());
    if (route.takes_text()) {
      CHECK(outcome(state_length(route, "262145")) == "413 request.too_large");
    } else if (route.takes_json() || (route.method == "POST" && !route.takes_form())) {
      CHECK(outcome(state_length(route, "1048577")) == "413 request.too_large");
      CHECK(outcome(state_length(route, "9999999999999999999")) == "413 request.too_large");
    } else if (route.takes_form()) {
      CHECK(outcome(state_length(route, "5368774657")) == "413 request.too_large");  // 5 GiB + 64 KiB + 1
    } else {
      CHECK(outcome(state_length(route, "1")) == "400 request.malformed");
    }
  }
}

TEST_CASE("a POST that needs no body takes an empty object, and nothing in it") {
  for (const ApiRoute& route : all_routes(shared_world())) {
    if (route.method != "POST" || route.takes_json() || route.takes_form() || route.takes_text()) continue;
    INFO(route.name());
    CHECK(outcome(ask_with_body(route, stage_for(route), "{}")) == route.done());
    // A route of the whole installation has no env that the body could contradict.
    const char* const contradicts =
        route.name() == "POST /backup" ? "422 validation.unknown_field" : "400 context.mismatch";
    CHECK(outcome(ask_with_body(route, stage_for(route), R"({"env":"prod"})")) == contradicts);
    CHECK(outcome(ask_with_body(route, stage_for(route), R"({"no_such":1})")) == "422 validation.unknown_field");
    CHECK(outcome(ask_with_body(route, stage_for(route), "{}", {{"Content-Type", "text/plain"}})) ==
          "415 request.unsupported_media_type");
  }
}

TEST_CASE("a JSON body of exactly the limit is read") {
  World& world = shared_world();
  std::string body = R"({"filename":"a","pad":")";
  body += std::string(1048576 - body.size() - 2, 'x') + "\"}";
  const Answer answer =
      world.call("POST", "/nexus/raw/presign-upload", World::in(swept_tenant().owner, swept_tenant().id), body);
  CHECK(outcome(answer) == "422 validation.unknown_field");
}

TEST_CASE("every route with a body wants its own content type") {
  for (const ApiRoute& route : all_routes(shared_world())) {
    if (!route.takes_json() && !route.takes_form() && !route.takes_text()) continue;
    const Prepared request = prepare(route, stage_for(route));
    for (const char* type : {route.takes_text() ? "text/html" : "text/plain", "application/x-www-form-urlencoded",
                             "application/jsonx", "", "application/problem+json", "multipart/mixed"}) {
      INFO(route.name() << " with " << type);
      CHECK(outcome(request.ask({{"Content-Type", type}})) == "415 request.unsupported_media_type");
    }
    if (route.takes_json_or_form()) continue;
    const char* other = route.takes_json() ? "multipart/form-data; boundary=x" : "application/json";
    CHECK(outcome(request.ask({{"Content-Type", other}})) == "415 request.unsupported_media_type");
    if (!route.takes_json()) continue;
    CHECK(request.ask({{"Content-Type", "Application/JSON; charset=utf-8"}}).status == route.line.success);
  }
}

TEST_CASE("every text route takes plain text and Markdown, and refuses what is not UTF-8") {
  for (const ApiRoute& route : all_routes(shared_world())) {
    if (!route.takes_text()) continue;
    INFO(route.name());
    for (const char* type : {"text/plain", "Text/Markdown; charset=utf-8"})
      CHECK(ask(route, stage_for(route), {{"Content-Type", type}}).status == route.line.success);
    CHECK(outcome(ask_with_body(route, stage_for(route), "a: \xC3\n---\n")) == "400 request.malformed");
    CHECK(outcome(ask_with_body(route, stage_for(route), "")) == "422 validation.failed");
  }
}

TEST_CASE("every JSON route refuses what is not JSON") {
  const std::string deep = std::string(33, '[') + std::string(33, ']');
  const std::vector<std::string> broken = {"",
                                           "{",
                                           "[1,",
                                           "{'a':1}",
                                           "{\"a\":1}x",
                                           "\xEF\xBB\xBF{}",
                                           "{\"a\":1,\"a\":2}",
                                           deep,
                                           "{\"a\":NaN}",
                                           "{\"a\":1e400}",
                                           "{\"a\":\"\xC3\"}",
                                           "{\"a\":\"\\ud800\"}",
                                           "{\"a\":\"\x01\"}",
                                           "{\"a\":01}",
                                           "{\"a\":Infinity}",
                                           "// a comment\n{}",
                                           std::string("{}\0", 3)};
  for (const ApiRoute& route : all_routes(shared_world())) {
    if (!route.takes_json()) continue;
    const Prepared request = prepare(route, stage_for(route));
    for (const std::string& body : broken) {
      INFO(route.name() << " with " << body);
      CHECK(outcome(request.ask_with_body(body)) == "400 request.invalid_json");
    }
    for (const char* body : {"[]", "1", "\"text\"", "null"}) {
      INFO(route.name() << " with " << body);
      CHECK(outcome(request.ask_with_body(body)) == "422 validation.failed");
    }
  }
}

TEST_CASE("every JSON route names the field that it does not know, and never repeats its value") {
  for (const ApiRoute& route : all_routes(shared_world())) {
    if (!route.takes_json()) continue;
    INFO(route.name());
    Json body = parse_own_json(route.line.fill(stage_for(route)).body);
    body["no/such~field"] = "a sent value";
    const Answer answer = ask_with_body(route, stage_for(route), body.dump());
    CHECK((route.takes_any_key() || outcome(answer) == "422 validation.unknown_field"));
    CHECK(answer.status == 422);
    CHECK(pointers(answer).starts_with("/no~1such~0field"));
    CHECK(answer.body.find("a sent value") == std::string::npos);
  }
}

TEST_CASE("U+0000 is refused in every text, and its field is named") {
  const std::string nul("\0", 1);
  for (const ApiRoute& route : all_routes(shared_world())) {
    if (route.line.access == "presigned") continue;
    INFO(route.name());
    const Prepared request = prepare(route, stage_for(route));
    const auto& [_, stage, filled] = request;
    if (!route.takes_text() && !route.takes_form()) {
      const Answer answer = shared_world().call(route.method, with_query(filled.target, "cursor=a%00b"),
                                                good_headers(route, stage, filled), filled.body);
      CHECK(outcome(answer) == "400 request.malformed");  // no target holds it, whatever field it stands in
    }
    if (!route.takes_json()) continue;
    const Json good = parse_own_json(filled.body);
    if (!good.is_object()) continue;
    for (const auto& [name, value] : good.items()) {
      INFO(name);
      Json body = good;
      body[name] = value.is_string() ? Json(value.get<std::string>() + nul) : Json{{"a", {nul}}};
      const Answer answer = request.ask_with_body(body.dump());
      CHECK(answer.status == 422);
      CHECK(pointers(answer).starts_with(value.is_string() ? "/" + name : "/" + name + "/a/0"));
    }
  }
  for (const ApiRoute& route : all_routes(shared_world())) {
    if (!route.takes_text()) continue;
    INFO(route.name());
    const Answer escaped = ask_with_body(route, stage_for(route), "card_type: note\nname: \"a\\0b\"\n---\nbody");
    CHECK(outcome(escaped) == "422 validation.failed");
    CHECK(pointers(escaped) == "/header/name");
    CHECK(outcome(ask_with_body(route, stage_for(route), "card_type: note\n---\nbo" + nul)) == "422 validation.failed");
  }
}

TEST_CASE("every route but the blobs' and the probes names the query parameter that it does not know") {
  const std::set<std::string> probes = {"/livez", "/readyz", "/metrics", "/problems/{code}"};
  for (const ApiRoute& route : all_routes(shared_world())) {
    if (route.line.access == "presigned" || probes.contains(route.path)) continue;
    INFO(route.name());
    const Stage stage = stage_for(route);
    const Filled filled = route.line.fill(stage);
    const Answer answer = shared_world().call(route.method, with_query(filled.target, "no_such=a+sent+value"),
                                              good_headers(route, stage, filled), filled.body);
    CHECK(outcome(answer) == "422 validation.unknown_field");
    CHECK(pointers(answer) == "/query/no_such");
    CHECK(answer.body.find("a sent value") == std::string::npos);
  }
}

TEST_CASE("tenant and env in query and body are assertions: equal ones are ignored, others refused") {
  World& world = shared_world();
  const std::string& id = swept_tenant().id;
  for (const ApiRoute& route : all_routes(world)) {
    if (!route.has_tenant()) continue;
    const auto outcome_of = [&](const Prepared& request, const std::string& query, const Json& fields) {
      const auto& [_, stage, filled] = request;
      std::string body = filled.body;
      if (route.takes_json()) {
        Json json = parse_own_json(filled.body);
        json.update(fields);
        body = json.dump();
      }
      return outcome(world.call(route.method, query.empty() ? filled.target : with_query(filled.target, query),
                                good_headers(route, stage, filled), body));
    };
    const Prepared refused = prepare(route, stage_for(route));
    const auto refusal_of = [&](const std::string& query, const Json& fields) {
      return outcome_of(refused, query, fields);
    };
    const auto outcome_with = [&](const std::string& query, const Json& fields) {
      return outcome_of(prepare(route, stage_for(route)), query, fields);
    };
    INFO(route.name());
    const std::string done = route.done();
    // A route under a tenant has no env of its own and stands in prod.
    const std::string env = route.has_header_context() ? "dev" : "prod";
    CHECK(outcome_with("tenant_id=" + id + "&env=" + (env == "dev" ? "DEV" : "Prod"), Json::object()) == done);
    CHECK(refusal_of("tenant_id=t_other", Json::object()) == "400 context.mismatch");
    CHECK(refusal_of("env=nowhere", Json::object()) == "400 context.mismatch");
    CHECK(refusal_of("env=staging", Json::object()) == "400 context.mismatch");
    if (!route.takes_json()) continue;
    CHECK(outcome_with("", {{"tenant_id", id}, {"env", env}}) == done);
    CHECK(refusal_of("", {{"tenant_id", "t_other"}}) == "400 context.mismatch");
    CHECK(refusal_of("", {{"tenant_id", 7}}) == "400 context.mismatch");
    CHECK(refusal_of("", {{"env", env == "dev" ? "prod" : "dev"}}) == "400 context.mismatch");
    // The body's faults come first.
    CHECK(refusal_of("", {{"tenant_id", "t_other"}, {"no_such", 1}}).starts_with("422 validation."));
  }
}

TEST_CASE("env is folded, and stage means staging, in the header and in assertions") {
  World& world = lenient_world();
  const Tenant tenant = world.new_tenant_with_members();
  for (const char* env : {"stage", "STAGING", "Stage"}) {
    const Answer answer = world.call("POST", "/nexus/raw/presign-upload", World::in(tenant.member, tenant.id, env),
                                     Json{{"filename", "a.txt"}, {"env", "stage"}});
    REQUIRE(answer.status == 200);
    CHECK(answer.json["key"].get<std::string>().starts_with("tenants/" + tenant.id + "/staging/raw/"));
  }
}

}  // namespace nexus::test
