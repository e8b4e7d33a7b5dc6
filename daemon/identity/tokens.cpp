// A user makes tokens for himself, never wider than the one he holds: tenants and envs a subset, role and life not
// above his own, and an agent makes only agents. The system token makes any. What a token may list it may revoke, and
// nothing else. The tokens that are for one tenant alone are that tenant's business too: tenant_tokens.cpp.
#include "daemon/identity/tokens.hpp"
#include "daemon/guard/problems.hpp"
#include "daemon/identity/problems.hpp"

#include <algorithm>

#include "daemon/base/uuid.hpp"
#include "daemon/http/page.hpp"
#include "daemon/http/schema.hpp"
#include "daemon/identity/identity_json.hpp"
#include "daemon/identity/identity_route.hpp"
#include "daemon/model/problems.hpp"

namespace nexus::identity {
namespace {

using http::Applied;
using http::Input;
using http::Reply;
namespace schema = http::schema;

constexpr std::int64_t kLifeDefault = std::chrono::seconds(limits::token_lifetime_default).count();
constexpr std::int64_t kLifeMax = std::chrono::seconds(limits::token_lifetime_max).count();

struct Wish {
  std::string user_id;
  std::optional<std::int64_t> ttl_seconds;
  std::optional<std::string> name, actor_type, role;
  std::optional<std::vector<std::string>> tenants, envs;
};

Wish parse(Input& input) {
  Wish wish;
  wish.user_id = input.body.optional_name("user_id", {.min = 1, .max = 64}).value_or("");
  wish.ttl_seconds = input.body.optional_integer("ttl_seconds", 1, kLifeMax);
  wish.name = input.body.optional_text("name", {.min = 1, .max = 200});
  wish.actor_type = input.body.optional_choice("actor_type", {"human", "agent"});
  wish.role = input.body.optional_choice("role", {"viewer", "member", "admin", "owner"});
  wish.tenants = input.body.optional_texts("tenants", 100, {.min = 1, .max = 64});
  wish.envs = input.body.optional_texts("envs", 3, {.min = 1, .max = 16});
  if (wish.tenants &&
      !std::ranges::all_of(*wish.tenants, [](const auto& id) { return TenantId::parse(id).has_value(); }))
    input.body.fault("tenants", "must hold tenant ids: ^t_[a-z0-9_-]{1,62}$");
  if (!wish.envs) return wish;
  for (auto& env : *wish.envs) {
    const auto parsed = parse_env(env);
    if (!parsed) {
      input.body.fault("envs", "must hold dev, staging or prod");
      break;
    }
    env = to_string(*parsed);
  }
  return wish;
}

std::optional<std::set<std::string>> set_of(const std::optional<std::vector<std::string>>& list) {
  if (!list) return std::nullopt;
  return std::set<std::string>(list->begin(), list->end());
}

[[noreturn]] void too_wide(const char* field, const char* why) {
  throw Problem(problems::auth_insufficient_role, why).with_errors({{std::string("/") + field, why}});
}

/// What is asked for, cut to nothing wider than what the caller holds; what is not asked for is inherited.
std::optional<std::set<std::string>> narrow(const std::optional<std::set<std::string>>& held,
                                            const std::optional<std::set<std::string>>& wanted, const char* field) {
  if (!held || !wanted) return wanted ? wanted : held;
  if (!std::ranges::includes(*held, *wanted)) too_wide(field, "must be a part of your own token's");
  return wanted;
}

Claims claims_of(const Caller& caller, const Wish& wish, Micros now) {
  Claims claims;
  claims.user_id = wish.user_id.empty() ? caller.user_id : wish.user_id;
  claims.token_id = uuid_v7();
  claims.actor_type = wish.actor_type.value_or(caller.is_system() ? "human" : caller.actor_type);
  claims.scope.tenants = narrow(caller.scope.tenants, set_of(wish.tenants), "tenants");
  claims.scope.envs = narrow(caller.scope.envs, set_of(wish.envs), "envs");
  claims.scope.role = wish.role ? parse_role(*wish.role) : caller.scope.role;
  claims.scope.expires_at = (now / kSecond + wish.ttl_seconds.value_or(kLifeDefault)) * kSecond;
  if (caller.is_system()) return claims;
  if (claims.user_id != caller.user_id) too_wide("user_id", "only the system token makes tokens for others");
  if (caller.actor_type == "agent" && claims.actor_type != "agent")
    too_wide("actor_type", "an agent makes only agents");
  if (caller.scope.role && claims.scope.role > caller.scope.role)
    too_wide("role", "must not be above your own token's");
  if (claims.scope.expires_at > caller.scope.expires_at) {
    if (wish.ttl_seconds) too_wide("ttl_seconds", "must not outlive your own token");
    claims.scope.expires_at = caller.scope.expires_at;
  }
  return claims;
}

/// A misspelt tenant, or one that the user never entered, would make a token that opens nothing.
void judge_tenants(const store::Reader& reader, const Wish& wish, const std::string& user_id) {
  if (!wish.tenants) return;
  for (const auto& tenant : *wish.tenants)
    if (!store::find_member(reader, tenant, user_id))
      throw Problem(problems::validation_failed, "a token is narrowed to tenants of which its user is a member")
          .with_errors({{"/tenants", "names a tenant of which the token's user is no member"}});
}

std::optional<std::string> list_text(const std::optional<std::set<std::string>>& set) {
  return set ? std::optional(to_text(Json(*set))) : std::nullopt;
}

Applied create(store::Tx& tx, const Caller& caller, const Wish& wish, const Bearers& bearers) {
  const Micros now = now_micros();
  if (caller.is_system() && wish.user_id.empty())
    throw Problem(problems::validation_failed, "user_id is required").with_errors({{"/user_id", "is required"}});
  const Claims claims = claims_of(caller, wish, now);
  if (!store::find_user(tx, claims.user_id)) throw Problem(problems::user_not_found, "make the user first");
  judge_tenants(tx, wish, claims.user_id);
  store::Token token;
  token.token_id = claims.token_id;
  token.user_id = claims.user_id;
  token.name = wish.name;
  token.actor_type = claims.actor_type;
  token.tenants = list_text(claims.scope.tenants);
  token.envs = list_text(claims.scope.envs);
  if (claims.scope.role) token.role = to_string(*claims.scope.role);
  token.created_at = now;
  token.created_by = caller.user_id;
  token.expires_at = claims.scope.expires_at;
  store::insert_token(tx, token);
  Json json = token_json(token);
  Json details = json;
  json["token"] = bearers.sign(claims, now);
  return {.json = std::move(json),
          .subject_type = "token",
          .subject_id = token.token_id,
          .details = std::move(details),
          .secret = true};
}

/// What a token may know of: its user's tokens that are no wider than itself.
store::TokenFilter filter_of(const Caller& caller) {
  if (caller.is_system()) return {};
  store::TokenFilter filter;
  filter.user_id = caller.user_id;
  if (caller.actor_type == "agent") filter.actor_type = caller.actor_type;
  filter.tenants = list_text(caller.scope.tenants);
  filter.envs = list_text(caller.scope.envs);
  if (caller.scope.role) filter.roles = roles_text([&](Role role) { return role <= *caller.scope.role; });
  return filter;
}

struct Asked {
  http::Page page;
  std::optional<std::string> user_id;
};

Asked parse_list(Input& input) {
  return {http::take_page(input, "tokens"), input.query.optional_text("user_id", {.min = 1, .max = 64})};
}

Reply list(const store::Reader& reader, const Caller& caller, const Asked& asked) {
  store::TokenFilter filter = filter_of(caller);
  if (asked.user_id && !caller.is_system() && *asked.user_id != caller.user_id)
    throw Problem(problems::auth_insufficient_role, "only the system token lists the tokens of others");
  if (asked.user_id) {
    if (!store::find_user(reader, *asked.user_id))
      throw Problem(problems::user_not_found, "no user has this id (nexusctl user list)");
    filter.user_id = asked.user_id;
  }
  return token_page(asked.page, store::list_tokens(reader, asked.page.mark, asked.page.limit + 1, filter));
}

Applied revoke(store::Tx& tx, const Caller& caller, const std::string& token_id) {
  const Micros now = now_micros();
  const bool known = store::find_token(tx, token_id, filter_of(caller)).has_value();
  // The system token may deny an id that another issuer made: nothing is known of it but its name.
  if (!known && !(caller.is_system() && is_client_id(token_id))) throw Problem(problems::token_not_found);
  if (known)
    store::revoke_token(tx, token_id, now);
  else
    store::deny_token(tx, token_id, now, now + kLifeMax * kSecond);
  return {.json = nullptr, .subject_type = "token", .subject_id = token_id, .status = 204};
}

Applied revoke_all(store::Tx& tx, const Caller&, const std::string& user_id) {
  if (!store::find_user(tx, user_id))
    throw Problem(problems::user_not_found, "no user has this id (nexusctl user list)");
  const std::int64_t revoked = store::revoke_tokens_of(tx, user_id, now_micros());
  return {.json = {{"user_id", user_id}, {"revoked", revoked}},
          .subject_type = "user",
          .subject_id = user_id,
          .details = {{"revoked", revoked}},
          .status = 200};
}

Reply me(const store::Reader& reader, const Caller& caller) {
  Json memberships = Json::array();
  for (const auto& member : store::list_memberships(reader, caller.user_id)) {
    if (caller.scope.tenants && !caller.scope.tenants->contains(member.tenant_id)) continue;
    const Role role = caller.scope.role ? std::min(member.role, *caller.scope.role) : member.role;
    memberships.push_back(
        {{"tenant_id", member.tenant_id}, {"role", to_string(role)}, {"since", to_rfc3339(member.since)}});
  }
  Json invitations = Json::array();
  for (const auto& invitation : store::list_invitations_to(reader, caller.user_id, now_micros())) {
    if (caller.scope.tenants && !caller.scope.tenants->contains(invitation.tenant_id)) continue;
    invitations.push_back({{"tenant_id", invitation.tenant_id},
                           {"role", to_string(invitation.role)},
                           {"invited_by", invitation.invited_by},
                           {"expires_at", to_rfc3339(invitation.expires_at)}});
  }
  const auto user = store::find_user(reader, caller.user_id);
  Json token = {{"token_id", caller.token_id}, {"expires_at", nullptr}};
  if (caller.scope.expires_at > 0) token["expires_at"] = to_rfc3339(caller.scope.expires_at);
  return {.json = {{"user", user ? user_json(*user) : Json({{"user_id", caller.user_id}})},
                   {"actor_type", caller.actor_type},
                   {"memberships", std::move(memberships)},
                   {"invitations", std::move(invitations)},
                   {"token", std::move(token)}}};
}

Json wish_schema() {
  return schema::named(
      "TokenCreate",
      schema::object(
          {}, {{"user_id", schema::described(schema::pattern(schema::kUserId), "whose; required of the system token")},
               {"ttl_seconds", schema::defaults_to(schema::integer(1, kLifeMax), kLifeDefault)},
               {"name", schema::text_between(1, 200)},
               {"actor_type", schema::choice({"human", "agent"})},
               {"tenants", schema::list(schema::pattern(schema::kTenantId), 100)},
               {"envs", schema::list(schema::env(), 3)},
               {"role", schema::choice({"viewer", "member", "admin", "owner"})}}));
}

Json me_schema() {
  const Json role = schema::choice({"viewer", "member", "admin", "owner"});
  const Json membership = schema::object({"tenant_id", "role", "since"},
                                         {{"tenant_id", schema::text()}, {"role", role}, {"since", schema::time()}});
  const Json invitation = schema::object(
      {"tenant_id", "role", "invited_by", "expires_at"},
      {{"tenant_id", schema::text()}, {"role", role}, {"invited_by", schema::text()}, {"expires_at", schema::time()}});
  const Json token = schema::object({"token_id", "expires_at"},
                                    {{"token_id", schema::text()}, {"expires_at", schema::nullable(schema::time())}});
  Json user = schema::unnamed(user_schema());
  user["required"] = {"user_id"};  // of the system token, that is all
  return schema::named("Me", schema::object({"user", "actor_type", "memberships", "invitations", "token"},
                                            {{"user", std::move(user)},
                                             {"actor_type", schema::choice({"human", "agent", "system"})},
                                             {"memberships", schema::list(schema::named("Membership", membership))},
                                             {"invitations", schema::list(schema::named("Invitation", invitation))},
                                             {"token", token}}));
}

}  // namespace

void add_token_routes(http::RouteTable& routes, const Bearers& bearers) {
  routes.add(identity_read("/auth/me", {.access = Access::token}, "auth_me",
                           http::reads([](Input&) { return 0; }, [](const store::Reader& reader, const Caller& caller,
                                                                    int) { return me(reader, caller); }),
                           {"Who am I, where, and until when", "identity", {}, me_schema(), 200, {}, {}}));
  routes.add(identity_write(
      "POST", "/tokens", {.access = Access::token}, "token_create", http::kOwnRowsAlone,
      http::writes(parse, [&bearers](store::Tx& tx, const Caller& caller,
                                     const Wish& wish) { return create(tx, caller, wish, bearers); }),
      {"Make a token; its text is shown once", "identity", wish_schema(), token_schema(), 201, {}, {403, 404, 409}}));
  auto parameters = http::page_parameters();
  parameters.push_back({"user_id", "Whose; the system token alone names others", schema::text_between(1, 64)});
  routes.add(identity_read(
      "/tokens", {.access = Access::token}, "token_list", http::reads(parse_list, list),
      {"List tokens: all for the system token; for a user, one's own that are no wider than the asking token",
       "identity",
       {},
       schema::page(token_schema()),
       200,
       std::move(parameters),
       {403, 404}}));
  routes.add(identity_write("DELETE", "/tokens/{token_id}", {.access = Access::token}, "token_revoke", kTakesAway,
                            http::writes([](Input& input) { return input.param("token_id"); }, revoke),
                            {"Revoke a token that one may list", "identity", {}, {}, 204, {}, {404}}));
  routes.add(identity_write(
      "DELETE", "/users/{user_id}/tokens", {.access = Access::system}, "token_revoke", kTakesAway,
      http::writes([](Input& input) { return input.param("user_id"); }, revoke_all),
      {"Revoke every token of a user that was made here",
       "identity",
       {},
       schema::named("TokensRevoked",
                     schema::object({"user_id", "revoked"},
                                    {{"user_id", schema::text()}, {"revoked", {{"type", "integer"}, {"minimum", 0}}}})),
       200,
       {},
       {404}}));
}

}  // namespace nexus::identity
