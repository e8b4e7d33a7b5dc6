// Runs: started, belonged to, finished and read; runs of traces; and that every route of a tenant heeds X-Run-Id.
#include "tests/api/expect.hpp"
#include "tests/api/media_support.hpp"
#include "tests/api/routes.hpp"
#include "tests/api/ws_support.hpp"
#include "tests/catch.hpp"

namespace nexus::test {
namespace {

const char* const kRunTrace = "4bf92f3577b34da6a3ce929d0e0e4736";
const Headers kRunTraced = {{"traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}};

struct RunsStage {
  World& world = lenient_world();
  Tenant tenant = world.new_tenant_with_members();

  Headers headers(const std::string& role = "member", const Headers& more = {}) const {
    return with(World::in(tenant.at(role), tenant.id), more);
  }
  Answer post(const std::string& target, const Json& body, const Headers& more = {}) {
    return world.call("POST", target, headers("member", more), body);
  }
  Answer get(const std::string& target, const std::string& role = "viewer") {
    return world.call("GET", target, headers(role));
  }
  std::string start(const std::string& kind = "research", const Json& metadata = Json::object()) {
    return post("/nexus/runs", {{"kind", kind}, {"metadata", metadata}}).json.at("run_id");
  }
  Answer finish(const std::string& id, const Json& body = {{"status", "completed"}}) {
    return post("/nexus/runs/" + id + "/finish", body);
  }
  Answer presign(const Headers& more, const std::string& filename = "a.txt") {
    return post("/nexus/raw/presign-upload", {{"filename", filename}}, more);
  }
  /// As the one who acts in it sees it.
  Json run(const std::string& id) { return get("/nexus/runs/" + id, "member").json; }
  Json audit_body(const Answer& answer) {
    return get("/audit/" + answer.header("nexus-audit-seq"), "admin").json.at("body");
  }
  /// The ids of a list of runs.
  Json ids(const std::string& query = "") {
    Json out = Json::array();
    const Answer answer = get("/nexus/runs" + query);
    for (const Json& item : answer.json.at("items")) out.push_back(item.at("run_id"));
    return out;
  }
};

Headers in_run(const std::string& id) { return {{"X-Run-Id", id}}; }

}  // namespace

TEST_CASE("a run goes from its start to its end and counts what belonged to it", "[runs]") {
  RunsStage runs;
  const Answer started = runs.post("/nexus/runs", {{"kind", "research"}, {"metadata", {{"topic", "tea"}, {"n", 1}}}});
  REQUIRE(started.status == 201);
  const std::string id = started.json["run_id"];
  CHECK(started.header("location").ends_with("/nexus/runs/" + id));
  CHECK(started.json["tenant_id"] == runs.tenant.id);
  CHECK(started.json["env"] == "dev");
  CHECK(started.json["kind"] == "research");
  CHECK(started.json["status"] == "running");
  CHECK(started.json["end_time"].is_null());
  CHECK(started.json["start_time"] == started.json["created_at"]);
  CHECK(started.json["created_by"] == runs.tenant.member.id);
  CHECK(started.json["events_count"] == 0);
  CHECK(started.json["metadata"] == Json{{"topic", "tea"}, {"n", 1}, {"event_types", Json::array()}});

  const Answer inside = runs.presign(in_run(id), "first.txt");
  REQUIRE(inside.status == 200);
  CHECK(runs.audit_body(inside)["run_id"] == id);
  REQUIRE(runs.presign(in_run(id), "second.txt").status == 200);
  const Answer outside = runs.presign({});
  CHECK(runs.audit_body(outside)["run_id"].is_null());

  const Json shown = runs.run(id);
  CHECK(shown["events_count"] == 2);
  CHECK(shown["cards_count"] == 0);
  CHECK(shown["atoms_count"] == 0);
  CHECK(shown["metadata"]["event_types"] == Json{"raw_asset_presigned"});
  REQUIRE(shown["events"].size() == 2);
  CHECK(shown["events"][0]["input"]["filename"] == "second.txt");
  CHECK(shown["events"][1]["run_id"] == id);
  CHECK(shown["next_cursor"].is_null());

  const Answer done = runs.finish(id, {{"status", "failed"}, {"metadata", {{"n", 2}, {"why", "cold"}}}});
  REQUIRE(done.status == 200);
  CHECK(done.json["status"] == "failed");
  CHECK(done.json["end_time"].is_string());
  CHECK(done.json["metadata"] ==
        Json{{"topic", "tea"}, {"n", 2}, {"why", "cold"}, {"event_types", {"raw_asset_presigned"}}});
  CHECK(runs.audit_body(done)["subject"] == Json{{"type", "run"}, {"id", id}});
  CHECK(outcome(runs.presign(in_run(id))) == "409 run.finished");
  CHECK(outcome(runs.finish(id)) == "409 run.finished");
  CHECK(runs.run(id)["events_count"] == 2);
  const Json told = runs.get("/events?event_type=run_finished", "admin").json["items"][0];
  CHECK(told["asset_id"] == id);
  CHECK(told["run_id"].is_null());
}

TEST_CASE("a run may be finished from within", "[runs]") {
  RunsStage runs;
  const std::string id = runs.start();
  REQUIRE(runs.post("/nexus/runs/" + id + "/finish", {{"status", "cancelled"}}, in_run(id)).status == 200);
  CHECK(runs.run(id)["events_count"] == 1);
}

TEST_CASE("a run that is not of this tenant and env is not there", "[runs]") {
  RunsStage mine, theirs;
  const std::string id = theirs.start();
  const std::string absent = "01a20636-66b1-7001-b8d7-953e256aa6b5";
  const std::string staged = mine.world
                                 .call("POST", "/nexus/runs", World::in(mine.tenant.member, mine.tenant.id, "staging"),
                                       Json{{"kind", "research"}})
                                 .json.at("run_id");
  for (const std::string& other : {id, staged, std::string("x"), std::string(2000, 'a')}) {
    CHECK(outcome(mine.get("/nexus/runs/" + other)) == "404 run.not_found");
    CHECK(outcome(mine.finish(other)) == "404 run.not_found");
    CHECK(outcome(mine.presign(in_run(other))) == "404 run.not_found");
    CHECK(comparable(mine.presign(in_run(other))) == comparable(mine.presign(in_run(absent))));
  }
  CHECK(mine.ids().empty());
  CHECK(theirs.run(id)["events_count"] == 0);
  CHECK(outcome(mine.world.call("GET", "/nexus/raw", mine.headers("viewer", {{"X-Run-Id", ""}}))) ==
        "404 run.not_found");
}

TEST_CASE("what brings a trace and no run belongs to the run of its trace", "[runs]") {
  RunsStage runs;
  CHECK(outcome(runs.get(std::string("/nexus/runs/") + kRunTrace)) == "404 run.not_found");
  const Answer first = runs.presign(kRunTraced, "first.txt");
  CHECK(runs.audit_body(first)["run_id"] == kRunTrace);
  REQUIRE(runs.presign(kRunTraced, "second.txt").status == 200);
  const Json run = runs.run(kRunTrace);
  CHECK(run["kind"] == "trace");
  CHECK(run["status"] == "completed");
  CHECK(run["events_count"] == 2);
  CHECK(run["created_by"] == runs.tenant.member.id);
  CHECK(run["end_time"] == run["events"][0]["created_at"]);
  CHECK(run["start_time"] == run["events"][1]["created_at"]);
  // One that somebody started goes before.
  const std::string id = runs.start();
  REQUIRE(runs.presign(with(kRunTraced, in_run(id))).status == 200);
  CHECK(runs.run(id)["events_count"] == 1);
  CHECK(runs.run(kRunTrace)["events_count"] == 2);
  // It cannot be named or finished: it ends by itself.
  CHECK(outcome(runs.presign(in_run(kRunTrace))) == "409 run.finished");
  CHECK(outcome(runs.finish(kRunTrace)) == "409 run.finished");
  // The same trace elsewhere is another run.
  RunsStage others;
  REQUIRE(others.presign(kRunTraced).status == 200);
  CHECK(others.run(kRunTrace)["events_count"] == 1);
  CHECK(runs.run(kRunTrace)["events_count"] == 2);
}

TEST_CASE("a trace's run is there for changes that tell no event, and for what the gates refused", "[runs]") {
  RunsStage runs;
  const Answer changed = runs.world.call("PUT", "/kill-switches", runs.headers("admin", kRunTraced),
                                         Json{{"disabled_actions", {"raw_presign"}}});
  REQUIRE(changed.status == 200);
  CHECK(runs.audit_body(changed)["run_id"] == kRunTrace);
  CHECK(runs.run(kRunTrace)["kind"] == "trace");
  const Json before = runs.run(kRunTrace)["events_count"];
  const Answer blocked = runs.presign(kRunTraced);
  CHECK(outcome(blocked) == "403 kill_switch_blocked");
  CHECK(runs.audit_body(blocked)["run_id"] == kRunTrace);
  CHECK(runs.run(kRunTrace)["events_count"] == before);
  const std::string id = runs.start();
  CHECK(runs.audit_body(runs.presign(in_run(id)))["run_id"] == id);
  // The gates speak first, and a run that is none never enters a row.
  const Answer foreign = runs.presign(in_run("none"));
  CHECK(outcome(foreign) == "403 kill_switch_blocked");
  CHECK(runs.audit_body(foreign)["run_id"].is_null());
}

TEST_CASE("a bad field of a run is named", "[runs]") {
  RunsStage runs;
  const std::pair<Json, const char*> starts[] = {
      {Json::object(), "/kind"},
      {{{"kind", nullptr}}, "/kind"},
      {{{"kind", ""}}, "/kind"},
      {{{"kind", 7}}, "/kind"},
      {{{"kind", "Research"}}, "/kind"},
      {{{"kind", "a-b"}}, "/kind"},
      {{{"kind", "9a"}}, "/kind"},
      {{{"kind", std::string(65, 'a')}}, "/kind"},
      {{{"kind", "trace"}}, "/kind"},
      {{{"kind", "a"}, {"metadata", "x"}}, "/metadata"},
      {{{"kind", "a"}, {"metadata", {{"x", std::string(16384, 'x')}}}}, "/metadata"},
      {{{"kind", "a"}, {"metadata", {{"event_types", Json::array()}}}}, "/metadata"},
  };
  for (const auto& [body, pointer] : starts) {
    INFO(body.dump().substr(0, 60));
    const Answer answer = runs.post("/nexus/runs", body);
    CHECK(outcome(answer) + " " + pointers(answer) == std::string("422 validation.failed ") + pointer);
  }
  CHECK(outcome(runs.post("/nexus/runs", {{"kind", "a"}, {"status", "running"}})) == "422 validation.unknown_field");
  CHECK(runs.post("/nexus/runs", {{"kind", std::string(64, 'a')}}).status == 201);
  const std::string id = runs.start("a", {{"x", std::string(16000, 'x')}});
  const std::pair<Json, const char*> ends[] = {
      {Json::object(), "/status"},
      {{{"status", nullptr}}, "/status"},
      {{{"status", "running"}}, "/status"},
      {{{"status", 1}}, "/status"},
      {{{"status", "failed"}, {"metadata", Json::array()}}, "/metadata"},
      {{{"status", "failed"}, {"metadata", {{"y", std::string(16000, 'y')}}}}, "/metadata"},
  };
  for (const auto& [body, pointer] : ends) {
    INFO(body.dump().substr(0, 60));
    const Answer answer = runs.finish(id, body);
    CHECK(outcome(answer) + " " + pointers(answer) == std::string("422 validation.failed ") + pointer);
  }
  CHECK(runs.run(id)["status"] == "running");
  CHECK(runs.finish(id, {{"status", "failed"}, {"metadata", {{"x", std::string(16000, 'y')}}}}).status == 200);
  for (const auto& [query, code] :
       {std::pair{"?since=yesterday", "422 validation.failed"}, std::pair{"?kind=", "422 validation.failed"},
        std::pair{"?limit=201", "422 validation.failed"}, std::pair{"?status=running", "422 validation.unknown_field"},
        std::pair{"?cursor=x", "400 request.invalid_cursor"}})
    CHECK(outcome(runs.get(std::string("/nexus/runs") + query)) == code);
}

TEST_CASE("runs are listed newest first, narrowed, and in pages that follow one another", "[runs]") {
  RunsStage runs;
  Json made = Json::array();
  for (int i = 0; i < 5; ++i) made.insert(made.begin(), runs.start(i == 2 ? "other" : "research"));
  CHECK(runs.ids() == made);
  CHECK(runs.ids("?kind=other") == Json{made[2]});
  CHECK(runs.ids("?kind=none").empty());
  CHECK(runs.ids("?since=2020-01-01T00:00:00Z") == made);
  CHECK(runs.ids("?since=2100-01-01T00:00:00Z").empty());
  Json paged = Json::array();
  std::string cursor;
  for (int page = 0; page < 3; ++page) {
    const Answer answer = runs.get("/nexus/runs?limit=2" + (cursor.empty() ? "" : "&cursor=" + cursor));
    for (const Json& item : answer.json.at("items")) paged.push_back(item.at("run_id"));
    if (page == 0) runs.start();  // what comes meanwhile shifts nothing
    CHECK(answer.json["next_cursor"].is_null() == (page == 2));
    if (answer.json["next_cursor"].is_string()) cursor = answer.json["next_cursor"];
  }
  CHECK(paged == made);
}

TEST_CASE("the events of a run are paged, and a cursor goes on in its own run alone", "[runs]") {
  RunsStage runs;
  const std::string id = runs.start(), other = runs.start();
  for (const char* name : {"a", "b", "c"}) {
    runs.presign(in_run(id), name);
    runs.presign(in_run(other), "other");
  }
  const std::string target = "/nexus/runs/" + id + "?limit=2";
  const Answer page = runs.get(target, "member");
  REQUIRE(page.json["events"].size() == 2);
  CHECK(page.json["events"][0]["input"]["filename"] == "c");
  const std::string cursor = page.json["next_cursor"];
  const Json rest = runs.get(target + "&cursor=" + cursor, "member").json;
  REQUIRE(rest["events"].size() == 1);
  CHECK(rest["events"][0]["input"]["filename"] == "a");
  CHECK(rest["next_cursor"].is_null());
  CHECK(outcome(runs.get("/nexus/runs/" + other + "?cursor=" + cursor)) == "400 request.invalid_cursor");
  CHECK(runs.get("/events?run_id=" + id + "&event_type=raw_asset_presigned", "admin").json["items"].size() == 3);
}

TEST_CASE("who may start, finish and read a run", "[runs]") {
  RunsStage runs;
  for (const std::string& role : roles()) {
    INFO(role);
    const bool may = rank(role) >= rank("member");
    const Answer started = runs.world.call("POST", "/nexus/runs", runs.headers(role), Json{{"kind", "a"}});
    CHECK(outcome(started) == (may ? "201" : "403 auth.insufficient_role"));
    const std::string id = runs.start();
    CHECK(runs.get("/nexus/runs/" + id, role).status == 200);
    CHECK(runs.get("/nexus/runs", role).status == 200);
    CHECK(outcome(runs.world.call("POST", "/nexus/runs/" + id + "/finish", runs.headers(role),
                                  Json{{"status", "completed"}})) == (may ? "200" : "403 auth.insufficient_role"));
  }
}

TEST_CASE("a form for a run that is none is refused before its file is stored", "[runs]") {
  Media media;
  const Answer answer = media.form(media_form({}), {{"X-Run-Id", "none"}});
  CHECK(outcome(answer) == "404 run.not_found");
  CHECK(media.files().empty());
}

TEST_CASE("what is said on a WebSocket belongs to the run in which it was opened, while that runs", "[runs]") {
  RunsStage runs;
  const std::string thread = new_thread(runs.world, runs.tenant), id = runs.start();
  WsWire wire(runs.world.daemon().port(), "/ws/chat/" + thread, runs.headers("member", in_run(id)));
  REQUIRE(wire.opened().status == 101);
  CHECK(outcome_of_frame(said(runs.world, wire, {{"text", "hello"}, {"ref", "1"}})) == "ack");
  const Json run = runs.run(id);
  CHECK(run["events_count"] == 1);
  CHECK(run["metadata"]["event_types"] == Json{"chat_message"});
  REQUIRE(runs.finish(id).status == 200);
  CHECK(outcome_of_frame(said(runs.world, wire, {{"text", "late"}, {"ref", "2"}})) == "409 run.finished");
  WsWire traced(runs.world.daemon().port(), "/ws/chat/" + thread, runs.headers("member", kRunTraced));
  REQUIRE(traced.opened().status == 101);
  CHECK(outcome_of_frame(said(runs.world, traced, {{"text", "hello"}, {"ref", "3"}})) == "ack");
  CHECK(runs.run(kRunTrace)["events_count"] == 1);
}

TEST_CASE("every route of a tenant heeds X-Run-Id", "[runs]") {
  RunsStage runs;
  World& world = runs.world;
  const Stage stage{world, runs.tenant, runs.tenant.owner};
  const std::string running = runs.start(), finished = runs.start();
  REQUIRE(runs.finish(finished).status == 200);
  for (const ApiRoute& route : all_routes(world)) {
    if (!route.has_header_context() || route.path.starts_with("/ws/")) continue;
    INFO(route.name());
    CHECK(outcome(ask(route, stage, in_run("none"))) == "404 run.not_found");
    CHECK(outcome(ask(route, stage, in_run(finished))) == "409 run.finished");
    if (route.method == "GET" && route.path.starts_with("/sse/")) continue;
    const Answer answer = ask(route, stage, in_run(running));
    CHECK(answer.status == route.line.success);
    if (!answer.has("nexus-audit-seq")) continue;
    CHECK(runs.audit_body(answer)["run_id"] == running);
    const Answer traced = ask(route, stage, kRunTraced);
    CHECK(runs.audit_body(traced)["run_id"] == kRunTrace);
  }
}

}  // namespace nexus::test
