// Training opt-outs: whose word counts, who may speak for whom, and what follows for events.
#include "tests/api/expect.hpp"
#include "tests/api/world.hpp"
#include "tests/catch.hpp"

namespace nexus::test {
namespace {

struct Privacy {
  World& world = shared_world();
  Tenant tenant = world.new_tenant_with_members();

  Answer get(const Person& who, const std::string& query = "", const std::string& env = "dev") {
    return world.call("GET", "/privacy/training" + query, World::in(who, tenant.id, env));
  }
  Answer put_tenant(const Person& who, const Json& body) {
    return world.call("PUT", "/privacy/training", World::in(who, tenant.id), body);
  }
  Answer put_user(const Person& who, const std::string& user_id, const Json& body) {
    return world.call("PUT", "/privacy/training/users/" + user_id, World::in(who, tenant.id), body);
  }
  /// Whether models may learn from what the member does now.
  bool train_ok() {
    world.presign(tenant.member, tenant.id, "plain.txt");
    const Answer list = world.call("GET", "/events?limit=1", World::in(tenant.admin, tenant.id));
    return list.json.at("items").at(0).at("train_ok");
  }
};

}  // namespace

TEST_CASE("nobody has opted out before somebody says so") {
  Privacy privacy;
  const Answer answer = privacy.get(privacy.tenant.viewer);
  CHECK(answer.status == 200);
  CHECK(answer.json["opt_out"] == false);
  CHECK(answer.json["user"]["user_id"] == privacy.tenant.viewer.id);
  CHECK(answer.json["user"]["opt_out"].is_null());
  CHECK(answer.json["tenant"]["opt_out"].is_null());
  CHECK(answer.json["tenant_id"] == privacy.tenant.id);
  CHECK(privacy.train_ok());
}

TEST_CASE("a user's word counts before the tenant's") {
  Privacy privacy;
  const auto& [owner, admin, member, viewer] =
      std::tie(privacy.tenant.owner, privacy.tenant.admin, privacy.tenant.member, privacy.tenant.viewer);
  struct Row {
    std::optional<bool> tenant, user;
    bool train_ok;
  };
  for (const Row& row : {Row{false, std::nullopt, true}, Row{true, std::nullopt, false}, Row{true, false, true},
                         Row{true, true, false}, Row{false, true, false}, Row{false, false, true}}) {
    if (row.tenant) REQUIRE(privacy.put_tenant(admin, {{"opt_out", *row.tenant}}).status == 200);
    if (row.user) REQUIRE(privacy.put_user(member, member.id, {{"opt_out", *row.user}}).status == 200);
    CHECK(privacy.train_ok() == row.train_ok);
    CHECK(privacy.get(member).json["opt_out"] == !row.train_ok);
  }
  const Answer seen = privacy.get(admin, "?user_id=" + member.id);
  CHECK(seen.json["user"]["user_id"] == member.id);
  CHECK(seen.json["user"]["opt_out"] == false);
  CHECK(seen.json["user"]["updated_by"] == member.id);
  CHECK(seen.json["tenant"]["updated_by"] == admin.id);
  CHECK(privacy.get(owner).json["user"]["opt_out"].is_null());
  CHECK(privacy.get(viewer).json["user"]["opt_out"].is_null());
}

TEST_CASE("everybody speaks for himself, and admins for others") {
  Privacy privacy;
  const Tenant& tenant = privacy.tenant;
  CHECK(privacy.put_user(tenant.viewer, tenant.viewer.id, {{"opt_out", true}}).status == 200);
  CHECK(privacy.put_user(tenant.admin, tenant.member.id, {{"opt_out", true}}).status == 200);
  CHECK(privacy.put_user(tenant.owner, tenant.admin.id, {{"opt_out", true}}).status == 200);
  CHECK(outcome(privacy.put_user(tenant.member, tenant.viewer.id, {{"opt_out", true}})) ==
        "403 auth.insufficient_role");
  CHECK(outcome(privacy.put_user(tenant.member, "u_nobody", {{"opt_out", 7}})) == "403 auth.insufficient_role");
  CHECK(outcome(privacy.put_tenant(tenant.member, {{"opt_out", true}})) == "403 auth.insufficient_role");
  CHECK(outcome(privacy.get(tenant.member, "?user_id=" + tenant.viewer.id)) == "403 auth.insufficient_role");
  CHECK(privacy.get(tenant.member, "?user_id=" + tenant.member.id).status == 200);
  const Person stranger = privacy.world.new_person();
  const Answer absent = privacy.put_user(tenant.admin, "u_nobody", {{"opt_out", true}});
  CHECK(outcome(absent) == "404 member.not_found");
  CHECK(comparable(privacy.put_user(tenant.admin, stranger.id, {{"opt_out", true}})) == comparable(absent));
  CHECK(outcome(privacy.get(tenant.admin, "?user_id=" + stranger.id)) == "404 member.not_found");
}

TEST_CASE("an opt-out refuses what it cannot mean") {
  Privacy privacy;
  for (const auto& [body, code] : {std::pair{Json::object(), "422 validation.failed"},
                                   {Json{{"opt_out", nullptr}}, "422 validation.failed"},
                                   {Json{{"opt_out", "yes"}}, "422 validation.failed"},
                                   {Json{{"opt_out", 1}}, "422 validation.failed"},
                                   {Json{{"optout", true}, {"opt_out", true}}, "422 validation.unknown_field"}}) {
    INFO(body.dump());
    CHECK(outcome(privacy.put_tenant(privacy.tenant.admin, body)) == code);
    CHECK(outcome(privacy.put_user(privacy.tenant.member, privacy.tenant.member.id, body)) == code);
  }
  CHECK(privacy.get(privacy.tenant.member).json["tenant"]["opt_out"].is_null());
}

TEST_CASE("opting out is never gated, opting in is, and each leaves one audit row") {
  Privacy privacy;
  const Tenant& tenant = privacy.tenant;
  const Answer before = privacy.put_tenant(tenant.admin, {{"opt_out", true}});
  const Answer after = privacy.put_tenant(tenant.admin, {{"opt_out", false}});
  CHECK(std::stoi(after.header("nexus-audit-seq")) == std::stoi(before.header("nexus-audit-seq")) + 1);
  REQUIRE(privacy.world.put_kill_switches(tenant.admin, tenant.id, {{"disabled_actions", {"privacy_update"}}}).status ==
          200);
  CHECK(outcome(privacy.put_user(tenant.member, tenant.member.id, {{"opt_out", false}})) == "403 kill_switch_blocked");
  CHECK(privacy.put_user(tenant.member, tenant.member.id, {{"opt_out", true}}).status == 200);
  CHECK(privacy.put_tenant(tenant.admin, {{"opt_out", true}}).status == 200);
}

TEST_CASE("a person's opt-out holds in all envs, and only that person takes it back") {
  Privacy privacy;
  const Tenant& tenant = privacy.tenant;
  REQUIRE(privacy.put_user(tenant.member, tenant.member.id, {{"opt_out", true}}).status == 200);
  for (const char* env : {"dev", "staging", "prod"}) CHECK(privacy.get(tenant.member, "", env).json["opt_out"] == true);
  for (const Person& other : {tenant.admin, tenant.owner, privacy.world.root()})
    CHECK(outcome(privacy.put_user(other, tenant.member.id, {{"opt_out", false}})) == "403 auth.insufficient_role");
  const Json told = privacy.world.call("GET", "/events?limit=1", World::in(tenant.admin, tenant.id)).json["items"][0];
  CHECK(told["event_type"] == "training_preference_changed");
  CHECK(told["asset_id"] == tenant.member.id);
  CHECK(told["input"] == Json{{"opt_out", true}});
  privacy.world.presign(tenant.member, tenant.id, "out.txt");
  privacy.world.presign(tenant.admin, tenant.id, "in.txt");
  for (const auto& [train_ok, name] : {std::pair{"false", "out.txt"}, {"true", "in.txt"}}) {
    const std::string target = std::string("/events?event_type=raw_asset_presigned&train_ok=") + train_ok;
    const Json items = privacy.world.call("GET", target, World::in(tenant.admin, tenant.id)).json["items"];
    REQUIRE(items.size() == 1);
    CHECK(items[0]["input"]["filename"] == name);
  }
  CHECK(privacy.put_user(tenant.member, tenant.member.id, {{"opt_out", false}}).status == 200);
  CHECK(privacy.get(tenant.member, "", "prod").json["opt_out"] == false);
}

TEST_CASE("a choice of a tenant stands for its env alone") {
  Privacy privacy;
  const Tenant other = privacy.world.new_tenant_with_members();
  REQUIRE(privacy.put_tenant(privacy.tenant.admin, {{"opt_out", true}}).status == 200);
  CHECK(privacy.get(privacy.tenant.admin, "", "staging").json["opt_out"] == false);
  CHECK(privacy.world.call("GET", "/privacy/training", World::in(other.admin, other.id)).json["opt_out"] == false);
}

}  // namespace nexus::test
