#include "daemon/identity/identity_json.hpp"

#include "daemon/http/schema.hpp"

namespace nexus::identity {
namespace {

namespace schema = http::schema;

Json optional_list(const std::optional<std::string>& text) { return text ? parse_own_json(*text) : Json(); }

}  // namespace

Json tenant_json(const store::Tenant& tenant) {
  return {{"tenant_id", tenant.tenant_id},
          {"name", tenant.name},
          {"status", tenant.status},
          {"created_at", to_rfc3339(tenant.created_at)},
          {"created_by", tenant.created_by}};
}

Json user_json(const store::User& user) {
  return {{"user_id", user.user_id},
          {"email", or_null(user.email)},
          {"display_name", or_null(user.display_name)},
          {"created_at", to_rfc3339(user.created_at)},
          {"created_by", user.created_by}};
}

Json member_json(const store::Member& member) {
  return {{"tenant_id", member.tenant_id},
          {"user_id", member.user_id},
          {"role", to_string(member.role)},
          {"status", "active"},
          {"since", to_rfc3339(member.since)}};
}

Json invitation_json(const store::Invitation& invitation) {
  return {{"tenant_id", invitation.tenant_id},
          {"user_id", invitation.user_id},
          {"role", to_string(invitation.role)},
          {"status", "invited"},
          {"since", nullptr},
          {"invited_by", invitation.invited_by},
          {"expires_at", to_rfc3339(invitation.expires_at)}};
}

Json token_json(const store::Token& token) {
  return {{"token_id", token.token_id},
          {"user_id", token.user_id},
          {"name", or_null(token.name)},
          {"actor_type", token.actor_type},
          {"tenants", optional_list(token.tenants)},
          {"envs", optional_list(token.envs)},
          {"role", or_null(token.role)},
          {"created_at", to_rfc3339(token.created_at)},
          {"created_by", token.created_by},
          {"expires_at", to_rfc3339(token.expires_at)},
          {"revoked_at", time_or_null(token.revoked_at)},
          {"last_used_at", time_or_null(token.last_used_at)}};
}

http::Reply token_page(const http::Page& page, std::vector<store::Token> rows) {
  return {.json = http::page_json<store::Token>(page, std::move(rows), token_json,
                                                [](const store::Token& row) { return row.token_id; })};
}

std::string roles_text(const std::function<bool(Role)>& wanted) {
  Json roles = Json::array();
  for (const Role role : {Role::viewer, Role::member, Role::admin, Role::owner})
    if (wanted(role)) roles.push_back(to_string(role));
  return to_text(roles);
}

Json tenant_schema() {
  return schema::named("Tenant", schema::object({"tenant_id", "name", "status", "created_at", "created_by"},
                                                {{"tenant_id", schema::text()},
                                                 {"name", schema::text()},
                                                 {"status", schema::choice({"active", "disabled", "suspended"})},
                                                 {"created_at", schema::time()},
                                                 {"created_by", schema::text()}}));
}

Json user_schema() {
  return schema::named("User", schema::object({"user_id", "email", "display_name", "created_at", "created_by"},
                                              {{"user_id", schema::text()},
                                               {"email", schema::nullable(schema::text())},
                                               {"display_name", schema::nullable(schema::text())},
                                               {"created_at", schema::time()},
                                               {"created_by", schema::text()}}));
}

Json member_schema() {
  return schema::named("Member", schema::object({"tenant_id", "user_id", "role", "status", "since"},
                                                {{"tenant_id", schema::text()},
                                                 {"user_id", schema::text()},
                                                 {"role", schema::choice({"viewer", "member", "admin", "owner"})},
                                                 {"status", schema::choice({"active", "invited"})},
                                                 {"since", schema::nullable(schema::time())},
                                                 {"invited_by", schema::text("while invited")},
                                                 {"expires_at", schema::time()}}));
}

Json token_schema() {
  return schema::named(
      "Token", schema::object({"token_id", "user_id", "actor_type", "expires_at"},
                              {{"token_id", schema::text()},
                               {"user_id", schema::text()},
                               {"name", schema::nullable(schema::text())},
                               {"actor_type", schema::choice({"human", "agent"})},
                               {"tenants", schema::nullable(schema::list(schema::text()))},
                               {"envs", schema::nullable(schema::list(schema::text()))},
                               {"role", schema::nullable(schema::choice({"viewer", "member", "admin", "owner"}))},
                               {"created_at", schema::time()},
                               {"created_by", schema::text()},
                               {"expires_at", schema::time()},
                               {"revoked_at", schema::nullable(schema::time())},
                               {"last_used_at", schema::nullable(schema::time())},
                               {"token", schema::text("shown once, in the answer that made it")}}));
}

}  // namespace nexus::identity
