// Users make tokens for themselves, never wider than the token they hold: tenants and envs are a subset, role and life
// are not above their own, and an agent makes only agents. The system token makes any. A token may revoke exactly the
// tokens that it may list.
//
// Tokens for one tenant alone are also that tenant's business. Its owners and admins list and revoke them, whoever owns
// them, except those of members above themselves.
#include <algorithm>

#include "daemon/base/uuid.hpp"
#include "daemon/guard/problems.hpp"
#include "daemon/http/handlers.hpp"
#include "daemon/http/schema.hpp"
#include "daemon/identity/common.hpp"
#include "daemon/identity/problems.hpp"
#include "daemon/model/draft.hpp"
#include "daemon/model/problems.hpp"

namespace nexus::identity {
namespace {

using http::Applied;
using http::Input;
using http::Reply;
namespace schema = http::schema;

constexpr std::int64_t kLifeDefault = std::chrono::seconds(limits::token_lifetime_default).count();

Token parse(Input& input) {
  Token token = model::take_new(kToken, input.body).value;
  if (token.envs)
    for (auto& env : *token.envs) env = to_string(*parse_env(env));
  return token;
}

std::optional<std::set<std::string>> set_of(const std::optional<std::vector<std::string>>& list) {
  if (!list) return std::nullopt;
  return std::set<std::string>(list->begin(), list->end());
}

[[noreturn]] void too_wide(const char* field, const char* why) {
  throw Problem(problems::auth_insufficient_role, why).with_errors({{std::string("/") + field, why}});
}

/// Narrows the request to what the caller holds; fields that are not sent are inherited.
std::optional<std::set<std::string>> narrow(const std::optional<std::set<std::string>>& held,
                                            const std::optional<std::set<std::string>>& wanted, const char* field) {
  if (!held || !wanted) return wanted ? wanted : held;
  if (!std::ranges::includes(*held, *wanted)) too_wide(field, "must be a part of your own token's");
  return wanted;
}

std::optional<std::vector<std::string>> list_of(const std::optional<std::set<std::string>>& set) {
  if (!set) return std::nullopt;
  return std::vector<std::string>(set->begin(), set->end());
}

Claims claims_of(const Caller& caller, const Token& token, Micros now) {
  Claims claims;
  claims.user_id = token.user_id.empty() ? caller.user_id : token.user_id;
  claims.token_id = uuid_v7();
  claims.actor_type = !token.actor_type.empty() ? token.actor_type : caller.is_system() ? "human" : caller.actor_type;
  claims.scope.tenants = narrow(caller.scope.tenants, set_of(token.tenants), "tenants");
  claims.scope.envs = narrow(caller.scope.envs, set_of(token.envs), "envs");
  claims.scope.role = token.role ? parse_role(*token.role) : caller.scope.role;
  claims.scope.expires_at = (now / kSecond + token.ttl_seconds.value_or(kLifeDefault)) * kSecond;
  if (caller.is_system()) return claims;
  if (claims.user_id != caller.user_id) too_wide("user_id", "only the system token makes tokens for others");
  if (caller.actor_type == "agent" && claims.actor_type != "agent")
    too_wide("actor_type", "an agent makes only tokens of type agent: a person makes one for a human");
  if (caller.scope.role && claims.scope.role > caller.scope.role)
    too_wide("role", "must not be above your own token's");
  if (claims.scope.expires_at > caller.scope.expires_at) {
    if (token.ttl_seconds) too_wide("ttl_seconds", "must not outlive your own token");
    claims.scope.expires_at = caller.scope.expires_at;
  }
  return claims;
}

/// A misspelt tenant, or one that the user never joined, would make a useless token.
void judge_tenants(const store::Reader& reader, const Token& token, const std::string& user_id) {
  if (!token.tenants) return;
  for (const auto& tenant : *token.tenants)
    if (!store::find_member(reader, tenant, user_id))
      throw Problem(problems::validation_failed, "a token is narrowed to tenants of which its user is a member")
          .with_errors({{"/tenants", "names a tenant of which the token's user is no member"}});
}

Applied create(store::Tx& tx, const Caller& caller, Token token, const Bearers& bearers) {
  const Micros now = now_micros();
  if (caller.is_system() && token.user_id.empty())
    throw Problem(problems::validation_failed, "user_id is required").with_errors({{"/user_id", "is required"}});
  const Claims claims = claims_of(caller, token, now);
  if (!store::has_row<kUser>(tx, claims.user_id)) throw Problem(problems::user_not_found, "make the user first");
  judge_tenants(tx, token, claims.user_id);
  token.token_id = claims.token_id;
  token.user_id = claims.user_id;
  token.actor_type = claims.actor_type;
  token.tenants = list_of(claims.scope.tenants);
  token.envs = list_of(claims.scope.envs);
  if (claims.scope.role) token.role = to_string(*claims.scope.role);
  token.created_at = now;
  token.created_by = caller.user_id;
  token.expires_at = claims.scope.expires_at;
  store::insert_row<kToken>(tx, token);
  Json json = model::json_of(kToken, token);
  Json details = json;
  json["token"] = bearers.sign(claims, now);
  return {.json = std::move(json),
          .subject_type = "token",
          .subject_id = token.token_id,
          .details = std::move(details),
          .secret = true};
}

// ---- which tokens one may see ---------------------------------------------------------------------------------------

std::optional<std::string> list_text(const std::optional<std::set<std::string>>& set) {
  return set ? std::optional(to_text(Json(*set))) : std::nullopt;
}

/// The wanted roles of members, as the store takes them.
std::string roles_text(const std::function<bool(Role)>& wanted) {
  Json roles = Json::array();
  for (const std::string_view role : kRoles)
    if (wanted(*parse_role(role))) roles.push_back(role);
  return to_text(roles);
}

/// `rows` has one more than the page when the list goes on.
Reply token_page(const http::Page& page, const std::vector<Token>& rows) {
  return {.json = http::page_json<Token>(
              page, rows, [](const Token& row) { return model::json_of(kToken, row); },
              [](const Token& row) { return row.token_id; })};
}

/// Which tokens a token may see: its user's tokens that are no wider than itself.
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

Asked parse_tokens(Input& input) {
  return {http::take_page(input, "tokens"), input.query.optional_text("user_id", {.min = 1, .max = 64})};
}

Reply list_tokens(const store::Reader& reader, const Caller& caller, const Asked& asked) {
  store::TokenFilter filter = filter_of(caller);
  if (asked.user_id && !caller.is_system() && *asked.user_id != caller.user_id)
    throw Problem(problems::auth_insufficient_role, "only the system token lists the tokens of others");
  if (asked.user_id) {
    if (!store::has_row<kUser>(reader, *asked.user_id))
      throw Problem(problems::user_not_found, "no user has this id (nexusctl user list)");
    filter.user_id = asked.user_id;
  }
  return token_page(asked.page, store::list_tokens(reader, asked.page.mark, asked.page.limit + 1, filter));
}

Applied revoke(store::Tx& tx, const Caller& caller, const std::string& token_id) {
  const Micros now = now_micros();
  const bool known = store::find_token(tx, token_id, filter_of(caller)).has_value();
  // The system token may deny an id that another issuer made: only its name is known.
  if (!known && !(caller.is_system() && is_client_id(token_id))) throw Problem(problems::token_not_found);
  if (known)
    store::revoke_token(tx, token_id, now);
  else
    store::deny_token(tx, token_id, now, now + kTokenLifeMax * kSecond);
  return {.json = nullptr, .subject_type = "token", .subject_id = token_id, .status = 204};
}

Applied revoke_all(store::Tx& tx, const Caller&, const std::string& user_id) {
  if (!store::has_row<kUser>(tx, user_id))
    throw Problem(problems::user_not_found, "no user has this id (nexusctl user list)");
  const std::int64_t revoked = store::revoke_tokens_of(tx, user_id, now_micros());
  return {.json = {{"user_id", user_id}, {"revoked", revoked}},
          .subject_type = "user",
          .subject_id = user_id,
          .details = {{"revoked", revoked}},
          .status = 200};
}

// ---- of one tenant --------------------------------------------------------------------------------------------------

store::TenantTokens among(const Caller& caller) {
  return {caller.tenant().str(), roles_text([&](Role role) { return role > *caller.role; })};
}

Reply list_of_tenant(const store::Reader& reader, const Caller& caller, const http::Page& page) {
  return token_page(page, store::list_tokens(reader, page.mark, page.limit + 1, among(caller)));
}

Applied revoke_of_tenant(store::Tx& tx, const Caller& caller, const std::string& token_id) {
  const Token token = found(store::find_token(tx, token_id, among(caller)), problems::token_not_found,
                            "those that you may revoke are shown by nexusctl token list --of-tenant");
  store::revoke_token(tx, token_id, now_micros());
  return {.json = nullptr,
          .subject_type = "token",
          .subject_id = token_id,
          .details = {{"user_id", token.user_id}},
          .status = 204};
}

// ---- who am I -------------------------------------------------------------------------------------------------------

Reply me(const store::Reader& reader, const Caller& caller) {
  const auto is_open = [&](const std::string& tenant) {
    return !caller.scope.tenants || caller.scope.tenants->contains(tenant);
  };
  Json memberships = Json::array(), invitations = Json::array();
  for (auto& member : store::list_memberships(reader, caller.user_id)) {
    if (!is_open(member.tenant_id)) continue;
    if (caller.scope.role) member.role = to_string(std::min(member.rank(), *caller.scope.role));
    memberships.push_back(model::json_of(kMember, member, {"tenant_id", "role", "since"}));
  }
  for (const auto& invitation : store::list_invitations_to(reader, caller.user_id, now_micros()))
    if (is_open(invitation.tenant_id))
      invitations.push_back(model::json_of(kInvitation, invitation, {"tenant_id", "role", "invited_by", "expires_at"}));
  const auto user = store::find_row<kUser>(reader, caller.user_id);
  Json token = {{"token_id", caller.token_id}, {"expires_at", nullptr}};
  if (caller.scope.expires_at > 0) token["expires_at"] = to_rfc3339(caller.scope.expires_at);
  return {.json = {{"user", user ? model::json_of(kUser, *user) : Json({{"user_id", caller.user_id}})},
                   {"actor_type", caller.actor_type},
                   {"memberships", std::move(memberships)},
                   {"invitations", std::move(invitations)},
                   {"token", std::move(token)}}};
}

Json wish_schema() {
  Json out = model::create_schema(kToken);
  out["properties"]["ttl_seconds"]["default"] = kLifeDefault;
  return out;
}

Json token_schema() {
  Json out = model::answer_schema(kToken);
  out["properties"]["token"] = schema::text("shown once, in the answer that made it");
  return out;
}

Json me_schema() {
  const Json role = schema::choice(kRoles);
  const Json membership = schema::whole({{"tenant_id", schema::text()}, {"role", role}, {"since", schema::time()}});
  const Json invitation = schema::whole(
      {{"tenant_id", schema::text()}, {"role", role}, {"invited_by", schema::text()}, {"expires_at", schema::time()}});
  const Json token = schema::whole({{"token_id", schema::text()}, {"expires_at", schema::nullable(schema::time())}});
  Json user = schema::unnamed(model::answer_schema(kUser));
  user["required"] = {"user_id"};  // the user of the system token has nothing more
  return schema::named("Me", schema::whole({{"user", std::move(user)},
                                            {"actor_type", schema::choice({"human", "agent", "system"})},
                                            {"memberships", schema::list(schema::named("Membership", membership))},
                                            {"invitations", schema::list(schema::named("Invitation", invitation))},
                                            {"token", token}}));
}

}  // namespace

void add_token_routes(http::RouteTable& routes, const Bearers& bearers) {
  const auto token_id = http::param("token_id");
  routes.add(identity_read("/auth/me", kAnyToken, "auth_me", http::reads(me),
                           {.summary = "Who am I, where, and until when", .response = me_schema()}));
  routes.add(
      identity_write("POST", "/tokens", kAnyToken, "token_create", http::kOwnRowsAlone,
                     http::writes(parse, [&bearers](store::Tx& tx, const Caller& caller,
                                                    const Token& token) { return create(tx, caller, token, bearers); }),
                     {.summary = "Make a token; its text is shown once",
                      .request = wish_schema(),
                      .response = token_schema(),
                      .refusals = {403, 404, 409}}));
  auto parameters = http::page_parameters();
  parameters.push_back({"user_id", "Whose; the system token alone names others", schema::text_between(1, 64)});
  routes.add(identity_read(
      "/tokens", kAnyToken, "token_list", http::reads(parse_tokens, list_tokens),
      {.summary =
           "List tokens: all for the system token; for a user, one's own that are no wider than the asking token",
       .response = schema::page(token_schema()),
       .query = std::move(parameters),
       .refusals = {403, 404}}));
  routes.add(identity_write("DELETE", "/tokens/{token_id}", kAnyToken, "token_revoke", kTakesAway,
                            http::writes(token_id, revoke),
                            {.summary = "Revoke a token that one may list", .refusals = {404}}));
  const Json revoked = schema::whole({{"user_id", schema::text()}, {"revoked", {{"type", "integer"}, {"minimum", 0}}}});
  routes.add(identity_write("DELETE", "/users/{user_id}/tokens", kSystemAlone, "token_revoke", kTakesAway,
                            http::writes(http::param("user_id"), revoke_all),
                            {.summary = "Revoke every token of a user that was made here",
                             .response = schema::named("TokensRevoked", revoked),
                             .refusals = {404}}));
  routes.add(identity_read(
      "/tenants/{tenant_id}/tokens", in_tenant(Role::admin), "token_list",
      http::reads([](Input& input) { return http::take_page(input, "tenant_tokens"); }, list_of_tenant),
      {.summary = "List the tokens that are for this tenant alone, but for those of members above oneself",
       .response = schema::page(token_schema()),
       .query = http::page_parameters()}));
  routes.add(identity_write("DELETE", "/tenants/{tenant_id}/tokens/{token_id}", in_tenant(Role::admin), "token_revoke",
                            kTakesAway, http::writes(token_id, revoke_of_tenant),
                            {.summary = "Revoke a token that is for this tenant alone", .refusals = {404}}));
}

}  // namespace nexus::identity
