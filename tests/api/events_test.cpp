// Activity events: what a change leaves, who may read it, how it is masked, filtered and paged.
#include <array>

#include "tests/api/expect.hpp"
#include "tests/api/world.hpp"
#include "tests/catch.hpp"

namespace nexus::test {
namespace {

struct Events {
  World& world = shared_world();
  Tenant tenant = world.new_tenant_with_members();

  Answer list(const std::string& query = "", const std::string& env = "dev") {
    return world.call("GET", "/events" + query, World::in(tenant.admin, tenant.id, env));
  }
  std::vector<std::string> types(const std::string& query = "") {
    std::vector<std::string> out;
    const Answer answer = list(query);
    REQUIRE(answer.status == 200);
    for (const auto& event : answer.json.at("items")) out.push_back(event.at("event_type"));
    return out;
  }
  Answer presign(const std::string& filename, const Headers& more = {}) {
    return world.call("POST", "/nexus/raw/presign-upload", with(World::in(tenant.member, tenant.id), more),
                      Json{{"filename", filename}});
  }
};

}  // namespace

TEST_CASE("every change leaves exactly one event, newest first, and a refusal none") {
  Events events;
  CHECK(events.types().empty());
  const StoredFile file = events.world.registered(events.tenant.member, events.tenant.id);
  CHECK(events.types() == std::vector<std::string>{"raw_asset_registered", "raw_asset_presigned"});
  CHECK(events.presign("").status == 422);
  const Answer again =
      events.world.call("POST", "/nexus/raw/register", World::in(events.tenant.member, events.tenant.id),
                        Json{{"asset_id", file.asset_id}, {"filename", file.filename}});
  CHECK(again.status == 200);  // the same once more changes nothing
  REQUIRE(events.world.put_kill_switches(events.tenant.admin, events.tenant.id, {{"disabled_actions", {"raw_presign"}}})
              .status == 200);
  CHECK(outcome(events.presign("a")) == "403 kill_switch_blocked");
  CHECK(events.types().size() == 2);
}

TEST_CASE("an event says who did what in which request") {
  Events events;
  const Answer answer = events.presign(
      "report.pdf",
      {{"traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}, {"X-Request-Id", "r-17"}});
  REQUIRE(answer.status == 200);
  const Json event = events.list().json.at("items").at(0);
  CHECK(event["tenant_id"] == events.tenant.id);
  CHECK(event["env"] == "dev");
  CHECK(event["surface"] == "raw_storage");
  CHECK(event["agent_id"].is_null());
  CHECK(event["actor_id"] == events.tenant.member.id);
  CHECK(event["actor_type"] == "human");
  CHECK(event["event_type"] == "raw_asset_presigned");
  CHECK(event["asset_type"] == "raw_asset");
  CHECK(event["asset_id"] == answer.json["asset_id"]);
  CHECK(event["input"]["filename"] == "report.pdf");
  CHECK(event["output"]["key"] == answer.json["key"]);
  CHECK(event["metadata"] == Json::object());
  CHECK(event["pii_flags"] == Json::array());
  CHECK(event["train_ok"] == true);
  CHECK(event["trace_id"] == "4bf92f3577b34da6a3ce929d0e0e4736");
  CHECK(event["request_id"] == "r-17");
  CHECK(event["run_id"] == "4bf92f3577b34da6a3ce929d0e0e4736");  // that of the trace
  CHECK(event["created_at"].get<std::string>().ends_with("Z"));
  const Answer shown = events.world.call("GET", "/events/" + event["event_id"].get<std::string>(),
                                         World::in(events.tenant.owner, events.tenant.id));
  CHECK(shown.status == 200);
  CHECK(shown.json == event);
}

TEST_CASE("an agent's event names the agent") {
  Events events;
  const Person agent{events.tenant.member.id,
                     events.world.new_token(events.tenant.member.id, {{"actor_type", "agent"}})};
  events.world.presign(agent, events.tenant.id, "a.txt");
  const Json event = events.list().json.at("items").at(0);
  CHECK(event["actor_type"] == "agent");
  CHECK(event["agent_id"] == agent.id);
}

TEST_CASE("what is personal is masked in the event alone") {
  Events events;
  const Answer answer = events.presign("john.doe@example.com from 203.0.114.9, 415-555-0132.pdf");
  REQUIRE(answer.status == 200);
  const Answer list = events.list();
  const Json event = list.json.at("items").at(0);
  CHECK(event["pii_flags"] == Json({"email", "phone", "ip_address"}));
  CHECK(event["train_ok"] == false);
  CHECK(event["input"]["filename"] == "[REDACTED:email] from [REDACTED:ip_address], [REDACTED:phone].pdf");
  CHECK(event["asset_id"] == answer.json["asset_id"]);
  CHECK(list.body.find("john.doe") == std::string::npos);
  CHECK(list.body.find("555-0132") == std::string::npos);
  CHECK(answer.json["filename"] == "john.doe@example.com from 203.0.114.9, 415-555-0132.pdf");
}

TEST_CASE("events are narrowed by type, surface, actor, trace and time") {
  Events events;
  events.world.registered(events.tenant.member, events.tenant.id);
  events.world.presign(events.tenant.owner, events.tenant.id, "o.txt");
  const std::string trace = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
  events.presign("t.txt", {{"traceparent", "00-" + trace + "-00f067aa0ba902b7-01"}});
  CHECK(events.types().size() == 4);
  CHECK(events.types("?event_type=raw_asset_registered") == std::vector<std::string>{"raw_asset_registered"});
  CHECK(events.types("?event_type=none_such").empty());
  CHECK(events.types("?surface=raw_storage").size() == 4);
  CHECK(events.types("?surface=cards").empty());
  CHECK(events.types("?actor=" + events.tenant.owner.id).size() == 1);
  CHECK(events.types("?actor=" + events.tenant.member.id + "&event_type=raw_asset_presigned").size() == 2);
  CHECK(events.types("?trace_id=" + trace).size() == 1);
  CHECK(events.types("?since=2020-01-01T00:00:00Z&until=2100-01-01T00:00:00Z").size() == 4);
  CHECK(events.types("?since=2100-01-01T00:00:00Z").empty());
  const Json newest = events.list().json.at("items").at(0);
  CHECK(!events.types("?since=" + newest["created_at"].get<std::string>()).empty());
  CHECK(events.types("?until=" + newest["created_at"].get<std::string>()).size() < 4);
  CHECK(events.types("?until=2020-01-01T00:00:00Z&event_type=raw_asset_presigned").empty());
}

TEST_CASE("pages of events follow one another without a gap or a repetition") {
  Events events;
  for (int i = 0; i < 5; ++i) events.presign("file-" + std::to_string(i));
  std::vector<std::string> names;
  std::string cursor;
  for (int page = 0; page < 3; ++page) {
    const Answer answer = events.list("?limit=2" + (cursor.empty() ? "" : "&cursor=" + cursor));
    REQUIRE(answer.status == 200);
    for (const auto& event : answer.json.at("items")) names.push_back(event["input"]["filename"]);
    if (page == 0) events.presign("later");  // what comes meanwhile shifts nothing
    CHECK(answer.json["next_cursor"].is_null() == (page == 2));
    if (answer.json["next_cursor"].is_string()) cursor = answer.json["next_cursor"];
  }
  CHECK(names == std::vector<std::string>{"file-4", "file-3", "file-2", "file-1", "file-0"});
  const Tenant other = events.world.new_tenant_with_members();
  CHECK(outcome(events.world.call("GET", "/events?cursor=" + cursor, World::in(other.admin, other.id))) ==
        "400 request.invalid_cursor");
}

TEST_CASE("lists of events refuse what they cannot mean") {
  Events events;
  for (const auto& [query, code, pointer] : std::vector<std::array<std::string, 3>>{
           {"?since=yesterday", "422 validation.failed", "/query/since"},
           {"?until=2026-11-23T00:00:00", "422 validation.failed", "/query/until"},
           {"?since=2026-11-23T00:00:00Z&until=2026-11-22T00:00:00Z", "422 validation.failed", "/query/until"},
           {"?event_type=", "422 validation.failed", "/query/event_type"},
           {"?limit=0", "422 validation.failed", "/query/limit"},
           {"?limit=201", "422 validation.failed", "/query/limit"},
           {"?type=chat_message", "422 validation.unknown_field", "/query/type"},
           {"?cursor=garbage", "400 request.invalid_cursor", ""}}) {
    INFO(query);
    const Answer answer = events.list(query);
    CHECK(outcome(answer) == code);
    CHECK(pointers(answer) == pointer);
  }
}

TEST_CASE("events are for admins of the tenant and env alone") {
  Events events;
  World& world = events.world;
  events.presign("secret-name.txt");
  const std::string id = events.list().json.at("items").at(0).at("event_id");
  const Tenant other = world.new_tenant_with_members();
  for (const std::string& target : {std::string("/events"), "/events/" + id}) {
    INFO(target);
    CHECK(outcome(world.call("GET", target, World::in(events.tenant.member, events.tenant.id))) ==
          "403 auth.insufficient_role");
    CHECK(outcome(world.call("GET", target, World::in(events.tenant.viewer, events.tenant.id))) ==
          "403 auth.insufficient_role");
    CHECK(outcome(world.call("GET", target, World::in(other.admin, events.tenant.id))) == "403 auth.not_a_member");
  }
  const Headers neighbour = World::in(other.admin, other.id);
  CHECK(world.call("GET", "/events", neighbour).json["items"].empty());
  const Answer foreign = world.call("GET", "/events/" + id, neighbour);
  CHECK(outcome(foreign) == "404 event.not_found");
  CHECK(comparable(foreign) == comparable(world.call("GET", "/events/no-such-event", neighbour)));
  CHECK(events.list("", "staging").json["items"].empty());
  CHECK(outcome(world.call("GET", "/events/" + id, World::in(events.tenant.admin, events.tenant.id, "staging"))) ==
        "404 event.not_found");
}

}  // namespace nexus::test
