// Routes of memberships. Only an owner or the system token makes, changes or removes an owner. Nobody raises anyone
// above themselves. Everybody may leave, but the last owner stays. Owners and admins cannot add a user; they invite,
// and the answer is the same whether the user exists elsewhere or not at all. The system token adds.
//
// A user answers an invitation, or leaves. The rows are in the tenant's chain, because its owners must see who came and
// left.
#include "daemon/domain/human.hpp"
#include "daemon/domain/problems.hpp"
#include "daemon/domain/tightening.hpp"
#include "daemon/gates/kill_switch.hpp"
#include "daemon/guard/problems.hpp"
#include "daemon/http/handlers.hpp"
#include "daemon/http/schema.hpp"
#include "daemon/identity/common.hpp"
#include "daemon/identity/limits.hpp"
#include "daemon/identity/problems.hpp"
#include "daemon/model/draft.hpp"

namespace nexus::identity {
namespace {

using http::Applied;
using http::Input;
using http::Reply;
namespace schema = http::schema;

constexpr Micros kInvitationLifetime = std::chrono::microseconds(limits::invitation_lifetime).count();

Member parse_set(Input& input) {
  if (!UserId::parse(input.param("user_id"))) throw Problem(problems::user_not_found, "a user id looks like u_ann");
  Member wanted = model::take_new(kMember, input.body).value;
  wanted.tenant_id = input.caller.tenant().str();
  wanted.user_id = input.param("user_id");
  return wanted;
}

Applied gone(const std::string& user_id, Json details) {
  return {
      .json = nullptr, .subject_type = "member", .subject_id = user_id, .details = std::move(details), .status = 204};
}

// ---- the last owner -----------------------------------------------------------------------------------------------

/// Counts the other owners whom a kill switch stops at membership routes: none of them could act.
int count_stopped_owners(const store::Reader& reader, const Member& beside) {
  const auto document = gates::in_force(
      store::find_kill_switches(reader, {.tenant = beside.tenant_id, .env = to_string(Env::prod)}), now_micros());
  int stopped = 0;
  for (const auto& entry : document.entries) {
    if (entry.kind != store::SwitchEntry::Kind::user || entry.name == beside.user_id) continue;
    const auto member = store::find_member(reader, beside.tenant_id, entry.name);
    stopped += member && member->rank() == Role::owner ? 1 : 0;
  }
  return stopped;
}

/// Throws Problem for a change that would leave the tenant without an owner; `after` is nothing for a removal.
void keep_an_owner(const store::Reader& reader, const Member& before, std::optional<Role> after) {
  if (before.rank() != Role::owner || after == Role::owner) return;
  const int others = store::count_owners(reader, before.tenant_id) - 1;
  if (others <= count_stopped_owners(reader, before))
    throw Problem(problems::membership_last_owner, "make another member owner first");
}

/// Removes a member; the last owner stays.
Applied end_membership(store::Tx& tx, const Member& member) {
  keep_an_owner(tx, member, std::nullopt);
  store::delete_member(tx, member.tenant_id, member.user_id);
  return gone(member.user_id, {{"role_before", member.role}});
}

// ---- members of a tenant ------------------------------------------------------------------------------------------

void judge_rank(const Caller& caller, Role rank, const char* what) {
  if (*caller.role < rank) throw Problem(problems::auth_insufficient_role, what);
}

/// Reads nothing outside the tenant, so that neither the answer nor its time reveals who exists.
Applied invite(store::Tx& tx, const Caller& caller, const Member& wanted) {
  const Micros now = now_micros();
  const std::string& tenant = wanted.tenant_id;
  const auto before = store::find_invitation(tx, tenant, wanted.user_id, now);
  if (before) judge_rank(caller, before->rank(), "only an owner changes an owner's invitation");
  store::prune_invitations(tx, tenant, now);
  if (!before && store::count_invitations(tx, tenant, now) >= limits::invitations_max)
    throw Problem(problems::limit_reached, "at most " + std::to_string(limits::invitations_max) +
                                               " invitations are open in a tenant: withdraw one")
        .with_remedy("nexusctl member invitations");
  const Invitation invitation{tenant, wanted.user_id, wanted.role, caller.user_id, now, now + kInvitationLifetime};
  store::put_row<kInvitation>(tx, invitation);
  Json details = model::json_of(kInvitation, invitation, {"role", "expires_at"});
  if (before) details["role_before"] = before->role;
  return {.json = model::json_of(kInvitation, invitation),
          .subject_type = "member",
          .subject_id = wanted.user_id,
          .details = std::move(details),
          .status = 201,
          .action = "member_invite"};
}

Applied set(store::Tx& tx, const Caller& caller, Member member) {
  judge_rank(caller, member.rank(), "nobody raises anyone above himself");
  const auto before = store::find_member(tx, member.tenant_id, member.user_id);
  if (!before && !caller.is_system()) return invite(tx, caller, member);
  if (!before && !store::has_row<kUser>(tx, member.user_id))
    throw Problem(problems::user_not_found, "make the user first");
  if (before) {
    judge_rank(caller, before->rank(), "only an owner changes an owner");
    keep_an_owner(tx, *before, member.rank());
  }
  member.since = before ? before->since : now_micros();
  store::put_member(tx, member);
  Json details = {{"role", member.role}};
  if (before) details["role_before"] = before->role;
  return {.json = model::json_of(kMember, member),
          .subject_type = "member",
          .subject_id = member.user_id,
          .details = std::move(details),
          .status = before ? 200 : 201};
}

/// Whether a change only lowers a member's role.
bool only_lowers(const store::Reader& reader, const Caller&, const Member& wanted) {
  const auto before = store::find_member(reader, wanted.tenant_id, wanted.user_id);
  return before && wanted.rank() <= before->rank();
}

Applied withdraw(store::Tx& tx, const Caller& caller, const Invitation& invitation) {
  judge_rank(caller, invitation.rank(), "only an owner withdraws an owner's invitation");
  store::delete_invitation(tx, invitation.tenant_id, invitation.user_id);
  return gone(invitation.user_id, {{"invited_as", invitation.role}});
}

Applied remove(store::Tx& tx, const Caller& caller, const std::string& user_id) {
  const bool leaves = user_id == caller.user_id;
  if (!leaves) judge_rank(caller, Role::admin, "this needs the role admin in the tenant");
  const auto before = store::find_member(tx, caller.tenant().str(), user_id);
  if (before) {
    if (!leaves) judge_rank(caller, before->rank(), "only an owner removes an owner");
    return end_membership(tx, *before);
  }
  return withdraw(
      tx, caller,
      found(store::find_invitation(tx, caller.tenant().str(), user_id, now_micros()), problems::member_not_found));
}

struct Wanted {
  bool invited = false;
  http::Page page;
};

Wanted parse_members(Input& input) {
  const bool invited = input.query.optional_choice("status", {"active", "invited"}).value_or("active") == "invited";
  return {invited, http::take_page(input, invited ? "invitations" : "members")};
}

Reply list(const store::Reader& reader, const Caller& caller, const Wanted& wanted) {
  const std::string& tenant = caller.tenant().str();
  const http::Page& page = wanted.page;
  const store::PageMark mark = http::mark_of(page.mark);
  if (wanted.invited)
    return page_of<kInvitation>(page, store::list_invitations(reader, tenant, mark, page.limit + 1, now_micros()),
                                &Invitation::created_at, &Invitation::user_id);
  return page_of<kMember>(page, store::list_members(reader, tenant, mark, page.limit + 1), &Member::since,
                          &Member::user_id);
}

// ---- one's own memberships ----------------------------------------------------------------------------------------

/// Only the human in person accepts, with a token that could do as much without the new membership: it must not be
/// narrowed, unless to this very tenant.
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
  domain::require_human(caller, "accepts an invitation");
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
  throw Problem(problems::invitation_not_found, "those that are open for you are shown by nexusctl whoami");
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
    throw Problem(problems::invitation_changed, "the offer is another one now").with_remedy("nexusctl whoami");
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
  return gone(caller.user_id, model::json_of(kInvitation, invitation, {"role", "invited_by"}));
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

void add_member_routes(http::RouteTable& routes) {
  auto parameters = http::page_parameters();
  parameters.insert(parameters.begin(), {"status", "Members (active), or who is invited and has not answered",
                                         schema::defaults_to(schema::choice(kMemberStatuses), "active")});
  routes.add(identity_read(
      "/tenants/{tenant_id}/members", in_tenant(Role::admin), "member_list", http::reads(parse_members, list),
      {.summary = "List the members of a tenant", .response = schema::page(member_schema()), .query = parameters}));
  routes.add(identity_write("PUT", "/tenants/{tenant_id}/members/{user_id}", in_tenant(Role::admin), "member_set",
                            {http::Urgency::ordinary, http::EndsStreams::may, http::Repairs::no, Direction::told},
                            domain::configures(parse_set, set, only_lowers),
                            {.summary = "Invite somebody, or change a member's role; the system token adds at once",
                             .request = role_schema(),
                             .response = member_schema(),
                             .refusals = {201, 404, 409}}));
  // Everybody may leave, so the route requires the least role. `remove` judges who may remove others.
  routes.add(identity_write("DELETE", "/tenants/{tenant_id}/members/{user_id}", in_tenant(Role::viewer),
                            "member_remove", kTakesAway, http::writes(http::param("user_id"), remove),
                            {.summary = "Remove a member, withdraw an invitation, or leave", .refusals = {404, 409}}));
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
