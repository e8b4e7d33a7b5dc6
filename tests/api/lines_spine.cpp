// Lines of the spine: what is open, identity, kill switches, raw storage and blobs.
#include "tests/api/lines.hpp"

namespace nexus::test {
namespace {

bool is_root(const Stage& stage) { return stage.who.id == "system"; }

/// Whoever may write in the tenant, for what must be there before.
const Person& spine_writer(const Stage& stage) { return stage.tenant.owner; }

Fill of_tenant(const std::string& rest) {
  return [rest](const Stage& stage) { return Filled{"/tenants/" + stage.tenant.id + rest}; };
}

Filled put_member(const Stage& stage) {
  const std::string user = stage.world.new_person().id;
  return json("/tenants/" + stage.tenant.id + "/members/" + user, {{"role", "viewer"}});
}

Filled delete_member(const Stage& stage) {
  const std::string user = stage.world.new_person().id;
  stage.world.set_member(stage.tenant.id, user, "viewer");
  return {"/tenants/" + stage.tenant.id + "/members/" + user};
}

/// To a tenant of his own, by whose owner he was invited.
std::string invited(const Stage& stage) {
  World& world = stage.world;
  const std::string tenant = world.new_tenant();
  const std::string user = is_root(stage) ? stage.tenant.viewer.id : stage.who.id;
  const Person host = world.new_person();
  world.set_member(tenant, host.id, "owner");
  world.call("PUT", "/tenants/" + tenant + "/members/" + user, World::as(host), Json{{"role", "viewer"}});
  return "/auth/memberships/" + tenant;
}

Filled post_token(const Stage& stage) {
  Json body = {{"name", "made by a sweep"}};
  if (is_root(stage)) body["user_id"] = stage.tenant.viewer.id;
  return json("/tokens", body);
}

Filled delete_token(const Stage& stage) {
  World& world = stage.world;
  const std::string user = is_root(stage) ? stage.tenant.viewer.id : stage.who.id;
  const Answer made = world.call("POST", "/tokens", World::as(world.root()), Json{{"user_id", user}});
  return {"/tokens/" + made.json.at("token_id").get<std::string>()};
}

Filled delete_tenant_token(const Stage& stage) {
  World& world = stage.world;
  const Json wish = {{"user_id", stage.tenant.viewer.id}, {"tenants", {stage.tenant.id}}};
  const Answer made = world.call("POST", "/tokens", World::as(world.root()), wish);
  return {"/tenants/" + stage.tenant.id + "/tokens/" + made.json.at("token_id").get<std::string>()};
}

Filled register_upload(const Stage& stage) {
  const StoredFile file = stage.world.uploaded(spine_writer(stage), stage.tenant.id, stage.env);
  return json("/nexus/raw/register", {{"asset_id", file.asset_id}, {"filename", file.filename}});
}

Fill of_raw_asset(const std::string& rest) {
  return [rest](const Stage& stage) {
    return Filled{"/nexus/raw/" + stage.world.registered(spine_writer(stage), stage.tenant.id, stage.env).asset_id +
                  rest};
  };
}

/// Its creator is the one who asks, when he may create at all.
Filled delete_raw_asset(const Stage& stage) {
  const Person& creator = stage.who.id == stage.tenant.member.id ? stage.tenant.member : spine_writer(stage);
  return {"/nexus/raw/" + stage.world.registered(creator, stage.tenant.id, stage.env).asset_id};
}

Filled patch_raw_asset(const Stage& stage) {
  return json(delete_raw_asset(stage).target, {{"metadata", {{"swept", true}}}});
}

Filled post_blob(const Stage& stage) {
  const Json presigned = stage.world.presign(spine_writer(stage), stage.tenant.id, "sweep.txt", stage.env);
  const auto [body, type] = form_of(presigned.at("fields"), "swept");
  return {"/blobs/nexus", body, type};
}

Filled get_blob(const Stage& stage) {
  World& world = stage.world;
  const StoredFile file = world.registered(spine_writer(stage), stage.tenant.id, stage.env);
  const Answer answer = world.call("GET", "/nexus/raw/" + file.asset_id + "/download",
                                   World::in(spine_writer(stage), stage.tenant.id, stage.env));
  const std::string url = answer.header("location");
  return {url.substr(url.find('/', url.find("://") + 3))};
}

}  // namespace

Lines spine_lines() {
  return {
      {"GET /livez", "open", "", "none", 200, just("/livez")},
      {"GET /readyz", "open", "", "none", 200, just("/readyz")},
      {"GET /version", "open", "", "none", 200, just("/version")},
      {"GET /openapi.json", "open", "", "none", 200, just("/openapi.json")},
      {"GET /problems/{code}", "open", "", "none", 200, just("/problems/auth.missing_token")},
      {"GET /metrics", "open", "", "none", 200, just("/metrics")},  // open with --dev alone
      {"GET /auth/me", "token", "auth_me", "none", 200, just("/auth/me")},
      {"POST /auth/memberships/{tenant_id}", "user", "member_accept", "audited", 201,
       [](const Stage& stage) {
         return json(invited(stage), {{"role", "viewer"}});
       }},
      {"DELETE /auth/memberships/{tenant_id}", "user", "member_decline", "audited", 204,
       [](const Stage& stage) { return Filled{invited(stage)}; }},
      {"POST /tokens", "token", "token_create", "audited", 201, post_token},
      {"GET /tokens", "token", "token_list", "none", 200, just("/tokens")},
      {"DELETE /tokens/{token_id}", "token", "token_revoke", "audited", 204, delete_token},
      {"POST /tenants", "system", "tenant_create", "audited", 201,
       [](const Stage& stage) {
         return json("/tenants", {{"tenant_id", stage.world.new_id("t")}, {"name", "Swept"}});
       }},
      {"GET /tenants", "token", "tenant_list", "none", 200, just("/tenants")},
      {"GET /tenants/{tenant_id}", "viewer", "tenant_read", "none", 200, of_tenant("")},
      {"PATCH /tenants/{tenant_id}", "system", "tenant_update", "audited", 200,
       [](const Stage& stage) {
         return json("/tenants/" + stage.tenant.id, {{"name", "Renamed"}});
       }},
      {"GET /tenants/{tenant_id}/members", "admin", "member_list", "none", 200, of_tenant("/members")},
      {"PUT /tenants/{tenant_id}/members/{user_id}", "admin", "member_set", "audited", 201, put_member},
      {"DELETE /tenants/{tenant_id}/members/{user_id}", "admin", "member_remove", "audited", 204, delete_member,
       "viewer"},  // who may leave
      {"GET /tenants/{tenant_id}/tokens", "admin", "token_list", "none", 200, of_tenant("/tokens")},
      {"DELETE /tenants/{tenant_id}/tokens/{token_id}", "admin", "token_revoke", "audited", 204, delete_tenant_token},
      {"POST /users", "system", "user_create", "audited", 201,
       [](const Stage& stage) {
         return json("/users", {{"user_id", stage.world.new_id("u")}});
       }},
      {"GET /users", "system", "user_list", "none", 200, just("/users")},
      {"GET /users/{user_id}", "system", "user_read", "none", 200, just("/users/u_dev")},
      {"DELETE /users/{user_id}/tokens", "system", "token_revoke", "audited", 200,
       [](const Stage& stage) { return Filled{"/users/" + stage.world.new_person().id + "/tokens"}; }},
      {"GET /kill-switches", "admin", "kill_switch_read", "read", 200, just("/kill-switches")},
      {"GET /kill-switches/actions", "admin", "kill_switch_read", "read", 200, just("/kill-switches/actions")},
      {"PUT /kill-switches", "admin", "kill_switch_update", "control", 200,
       [](const Stage&) {
         return json("/kill-switches", {{"reason", "a sweep"}});
       }},
      {"PATCH /kill-switches", "admin", "kill_switch_update", "control", 200,
       [](const Stage&) {
         return json("/kill-switches", {{"allow", {{{"kind", "action"}, {"name", "swept"}}}}, {"reason", "a sweep"}});
       }},
      {"POST /tenants/{tenant_id}/kill-switches", "admin", "kill_switch_update", "control", 200,
       [](const Stage& stage) {
         return json("/tenants/" + stage.tenant.id + "/kill-switches",
                     {{"envs", {"prod"}}, {"allow", {{{"kind", "action"}, {"name", "swept"}}}}, {"reason", "a sweep"}});
       }},
  };
}

Lines raw_lines() {
  return {
      {"POST /nexus/raw/presign-upload", "member", "raw_presign", "full", 200,
       [](const Stage&) {
         return json("/nexus/raw/presign-upload", {{"filename", "sweep.txt"}});
       }},
      {"POST /nexus/raw/register", "member", "raw_register", "full", 201, register_upload},
      {"GET /nexus/raw", "viewer", "raw_read", "read", 200, just("/nexus/raw")},
      {"GET /nexus/raw/{asset_id}", "viewer", "raw_read", "read", 200, of_raw_asset("")},
      {"GET /nexus/raw/{asset_id}/download", "viewer", "raw_read", "read", 302, of_raw_asset("/download")},
      {"PATCH /nexus/raw/{asset_id}", "member", "raw_update", "full", 200, patch_raw_asset},
      {"DELETE /nexus/raw/{asset_id}", "member", "raw_delete", "full", 204, delete_raw_asset},
      {"POST /blobs/{bucket}", "presigned", "", "none", 204, post_blob},
      {"GET /blobs/{bucket}/{key...}", "presigned", "", "none", 200, get_blob},
  };
}

}  // namespace nexus::test
