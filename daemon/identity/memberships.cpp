// The caller's own memberships: a user answers an invitation, or leaves. Only the human in person accepts, with a token
// that could do as much without the new membership: it must not be narrowed, unless to this very tenant. The rows are
// in the tenant's chain, because its owners must see who came and left.
#include "daemon/guard/problems.hpp"
#include "daemon/identity/common.hpp"
#include "daemon/identity/problems.hpp"
#include "daemon/model/draft.hpp"

namespace nexus::identity {
namespace {

using http::Applied;
using http::Input;

struct Answer {
  TenantId tenant;
  std::string role;  // of the accepted offer
};

TenantId take_tenant(const Input& input) {
  const auto tenant = TenantId::parse(input.param("tenant_id"));
  if (!tenant) throw Problem(problems::context_invalid_tenant, "a tenant id looks like t_acme: ^t_[a-z0-9_-]{1,62}$");
  return *tenant;
}

/// Judged before anything is read, so that a refusal reveals nothing about the tenant.
void judge_user(const Caller& caller, const TenantId& tenant) {
  if (caller.is_system()) throw Problem(problems::auth_insufficient_role, "a user answers for himself");
  if (caller.scope.tenants && !caller.scope.tenants->contains(tenant.str()))
    throw Problem(problems::auth_not_a_member, "the token is narrowed to other tenants");
  if (caller.scope.envs && !caller.scope.envs->contains("prod"))
    throw Problem(problems::auth_not_a_member, "memberships stand in env prod, and the token is narrowed to others");
}

void judge_acceptor(const Caller& caller) {
  if (caller.actor_type != "human") throw Problem(problems::auth_insufficient_role, "a human accepts, not an agent");
  if (caller.scope.envs || caller.scope.role)
    throw Problem(problems::auth_insufficient_role, "accept with a token that is not narrowed in envs or role");
}

Answer parse_accept(Input& input) {
  Answer answer{take_tenant(input), model::take_new(kMember, input.body).value.role};
  judge_user(input.caller, answer.tenant);
  judge_acceptor(input.caller);
  return answer;
}

Answer parse_decline(Input& input) {
  Answer answer{take_tenant(input), ""};
  judge_user(input.caller, answer.tenant);
  return answer;
}

bool is_invited(const store::Reader& reader, const Caller& caller, const TenantId& tenant) {
  return store::find_invitation(reader, tenant.str(), caller.user_id, now_micros()).has_value();
}

/// A refusal by the tenant's kill switch is shown only to a user with a membership or invitation there.
bool has_something(const store::Reader& reader, const Caller& caller, const TenantId& tenant) {
  return is_invited(reader, caller, tenant) || store::find_member(reader, tenant.str(), caller.user_id).has_value();
}

[[noreturn]] void not_invited() {
  throw Problem(problems::invitation_not_found, "GET /auth/me lists the invitations that are open for you");
}

/// Shown only to a user with a membership or invitation there.
void judge_status(const store::Reader& reader, const TenantId& tenant, bool tightens) {
  const auto found = store::find_row<kTenant>(reader, tenant.str());
  if (found && found->status == "disabled")
    throw Problem(problems::tenant_disabled, "the operator disabled this tenant");
  if (found && found->status == "suspended" && !tightens)
    throw Problem(problems::tenant_suspended, "nobody joins while the tenant is suspended");
}

Applied accept(store::Tx& tx, const Caller& caller, const Answer& answer) {
  const Micros now = now_micros();
  const auto invitation = store::find_invitation(tx, answer.tenant.str(), caller.user_id, now);
  if (!invitation) not_invited();
  judge_status(tx, answer.tenant, false);
  if (answer.role != invitation->role)
    throw Problem(problems::invitation_changed, "the offer is another one now: GET /auth/me shows it");
  const Member member{answer.tenant.str(), caller.user_id, invitation->role, now};
  store::put_member(tx, member);
  return {.json = model::json_of(kMember, member),
          .subject_type = "member",
          .subject_id = caller.user_id,
          .details = model::json_of(kInvitation, *invitation, {"role", "invited_by"}),
          .status = 201,
          .tenant = answer.tenant};
}

Applied decline(store::Tx& tx, const Caller& caller, const Invitation& invitation) {
  store::delete_invitation(tx, invitation.tenant_id, caller.user_id);
  return {.json = nullptr,
          .subject_type = "member",
          .subject_id = caller.user_id,
          .details = model::json_of(kInvitation, invitation, {"role", "invited_by"}),
          .status = 204};
}

Applied decline_or_leave(store::Tx& tx, const Caller& caller, const Answer& answer) {
  const auto invitation = store::find_invitation(tx, answer.tenant.str(), caller.user_id, now_micros());
  const auto member = store::find_member(tx, answer.tenant.str(), caller.user_id);
  if (!invitation && !member) not_invited();
  judge_status(tx, answer.tenant, true);
  Applied done = member ? end_membership(tx, *member) : decline(tx, caller, *invitation);
  if (member) done.action = "member_remove";
  done.tenant = answer.tenant;
  return done;
}

}  // namespace

void add_membership_routes(http::RouteTable& routes) {
  routes.add(identity_write("POST", "/auth/memberships/{tenant_id}", kAnyToken, "member_accept", http::kOwnRowsAlone,
                            http::concerning_tenant(http::writes(parse_accept, accept), is_invited),
                            {.summary = "Accept an invitation, naming the role that was offered",
                             .request = role_schema(),
                             .response = member_schema(),
                             .refusals = {403, 404, 409}}));
  routes.add(identity_write("DELETE", "/auth/memberships/{tenant_id}", kAnyToken, "member_decline", kTakesAway,
                            http::concerning_tenant(http::writes(parse_decline, decline_or_leave), has_something),
                            {.summary = "Decline an invitation, or leave the tenant", .refusals = {403, 404, 409}}));
}

}  // namespace nexus::identity
