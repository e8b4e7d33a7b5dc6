// The OpenAPI document: names of operations and schemas, what is closed and what stands open, what a stream needs.
#include "daemon/http/openapi.hpp"

#include "daemon/http/handlers.hpp"
#include "daemon/http/page.hpp"
#include "daemon/http/schema.hpp"
#include "tests/catch.hpp"

namespace nexus::http {
namespace {

using gates::Policy;

Reply ask(const store::Reader&, const Caller&, int) { return {}; }
Applied act(store::Tx&, const Caller&, int) { return {}; }
int parse(Input&) { return 0; }

Json thing(const char* more = "size") {
  return schema::named("Thing", schema::object({"id"}, {{"id", schema::text()}, {more, schema::integer(0, 9)}}));
}

Route read_route(std::string path, Json response = nullptr) {
  return {.method = "GET",
          .path = std::move(path),
          .demand = {.access = Access::role, .scope = Scope::header, .role = Role::viewer},
          .action = "raw_read",
          .surface = "raw_storage",
          .policy = Policy::read,
          .handler = reads(parse, ask),
          .docs = {"Show a thing", "raw", {}, std::move(response), 200, {}, {}}};
}

Route write_route(std::string method, std::string path, Json request = schema::object({}, {})) {
  return {.method = std::move(method),
          .path = std::move(path),
          .demand = {.access = Access::role, .scope = Scope::header, .role = Role::member, .mutates = true},
          .action = "raw_write",
          .surface = "raw_storage",
          .policy = Policy::full,
          .body = Body::json,
          .handler = writes(parse, act),
          .docs = {"Write a thing", "raw", std::move(request), nullptr, 201, {}, {}}};
}

Route stream_route() {
  Route route = read_route("/sse/raw", thing());
  route.demand.streams = true;
  route.handler = StreamHandler{.parse = [](Input&) -> StreamHandler::Open {
    return [](const store::Reader&, const Caller&, const Route&) { return Reply{}; };
  }};
  return route;
}

Route object_route() {
  return {.method = "GET",
          .path = "/blobs/{bucket}/{key...}",
          .demand = {.access = Access::presigned},
          .action = {},
          .surface = {},
          .handler = OpenHandler([](const RequestHead&, const auto&) { return Response{}; }),
          .docs = {"Download an object", "blobs", {}, {}, 200, {}, {206}, nullptr, {}, "application/octet-stream"}};
}

RouteTable described() {
  RouteTable routes;
  routes.describe("raw", "Raw assets");
  routes.describe("blobs", "Objects");
  return routes;
}

Json document_of(std::initializer_list<Route> all) {
  RouteTable routes = described();
  for (const Route& route : all) routes.add(route);
  return openapi(routes);
}

std::string id_of(std::initializer_list<Route> all) {
  RouteTable routes = described();
  for (const Route& route : all) routes.add(route);
  return operation_id(*routes.all().front(), routes);
}

Json parameter(const Json& operation, const std::string& name) {
  for (const auto& each : operation.at("parameters"))
    if (each.value("name", "") == name || each.value("$ref", "") == "#/components/parameters/" + name) return each;
  return nullptr;
}

const char* const kThing = "#/components/schemas/Thing";

}  // namespace

TEST_CASE("an operation is named by its tag, its path and what is done there") {
  CHECK(id_of({write_route("POST", "/nexus/raw/presign-upload")}) == "raw_presign_upload");
  CHECK(id_of({read_route("/nexus/raw/{asset_id}")}) == "raw_show");
  CHECK(id_of({write_route("DELETE", "/nexus/raw/{asset_id}")}) == "raw_delete");
  CHECK(id_of({read_route("/raw/config"), write_route("PUT", "/raw/config")}) == "raw_config_show");
  CHECK(id_of({read_route("/raw/current")}) == "raw_current");
  CHECK(id_of({write_route("POST", "/raw/parts")}) == "raw_parts_create");
  CHECK(id_of({stream_route()}) == "raw_sse_stream");
  Route list = read_route("/nexus/raw");
  list.docs.query = page_parameters();
  CHECK(id_of({list}) == "raw_list");
}

TEST_CASE("two operations of one name do not start, nor does a tag that nothing describes") {
  CHECK_THROWS_WITH(document_of({read_route("/raw/a-b"), read_route("/raw/a_b")}),
                    Catch::Matchers::ContainsSubstring("two operations are named raw_a_b"));
  Route strange = read_route("/raw");
  strange.docs.tag = "strange";
  CHECK_THROWS_WITH(document_of({strange}), Catch::Matchers::ContainsSubstring("describe the tag \"strange\""));
}

TEST_CASE("the table's own words: who, through which gates, within which limits") {
  RouteTable routes = described();
  routes.add(write_route("POST", "/raw"));
  routes.add(object_route());
  const Json paths = openapi(routes, {7, 30}).at("paths");
  const Json& write = paths.at("/raw").at("post");
  CHECK(write.at("x-nexus-access") == "member");
  CHECK(write.at("x-nexus-gates") ==
        Json::array({"kill_switch", "firearms", "strategy_lock", "budget", "kpi", "temperature"}));
  CHECK(write.at("x-nexus-limits") ==
        Json{{"body_bytes", limits::json_body_bytes_max}, {"requests", 7}, {"window_seconds", 30}, {"fixed", false}});
  const Json& object = paths.at("/blobs/{bucket}/{key}").at("get");
  CHECK(object.at("x-nexus-access") == "presigned");
  CHECK(object.at("x-nexus-gates") == Json::array());
  CHECK(object.at("x-nexus-limits") == Json::object());
}

TEST_CASE("what lifts switches is judged by none, so that it can be undone") {
  Route lifts = write_route("PUT", "/raw");
  lifts.policy = Policy::control;
  lifts.effects = {Urgency::stops, EndsStreams::may, Repairs::switches, Direction::either};
  const Json document = document_of({lifts});
  CHECK(document.at("paths").at("/raw").at("put").at("x-nexus-gates") == Json::array({"strategy_lock"}));
}

TEST_CASE("a named schema stands once, in the components") {
  Route list = read_route("/raw", schema::page(thing()));
  list.docs.query = page_parameters();
  const Json document = document_of({list, read_route("/raw/{id}", thing())});
  const Json& answer = document["paths"]["/raw/{id}"]["get"]["responses"]["200"]["content"]["application/json"];
  CHECK(answer["schema"] == Json{{"$ref", kThing}});
  const Json& schemas = document["components"]["schemas"];
  CHECK(schemas["ThingPage"]["properties"]["items"]["items"] == Json{{"$ref", kThing}});
  CHECK(schemas["Thing"]["properties"]["size"]["maximum"] == 9);
  CHECK(document.dump().find(schema::kNameKey) == std::string::npos);
}

TEST_CASE("two schemas of one name do not start") {
  CHECK_THROWS_WITH(document_of({read_route("/raw", thing()), read_route("/raw/{id}", thing("weight"))}),
                    Catch::Matchers::ContainsSubstring("two different schemas are named Thing"));
}

TEST_CASE("requests stand closed, answers open") {
  const Json document = document_of({read_route("/raw", thing()), write_route("POST", "/raw", thing())});
  const Json& schemas = document["components"]["schemas"];
  CHECK_FALSE(schemas["Thing"].contains("additionalProperties"));
  CHECK(schemas["ThingInput"]["additionalProperties"] == false);
  const Json& body = document["paths"]["/raw"]["post"]["requestBody"]["content"]["application/json"];
  CHECK(body["schema"] == Json{{"$ref", "#/components/schemas/ThingInput"}});
  CHECK(body["example"] == Json{{"id", "an example"}});
}

TEST_CASE("a named schema or null is a choice, any other has two types") {
  const Json named = schema::nullable(thing());
  CHECK(named["anyOf"][0] == thing());
  CHECK(named["anyOf"][1] == Json{{"type", "null"}});
  CHECK(schema::nullable(schema::text())["type"] == Json::array({"string", "null"}));
}

TEST_CASE("a limit in bytes never promises more code points than always fit") {
  const Json text = schema::text_between(1, 201);
  CHECK(text["maxLength"] == 50);
  CHECK(text["description"] == "at most 201 bytes of UTF-8");
}

TEST_CASE("a path's tail is a parameter, and a download has its HEAD without a body") {
  const Json document = document_of({object_route()});
  const Json& path = document["paths"].at("/blobs/{bucket}/{key}");
  CHECK(parameter(path["get"], "key")["x-nexus-tail"] == true);
  CHECK(path["get"]["responses"]["200"]["content"].contains("application/octet-stream"));
  CHECK(path["head"]["operationId"] == path["get"]["operationId"].get<std::string>() + "_head");
  CHECK_FALSE(path["head"]["responses"]["200"].contains("content"));
}

TEST_CASE("a stream takes a token with tenant and env, or a ticket alone") {
  const Json document = document_of({stream_route()});
  const Json& operation = document["paths"]["/sse/raw"]["get"];
  CHECK(operation["security"] == parse_own_json(R"([{"bearer":[]},{"ticket":[]}])"));
  CHECK(parameter(operation, "X-Tenant-Id")["required"] == false);
  const Json& media = operation["responses"]["200"]["content"]["text/event-stream"];
  CHECK(media["x-nexus-item-schema"] == Json{{"$ref", kThing}});
  CHECK(parameter(operation, "TenantId").is_null());
}

TEST_CASE("a mutation answers its receipt, and a repeat says so") {
  const Json document = document_of({write_route("POST", "/raw")});
  const Json& operation = document["paths"]["/raw"]["post"];
  CHECK_FALSE(parameter(operation, "IdempotencyKey").is_null());
  const Json& headers = operation["responses"]["201"]["headers"];
  for (const char* name : {"X-Request-Id", "Nexus-Audit-Seq", "Nexus-Audit-Hash", "Idempotency-Replayed", "Location",
                           "RateLimit", "RateLimit-Policy"})
    CHECK(headers[name] == Json{{"$ref", "#/components/headers/" + std::string(name)}});
}

TEST_CASE("the text has one tag for one document") {
  RouteTable one = described(), other = described();
  one.add(read_route("/raw"));
  other.add(read_route("/raw/{id}"));
  CHECK(openapi_text(one).etag == openapi_text(one).etag);
  CHECK(openapi_text(one).etag != openapi_text(other).etag);
  CHECK(parse_own_json(openapi_text(one).text) == openapi(one));
}

}  // namespace nexus::http
