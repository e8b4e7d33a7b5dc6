// Entries of the kill-switch document: their own ends and reasons, users, names in any spelling, actions nobody has.
#include <chrono>
#include <tuple>

#include "tests/api/expect.hpp"
#include "tests/api/kill_switch_support.hpp"
#include "tests/catch.hpp"

namespace nexus::test {
namespace {

const Json kPresignBlock = entry("action", "raw_presign");

}  // namespace

TEST_CASE("each entry has its own reason and end, and says who set it and since when", "[kill]") {
  Switches switches;
  REQUIRE(switches.put({{"disabled_actions", {"raw_presign"}}, {"reason", "an incident"}}).status == 200);
  const std::string end = in_seconds(3600);
  const Answer answer = switches.patch({{"block", {entry("provider", "OpenAI", {{"expires_at", end}})}}});
  REQUIRE(outcome(answer) == "200");
  const Json entries = answer.json.at("entries");
  REQUIRE(entries.size() == 2);
  CHECK(entries[0].at("kind") == "action");
  CHECK(entries[0].at("name") == "raw_presign");
  CHECK(entries[0].at("reason") == "an incident");
  CHECK(entries[0].at("expires_at").is_null());
  CHECK(entries[1].at("name") == "openai");
  CHECK(entries[1].at("expires_at").get<std::string>().substr(0, 19) == end.substr(0, 19));
  for (const Json& one : entries) {
    CHECK(one.at("by") == switches.tenant.admin.id);
    CHECK(one.at("since").get<std::string>().ends_with("Z"));
  }
  CHECK(answer.json.at("expires_at").is_null());
  CHECK(answer.json.at("disable_providers") == Json{"openai"});
}

TEST_CASE("an entry ends by itself at its time, and no other with it", "[kill]") {
  Switches switches;
  REQUIRE(switches.put({{"disabled_actions", {"card_create"}}}).status == 200);
  REQUIRE(switches.patch({{"block", {entry("action", "raw_presign", {{"expires_at", in_seconds(2)}})}}}).status == 200);
  CHECK(switches.presign() == "403 kill_switch_blocked");
  const std::string before = switches.get().header("etag");
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (switches.presign() != "200") REQUIRE(std::chrono::steady_clock::now() < deadline);
  CHECK(switches.get().json.at("disabled_actions") == Json{"card_create"});
  CHECK(switches.get().header("etag") != before);
}

TEST_CASE("adding an entry with an end only tightens; taking one off or ending it sooner is gated", "[kill][gates]") {
  Switches switches;
  const auto in_prod = [&](const Json& body) {
    return outcome(switches.world.call("PATCH", "/kill-switches",
                                       World::in(switches.tenant.admin, switches.tenant.id, "prod"), body));
  };
  CHECK(in_prod({{"block", {entry("action", "card_create")}}}) == "200");
  CHECK(in_prod({{"block", {entry("action", "raw_presign", {{"expires_at", in_seconds(60)}})}}}) == "200");
  CHECK(in_prod({{"allow", {kPresignBlock}}}) == "409 strategy_lock_required");
  const auto put = [&](const Json& body) {
    return outcome(switches.world.put_kill_switches(switches.tenant.admin, switches.tenant.id, body, "prod"));
  };
  // The document's end is that of entries that bring none of their own.
  CHECK(put({{"expires_at", in_seconds(60)}}) == "409 strategy_lock_required");
  const Tenant other = switches.world.new_tenant_with_members();
  const auto put_there = [&](const Json& body) {
    return outcome(switches.world.put_kill_switches(other.admin, other.id, body, "prod"));
  };
  CHECK(put_there({{"disabled_actions", {"card_create"}}, {"expires_at", in_seconds(60)}}) == "200");
  CHECK(put_there({{"disabled_actions", {"card_create", "pack_create"}}}) == "200");
  CHECK(put_there({{"expires_at", in_seconds(30)}}) == "409 strategy_lock_required");
  CHECK(put_there({{"expires_at", in_seconds(90)}}) == "200");
}

TEST_CASE("blocking what is blocked can only make it last longer", "[kill]") {
  Switches switches;
  const auto end_of = [&](const Json& more) {
    const Answer answer = switches.patch({{"block", {entry("action", "raw_presign", more)}}});
    REQUIRE(answer.status == 200);
    const Json end = answer.json.at("entries").at(0).at("expires_at");
    return end.is_null() ? "never" : end.get<std::string>().substr(0, 19);
  };
  const std::string soon = in_seconds(60), late = in_seconds(120);
  CHECK(end_of({{"expires_at", soon}}) == soon.substr(0, 19));
  CHECK(end_of({{"expires_at", late}}) == late.substr(0, 19));
  CHECK(end_of({{"expires_at", soon}}) == late.substr(0, 19));
  CHECK(end_of({{"expires_at", nullptr}}) == "never");
  CHECK(end_of({{"expires_at", late}}) == "never");
  const Answer again = switches.patch({{"block", {entry("action", "raw_presign", {{"expires_at", nullptr}})}}});
  CHECK(again.json.at("changed") == false);
  CHECK(again.header("etag") == switches.get().header("etag"));
}

TEST_CASE("what is written with entries is read as lists, and the other way round", "[kill]") {
  Switches switches;
  const Answer written =
      switches.put({{"entries", {entry("user", "u_nobody"), {{"kind", "autonomy"}}, kPresignBlock}}});
  REQUIRE(outcome(written) == "200");
  CHECK(written.json.at("disabled_users") == Json{"u_nobody"});
  CHECK(written.json.at("disable_autonomy") == true);
  CHECK(written.json.at("disabled_actions") == Json{"raw_presign"});
  CHECK(switches.put({{"disable_autonomy", false}}).json.at("entries").size() == 2);
  CHECK(switches.put({{"entries", Json::array()}}).json.at("disabled_users").empty());
  for (const Json& body : {Json{{"entries", Json::array()}, {"disabled_actions", Json::array()}},
                           Json{{"entries", nullptr}}, Json{{"entries", {{{"name", "raw_presign"}}}}},
                           Json{{"entries", {entry("surface", "x")}}}, Json{{"entries", {entry("autonomy", "x")}}},
                           Json{{"entries", {{{"kind", "action"}}}}}, Json{{"disabled_users", {"alice"}}},
                           Json{{"entries", {entry("action", "x", {{"expires_at", in_seconds(-5)}})}}}}) {
    INFO(body.dump());
    CHECK(outcome(switches.put(body)) == "422 validation.failed");
  }
  CHECK(outcome(switches.put({{"entries", {entry("action", "x", {{"by", "u_me"}})}}})) ==
        "422 validation.unknown_field");
}

// ---- names ---------------------------------------------------------------------------------------------------------

TEST_CASE("a provider is one in every spelling, on both sides", "[kill][names]") {
  Switches switches;
  const Headers member = World::in(switches.tenant.member, switches.tenant.id);
  const auto check = [&](const std::string& provider) {
    const Json body = {{"action", "call_model"}, {"surface", "agents"}, {"provider", provider}};
    return outcome(switches.world.call("POST", "/gates/check", member, body));
  };
  const auto record = [&](const std::string& provider) {
    const Json cost = {{"amount_micros", 1}, {"currency", "USD"}};
    const Json body = {{"provider", provider}, {"tokens_input", 1}, {"tokens_output", 1}, {"cost", cost}};
    return outcome(switches.world.call("POST", "/budget/usage", member, body));
  };
  const char* const spellings[] = {"openai", "OpenAI",         "OpenAI ",          "\topenai",
                                   "OPENAI", "openai\xc2\xa0", "\xef\xbc\xafpenai"};
  for (const char* blocked : spellings) {
    INFO(blocked);
    const Answer answer = switches.patch({{"block", {entry("provider", blocked)}}});
    CHECK(answer.json.at("disable_providers") == Json{"openai"});
    for (const char* named : spellings) {
      INFO(named);
      CHECK(check(named) == "403 kill_switch_blocked");
      CHECK(record(named) == "403 kill_switch_blocked");
    }
    CHECK(switches.patch({{"allow", {entry("provider", "OPENAI ")}}}).json.at("disable_providers").empty());
    CHECK(check("openai") == "200");
  }
  for (const char* no_name : {"open ai",
                              "open\xe2\x80\x8b"
                              "ai",
                              "open\nai", " "}) {
    INFO(no_name);
    CHECK(check(no_name) == "422 validation.failed");
    CHECK(record(no_name) == "422 validation.failed");
    CHECK(outcome(switches.put({{"disable_providers", {no_name}}})) == "422 validation.failed");
  }
}

TEST_CASE("an action that no route has is taken and named; one that nothing gates is refused", "[kill]") {
  Switches switches;
  const Answer slip = switches.put({{"disabled_actions", {"raw_presing", " raw_presign ", "*"}}});
  REQUIRE(outcome(slip) == "200");
  CHECK(slip.json.at("disabled_actions") == Json({"*", "raw_presign", "raw_presing"}));
  CHECK(slip.json.at("unknown_actions") == Json{"raw_presing"});
  CHECK(switches.get().json.at("unknown_actions") == Json{"raw_presing"});
  const Answer nothing = switches.put({{"disabled_actions", {"lock_create"}}});
  CHECK(outcome(nothing) == "422 validation.failed");
  CHECK(pointers(nothing) == "/disabled_actions");
}

TEST_CASE("allowing one action under the star says that it is stopped still", "[kill]") {
  Switches switches;
  REQUIRE(switches.put({{"disabled_actions", {"*", "raw_presign", "limits_update"}}}).status == 200);
  const Answer answer = switches.patch({{"allow", {kPresignBlock, entry("action", "limits_update")}}});
  REQUIRE(outcome(answer) == "200");
  const Json still = {{"kind", "action"}, {"name", "raw_presign"}, {"by", "*"}, {"everywhere", false}};
  CHECK(answer.json.at("still_stopped") == Json::array({still}));
  CHECK(switches.presign() == "403 kill_switch_blocked");
}

TEST_CASE("a switch on gates_check stops POST /gates/check, and explain says so", "[kill][gates]") {
  Switches switches;
  const Headers member = World::in(switches.tenant.member, switches.tenant.id);
  const Json act = {{"action", "publish_page"}, {"surface", "web"}};
  CHECK(outcome(switches.world.call("POST", "/gates/check", member, act)) == "200");
  REQUIRE(switches.put({{"disabled_actions", {"gates_check"}}}).status == 200);
  const Answer refused = switches.world.call("POST", "/gates/check", member, act);
  CHECK(outcome(refused) == "403 kill_switch_blocked");
  CHECK(refused.json.at("remedy") == "nexusctl kill allow gates_check");
  const Answer told = switches.world.call("POST", "/gates/explain", member, act);
  CHECK(told.json.at("decision").at("result") == "BLOCK");
}

// ---- users ---------------------------------------------------------------------------------------------------------

TEST_CASE("who is switched off is refused everything here: reads, writes, agents, routes by the tenant's path",
          "[kill]") {
  Switches switches;
  World& world = switches.world;
  const std::string id = switches.tenant.id;
  const Person& admin = switches.tenant.admin;
  const Person agent{admin.id, world.new_token(admin.id, {{"actor_type", "agent"}})};
  const auto answers = [&](const Person& who) {
    std::string all;
    for (const auto& [method, target, body] :
         {std::tuple{"GET", "/nexus/raw", ""}, std::tuple{"GET", "/kill-switches", ""},
          std::tuple{"POST", "/nexus/search", R"({"query_text":"x"})"}, std::tuple{"GET", "/sse/events", ""},
          std::tuple{"POST", "/nexus/raw/presign-upload", R"({"filename":"a"})"},
          std::tuple{"PUT", "/kill-switches", R"({"disabled_users":[]})"},
          std::tuple{"POST", "/tickets", R"({"route":"/sse/events"})"}}) {
      Headers headers = World::in(who, id);
      if (*body != 0) headers.emplace_back("Content-Type", "application/json");
      const Answer answer = world.call(method, target, headers, std::string(body));
      CHECK(answer.has("nexus-audit-seq"));  // a refused read leaves its row too
      all += outcome(answer) + "\n";
    }
    return all;
  };
  const auto members = [&](const Person& who) {
    return outcome(world.call("GET", "/tenants/" + id + "/members", World::as(who)));
  };
  const std::string refused = "403 kill_switch_blocked\n";
  REQUIRE(world.put_kill_switches(switches.tenant.owner, id, {{"disabled_users", {admin.id}}}).status == 200);
  std::string all;
  for (int i = 0; i < 7; ++i) all += refused;
  CHECK(answers(admin) == all);
  CHECK(answers(agent) == all);
  CHECK(members(admin) == "200");  // judged by the document of prod
  CHECK(outcome(world.call("GET", "/auth/me", World::as(admin))) == "200");
  REQUIRE(world.put_kill_switches(switches.tenant.owner, id, {{"disabled_users", {admin.id}}}, "prod").status == 200);
  CHECK(members(admin) == "403 kill_switch_blocked");
  const Answer lifted = world.call("POST", "/tenants/" + id + "/kill-switches", World::as(switches.tenant.owner),
                                   Json{{"allow", {entry("user", admin.id)}}, {"envs", {"dev"}}});
  CHECK(outcome(lifted) == "200");
  CHECK(outcome(world.call("GET", "/nexus/raw", World::in(admin, id))) == "200");
}

TEST_CASE("who is switched off gets no stored answer again either", "[kill][idempotency]") {
  Switches switches;
  World& world = switches.world;
  const Tenant& tenant = switches.tenant;
  const Headers once = with(World::in(tenant.member, tenant.id), {{"Idempotency-Key", "once"}});
  const auto presign = [&] { return world.call("POST", "/nexus/raw/presign-upload", once, Json{{"filename", "a"}}); };
  const auto [form, type] = form_of({{"kind", "other"}}, "content");
  const auto upload = [&, body = form, content_type = type] {
    return world.call("POST", "/media-v2/assets", with(once, {{"Content-Type", content_type}}), body);
  };
  REQUIRE(presign().status == 200);
  REQUIRE(upload().status == 201);
  REQUIRE(upload().has("idempotency-replayed"));
  REQUIRE(switches.put({{"disabled_users", {tenant.member.id}}}).status == 200);
  CHECK(outcome(presign()) == "403 kill_switch_blocked");
  CHECK(outcome(upload()) == "403 kill_switch_blocked");
  REQUIRE(switches.put({{"disabled_users", Json::array()}, {"disabled_actions", {"raw_presign"}}}).status == 200);
  CHECK(presign().has("idempotency-replayed"));  // the look-up stands before what judges the act
}

TEST_CASE("an open stream of who is switched off ends", "[kill]") {
  Switches switches;
  EventStream stream(switches.world.daemon().port(), "/sse/events",
                     World::in(switches.tenant.admin, switches.tenant.id));
  REQUIRE(stream.next_of("resume_cursor"));
  REQUIRE(switches.world
              .put_kill_switches(switches.tenant.owner, switches.tenant.id,
                                 {{"disabled_users", {switches.tenant.admin.id}}})
              .status == 200);
  CHECK(stream.close_code() == 4503);
}

TEST_CASE("only an owner switches an owner off, and never the last", "[kill]") {
  Switches switches;
  World& world = switches.world;
  const Tenant& tenant = switches.tenant;
  const auto block = [&](const Person& who, const std::string& user) {
    return outcome(world.put_kill_switches(who, tenant.id, {{"disabled_users", {user}}}));
  };
  CHECK(block(tenant.admin, tenant.owner.id) == "403 auth.insufficient_role");
  CHECK(block(tenant.owner, tenant.owner.id) == "409 membership.last_owner");
  CHECK(block(world.root(), tenant.owner.id) == "409 membership.last_owner");
  CHECK(block(tenant.admin, tenant.admin.id) == "200");
  CHECK(block(tenant.owner, "u_nobody") == "200");
  const Person second = world.new_person();
  world.set_member(tenant.id, second.id, "owner");
  CHECK(block(tenant.owner, second.id) == "200");
  CHECK(outcome(world.call("GET", "/nexus/raw", World::in(second, tenant.id))) == "403 kill_switch_blocked");
  CHECK(outcome(switches.world.put_kill_switches(tenant.owner, tenant.id,
                                                 {{"disabled_users", {second.id, tenant.owner.id}}})) ==
        "409 membership.last_owner");
}

TEST_CASE("who is named in one env lifts himself by no other route", "[kill]") {
  Switches switches;
  World& world = switches.world;
  const Tenant& tenant = switches.tenant;
  REQUIRE(world.put_kill_switches(tenant.owner, tenant.id, {{"disabled_users", {tenant.admin.id}}}).status == 200);
  const auto lift = [&](const Json& envs) {
    return outcome(world.call("POST", "/tenants/" + tenant.id + "/kill-switches", World::as(tenant.admin),
                              Json{{"allow", {entry("user", tenant.admin.id)}}, {"envs", envs}}));
  };
  CHECK(lift({"dev"}) == "403 kill_switch_blocked");
  CHECK(lift({"dev", "prod"}) == "403 kill_switch_blocked");
}

// ---- several envs --------------------------------------------------------------------------------------------------

TEST_CASE("one request blocks in all envs, or in those it names, or in none", "[kill]") {
  Switches switches;
  World& world = switches.world;
  const Tenant& tenant = switches.tenant;
  const std::string target = "/tenants/" + tenant.id + "/kill-switches";
  const Answer all = world.call("POST", target, World::as(tenant.admin), Json{{"block", {kPresignBlock}}});
  REQUIRE(outcome(all) == "200");
  REQUIRE(all.json.at("items").size() == 3);
  for (const char* env : {"dev", "staging", "prod"}) {
    const Answer now = world.call("GET", "/kill-switches", World::in(tenant.admin, tenant.id, env));
    CHECK(now.json.at("disabled_actions") == Json{"raw_presign"});
  }
  // Lifting is gated in each env that is named: in none of them is anything done.
  const Answer refused = world.call("POST", target, World::as(tenant.admin), Json{{"allow", {kPresignBlock}}});
  CHECK(outcome(refused) == "409 strategy_lock_required");
  CHECK(switches.presign() == "403 kill_switch_blocked");
  const Answer dev =
      world.call("POST", target, World::as(tenant.admin), Json{{"allow", {kPresignBlock}}, {"envs", {"DEV"}}});
  CHECK(outcome(dev) == "200");
  CHECK(switches.presign() == "200");
  for (const Json& envs : {Json{"production"}, Json::array(), Json{"dev", "prod", "dev", "dev"}})
    CHECK(outcome(world.call("POST", target, World::as(tenant.admin), Json{{"envs", envs}})) ==
          "422 validation.failed");
  const Person narrow{tenant.admin.id, world.new_token(tenant.admin.id, {{"envs", {"prod"}}})};
  CHECK(outcome(world.call("POST", target, World::as(narrow), Json{{"block", {kPresignBlock}}})) ==
        "403 auth.not_a_member");
  CHECK(outcome(world.call("POST", target, World::as(narrow), Json{{"block", {kPresignBlock}}, {"envs", {"prod"}}})) ==
        "200");
}

}  // namespace nexus::test
