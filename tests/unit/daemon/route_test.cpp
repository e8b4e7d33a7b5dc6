// The route table: what it refuses at start, and how it finds a route.
#include "daemon/http/route.hpp"

#include "daemon/http/handlers.hpp"
#include "tests/catch.hpp"

namespace nexus::http {
namespace {

using gates::Policy;

Reply ask(const store::Reader&, const Caller&, int) { return {}; }
Applied act(store::Tx&, const Caller&, int) { return {}; }
int parse(Input&) { return 0; }

Route read_route(std::string path = "/things") {
  return {.method = "GET",
          .path = std::move(path),
          .demand = {.access = Access::role, .scope = Scope::header, .role = Role::viewer},
          .action = "thing_read",
          .surface = "things",
          .policy = Policy::read,
          .handler = reads(parse, ask),
          .docs = {}};
}

Route write_route(std::string path = "/things", std::string method = "POST") {
  return {.method = std::move(method),
          .path = std::move(path),
          .demand = {.access = Access::role, .scope = Scope::header, .role = Role::member, .mutates = true},
          .action = "thing_create",
          .surface = "things",
          .policy = Policy::full,
          .handler = writes(parse, act),
          .docs = {}};
}

Route open_route(std::string path = "/open") {
  return {.method = "GET",
          .path = std::move(path),
          .demand = {.access = Access::open},
          .action = {},
          .surface = {},
          .handler = OpenHandler([](const RequestHead&, const auto&) { return Response{}; }),
          .docs = {}};
}

Route stream_route() {
  Route route = read_route("/streams");
  route.demand.streams = true;
  route.handler = StreamHandler{.parse = [](Input&) -> StreamHandler::Open {
    return [](const store::Reader&, const Caller&, const Route&) { return Reply{}; };
  }};
  return route;
}

std::string spelling_of(const RouteTable& table, std::string_view path) {
  const auto match = table.match("POST", path);
  REQUIRE(match.route != nullptr);
  return spelled(*match.route, match.params);
}

/// Why a table refuses `route`; empty when it takes it.
std::string refusal_of(Route route) {
  RouteTable table;
  try {
    table.add(std::move(route));
  } catch (const std::logic_error& error) {
    return error.what();
  }
  return {};
}

template <class Change>
Route changed(Route route, Change change) {
  change(route);
  return route;
}

TEST_CASE("every list leaves the threads that serve sockets to others") {
  RouteTable table;
  Route list = read_route("/lists");
  list.docs.query.push_back({"limit", "Items of a page", {}});
  table.add(std::move(list));
  table.add(read_route("/things/{id}"));
  CHECK(table.match("GET", "/lists").route->takes_long);
  CHECK(!table.match("GET", "/things/a").route->takes_long);
}

TEST_CASE("a path has one spelling, in which a slash inside a parameter stays inside") {
  RouteTable table;
  table.add(write_route("/things/{id}/parts/{part}"));
  const std::string plain = spelling_of(table, "/things/a-b/parts/c");
  CHECK(plain == "/things/a-b/parts/c");
  CHECK(spelling_of(table, "/things/%61%2Db/parts/%63") == plain);
  CHECK(spelling_of(table, "/things/a%2Fb/parts/c") == "/things/a%2Fb/parts/c");
  CHECK(spelling_of(table, "/things/a%2fb/parts/c") == "/things/a%2Fb/parts/c");
  CHECK(spelling_of(table, "/things/a%252Fb/parts/c") == "/things/a%252Fb/parts/c");
}

TEST_CASE("a route that answers all questions is taken") {
  CHECK(refusal_of(read_route()).empty());
  CHECK(refusal_of(write_route()).empty());
  CHECK(refusal_of(open_route()).empty());
}

TEST_CASE("two routes of one method and shape are refused, whatever their parameters are called") {
  RouteTable table;
  table.add(read_route("/things/{id}"));
  CHECK_THROWS_WITH(table.add(read_route("/things/{id}")), "route GET /things/{id}: there are two of it");
  CHECK_THROWS_WITH(table.add(read_route("/things/{other}")), "route GET /things/{other}: there are two of it");
  CHECK_NOTHROW(table.add(read_route("/things/{id}/parts")));
  CHECK_NOTHROW(table.add(read_route("/things/list")));
  CHECK_NOTHROW(table.add(write_route("/things/{id}")));
}

TEST_CASE("a mutation without a gate policy is refused") {
  for (const Policy policy : {Policy::none, Policy::read}) {
    const auto why = refusal_of(changed(write_route(), [&](Route& route) { route.policy = policy; }));
    CHECK(why == "route POST /things: a mutation without a gate policy");
  }
  for (const Policy policy : {Policy::full, Policy::control, Policy::telemetry, Policy::audited})
    CHECK(refusal_of(changed(write_route(), [&](Route& route) {
            route.policy = policy;
            route.effects = kOwnRowsAlone;
          })).empty());
}

TEST_CASE("a mutation of control or identity says what it means to the machinery around it") {
  for (const Policy policy : {Policy::control, Policy::audited}) {
    const auto refused = [&](Effects effects) {
      return refusal_of(changed(write_route(), [&](Route& route) {
        route.policy = policy;
        route.effects = effects;
      }));
    };
    CHECK(refused(kOwnRowsAlone).empty());
    CHECK(refused({Urgency::open, EndsStreams::no, Repairs::no, Direction::told}) ==
          "route POST /things: whether it stops things is left open");
    CHECK(refused({Urgency::ordinary, EndsStreams::open, Repairs::no, Direction::told}) ==
          "route POST /things: whether it may end streams is left open");
    CHECK(refused({Urgency::ordinary, EndsStreams::no, Repairs::open, Direction::told}) ==
          "route POST /things: whether it repairs is left open");
    CHECK(refused({Urgency::ordinary, EndsStreams::no, Repairs::no}) ==
          "route POST /things: whether it only tightens is left open");
  }
}

TEST_CASE("a mutation cannot hide behind a read's handler or an undeclared demand") {
  CHECK(refusal_of(changed(read_route(), [](Route& route) {
          route.method = "POST";
          route.policy = Policy::full;
        })) == "route POST /things: a gate policy for mutations on a route that writes nothing");
  CHECK(refusal_of(changed(write_route(), [](Route& route) { route.demand.mutates = false; })) ==
        "route POST /things: whether it mutates must be said in its demand");
  CHECK(refusal_of(changed(read_route(), [](Route& route) { route.demand.mutates = true; })) ==
        "route GET /things: whether it mutates must be said in its demand");
}

TEST_CASE("nothing streams past the guard, the gates, or its own declaration") {
  CHECK(refusal_of(stream_route()).empty());
  const auto is_refused = [](auto change) { return !refusal_of(changed(stream_route(), change)).empty(); };
  CHECK(is_refused([](Route& route) { route.demand.streams = false; }));
  CHECK(is_refused([](Route& route) { route.method = "POST"; }));
  CHECK(is_refused([](Route& route) { route.body = Body::json; }));
  CHECK(is_refused([](Route& route) { route.policy = Policy::none; }));
  CHECK(is_refused([](Route& route) { route.demand = {.access = Access::open, .streams = true}; }));
  CHECK(is_refused([](Route& route) { route.handler = StreamHandler{}; }));
  Route silent = read_route();
  silent.demand.streams = true;
  CHECK(!refusal_of(silent).empty());
}

TEST_CASE("a tenant route without access is refused") {
  for (const Scope scope : {Scope::header, Scope::path})
    for (const Access access : {Access::open, Access::token, Access::presigned}) {
      const auto why = refusal_of(changed(read_route("/tenants/{tenant_id}/things"), [&](Route& route) {
        route.demand.scope = scope;
        route.demand.access = access;
      }));
      CHECK(why == "route GET /tenants/{tenant_id}/things: a tenant route without access");
    }
}

TEST_CASE("a role without a tenant, and a path that names none, are refused") {
  CHECK(refusal_of(changed(read_route(), [](Route& route) { route.demand.scope = Scope::none; })) ==
        "route GET /things: a role is asked for where there is no tenant");
  CHECK(refusal_of(changed(read_route(), [](Route& route) { route.demand.scope = Scope::path; })) ==
        "route GET /things: the path names no tenant");
}

TEST_CASE("a tenant route without policy, action or surface is refused") {
  CHECK(refusal_of(changed(read_route(), [](Route& route) { route.policy = Policy::none; })) ==
        "route GET /things: a tenant route without policy");
  CHECK(refusal_of(changed(read_route(), [](Route& route) { route.action.clear(); })) ==
        "route GET /things: no action");
  CHECK(refusal_of(changed(read_route(), [](Route& route) { route.surface.clear(); })) ==
        "route GET /things: no surface");
}

TEST_CASE("gates need a tenant") {
  CHECK(refusal_of(changed(write_route(), [](Route& route) {
          route.demand.access = Access::token;
          route.demand.scope = Scope::none;
        })) == "route POST /things: gates need a tenant");
}

// ---- finding ------------------------------------------------------------------------------------------------------

RouteTable table_of_things() {
  RouteTable table;
  table.add(read_route("/things"));
  table.add(write_route("/things"));
  table.add(read_route("/things/{id}"));
  table.add(write_route("/things/{id}", "DELETE"));
  table.add(write_route("/things/import"));
  table.add(read_route("/things/list"));
  table.add(read_route("/files/{bucket}/{key...}"));
  table.add(open_route("/open"));
  return table;
}

std::string found(const RouteTable& table, std::string_view method, std::string_view path) {
  const auto match = table.match(method, path);
  return match.route == nullptr ? "" : match.route->path;
}

TEST_CASE("a path finds its route, literals before parameters") {
  const RouteTable table = table_of_things();
  CHECK(found(table, "GET", "/things") == "/things");
  CHECK(found(table, "HEAD", "/things") == "/things");
  CHECK(found(table, "GET", "/things/7") == "/things/{id}");
  CHECK(found(table, "GET", "/things/list") == "/things/list");
  CHECK(found(table, "POST", "/things/import") == "/things/import");
}

TEST_CASE("parameters are percent-decoded once, and a tail takes all that is left") {
  const RouteTable table = table_of_things();
  CHECK(table.match("GET", "/things/a%20b").params.at("id") == "a b");
  CHECK(table.match("GET", "/things/%2e%2e").params.at("id") == "..");
  CHECK(table.match("GET", "/things/%252e").params.at("id") == "%2e");
  const auto match = table.match("GET", "/files/nexus/a/b%2Fc/d");
  CHECK(match.params.at("bucket") == "nexus");
  CHECK(match.params.at("key") == "a/b/c/d");
}

TEST_CASE("what is no path of ours finds nothing, not even a method to allow") {
  const RouteTable table = table_of_things();
  for (const auto* path :
       {"/", "//", "/thing", "/things/", "/things//", "/things/1/2", "//things", "/Things", "/%74hings", "/things/%zz",
        "/things/%00", "/files/nexus", "/files/nexus/", "/files//a", "/open/"}) {
    INFO(path);
    const auto match = table.match("GET", path);
    CHECK(match.route == nullptr);
    CHECK(match.allowed.empty());
  }
}

TEST_CASE("a path with another method says which it has") {
  const RouteTable table = table_of_things();
  const auto match = table.match("PUT", "/things/7");
  CHECK(match.route == nullptr);
  CHECK(match.allowed == std::vector<std::string>{"GET", "HEAD", "DELETE"});
  CHECK(table.match("OPTIONS", "/open").allowed == std::vector<std::string>{"GET", "HEAD"});
}

TEST_CASE("a literal path has its own methods, and none of the path with a parameter beside it") {
  const RouteTable table = table_of_things();
  for (const auto* method : {"GET", "HEAD", "DELETE", "PUT"}) {
    INFO(method);
    const auto match = table.match(method, "/things/import");
    CHECK(match.route == nullptr);
    CHECK(match.allowed == std::vector<std::string>{"POST"});
  }
  CHECK(table.match("DELETE", "/things/list").allowed == std::vector<std::string>{"GET", "HEAD"});
}

}  // namespace
}  // namespace nexus::http
