// Routes of memberships. Only an owner or the system token makes, changes or removes an owner; nobody raises anyone
// above himself; everybody may leave; the last owner stays. Owners and admins add nobody unasked: they invite, and the
// answer is the same whether the user exists elsewhere or nowhere. The system token adds.
#include "daemon/identity/members.hpp"
#include "daemon/domain/problems.hpp"
#include "daemon/guard/problems.hpp"
#include "daemon/identity/limits.hpp"

#include "daemon/gates/kill_switch.hpp"
#include "daemon/http/page.hpp"
#include "daemon/http/schema.hpp"
#include "daemon/identity/identity_json.hpp"
#include "daemon/identity/identity_route.hpp"
#include "daemon/identity/problems.hpp"
#include "daemon/identity/routes.hpp"

namespace nexus::identity {
namespace {

using http::Applied;
using http::Input;
using http::Reply;
namespace schema = http::schema;

constexpr Micros kInvitationLifetime = std::chrono::microseconds(limits::invitation_lifetime).count();

struct Target {
  std::string user_id;
  Role role = Role::viewer;
};

std::string take_user(Input& input) {
  if (!UserId::parse(input.param("user_id"))) throw Problem(problems::user_not_found, "a user id looks like u_ann");
  return input.param("user_id");
}

Target parse_set(Input& input) {
  Target target{take_user(input), Role::viewer};
  const auto role = input.body.optional_choice("role", {"viewer", "member", "admin", "owner"});
  if (!input.body.sent("role") || input.body.sent_null("role")) input.body.fault("role", "is required");
  if (role) target.role = *parse_role(*role);
  return target;
}

void judge_rank(const Caller& caller, Role rank, const char* what) {
  if (*caller.role < rank) throw Problem(problems::auth_insufficient_role, what);
}

/// Looks at nothing outside the tenant, so that neither the answer nor its time tells who exists.
Applied invite(store::Tx& tx, const Caller& caller, const Target& target) {
  const Micros now = now_micros();
  const std::string& tenant = caller.tenant().str();
  const auto before = store::find_invitation(tx, tenant, target.user_id, now);
  if (before) judge_rank(caller, before->role, "only an owner changes an owner's invitation");
  store::prune_invitations(tx, tenant, now);
  if (!before && store::count_invitations(tx, tenant, now) >= limits::invitations_max)
    throw Problem(problems::limit_reached, "at most " + std::to_string(limits::invitations_max) +
                                               " invitations are open in a tenant: withdraw one")
        .with_remedy("nexusctl member invitations");
  const store::Invitation invitation{tenant, target.user_id,           target.role, caller.user_id,
                                     now,    now + kInvitationLifetime};
  store::put_invitation(tx, invitation);
  Json details = {{"role", to_string(target.role)}, {"expires_at", to_rfc3339(invitation.expires_at)}};
  if (before) details["role_before"] = to_string(before->role);
  return {.json = invitation_json(invitation),
          .subject_type = "member",
          .subject_id = target.user_id,
          .details = std::move(details),
          .status = 201,
          .action = "member_invite"};
}

Applied set(store::Tx& tx, const Caller& caller, const Target& target) {
  judge_rank(caller, target.role, "nobody raises anyone above himself");
  const auto before = store::find_member(tx, caller.tenant().str(), target.user_id);
  if (!before && !caller.is_system()) return invite(tx, caller, target);
  if (!before && !store::find_user(tx, target.user_id)) throw Problem(problems::user_not_found, "make the user first");
  if (before) {
    judge_rank(caller, before->role, "only an owner changes an owner");
    keep_an_owner(tx, *before, target.role);
  }
  const store::Member member{caller.tenant().str(), target.user_id, target.role, before ? before->since : now_micros()};
  store::put_member(tx, member);
  Json details = {{"role", to_string(target.role)}};
  if (before) details["role_before"] = to_string(before->role);
  return {.json = member_json(member),
          .subject_type = "member",
          .subject_id = target.user_id,
          .details = std::move(details),
          .status = before ? 200 : 201};
}

http::Write handle_set(Input& input) {
  const Target target = parse_set(input);
  http::Write write;
  write.apply = [target](store::Tx& tx, const Caller& caller) { return set(tx, caller, target); };
  write.tightens = [target](const store::Reader& reader, const Caller& caller) {
    const auto before = store::find_member(reader, caller.tenant().str(), target.user_id);
    return before && target.role <= before->role;
  };
  return write;
}

Applied withdraw(store::Tx& tx, const Caller& caller, const store::Invitation& invitation) {
  judge_rank(caller, invitation.role, "only an owner withdraws an owner's invitation");
  store::delete_invitation(tx, invitation.tenant_id, invitation.user_id);
  return {.json = nullptr,
          .subject_type = "member",
          .subject_id = invitation.user_id,
          .details = {{"invited_as", to_string(invitation.role)}},
          .status = 204};
}

Applied remove(store::Tx& tx, const Caller& caller, const std::string& user_id) {
  const bool leaves = user_id == caller.user_id;
  if (!leaves) judge_rank(caller, Role::admin, "this needs the role admin in the tenant");
  const auto before = store::find_member(tx, caller.tenant().str(), user_id);
  if (before) {
    if (!leaves) judge_rank(caller, before->role, "only an owner removes an owner");
    return end_membership(tx, *before);
  }
  const auto invitation = store::find_invitation(tx, caller.tenant().str(), user_id, now_micros());
  if (!invitation) throw Problem(problems::member_not_found);
  return withdraw(tx, caller, *invitation);
}

/// Other owners who are switched off where membership routes stand: none of them could act.
int count_stopped_owners(const store::Reader& reader, const store::Member& beside) {
  const auto document = gates::in_force(
      store::find_kill_switches(reader, {.tenant = beside.tenant_id, .env = to_string(Env::prod)}), now_micros());
  int stopped = 0;
  for (const auto& entry : document.entries) {
    if (entry.kind != store::SwitchEntry::Kind::user || entry.name == beside.user_id) continue;
    const auto member = store::find_member(reader, beside.tenant_id, entry.name);
    stopped += member && member->role == Role::owner ? 1 : 0;
  }
  return stopped;
}

struct Wanted {
  bool invited = false;
  http::Page page;
};

Wanted parse_list(Input& input) {
  const bool invited = input.query.optional_choice("status", {"active", "invited"}).value_or("active") == "invited";
  return {invited, http::take_page(input, invited ? "invitations" : "members")};
}

Reply list(const store::Reader& reader, const Caller& caller, const Wanted& wanted) {
  const std::string& tenant = caller.tenant().str();
  const http::Page& page = wanted.page;
  const store::PageMark mark = http::mark_of(page.mark);
  if (wanted.invited)
    return {.json = http::page_json<store::Invitation>(
                page, store::list_invitations(reader, tenant, mark, page.limit + 1, now_micros()), invitation_json,
                [](const store::Invitation& row) { return http::mark_text(row.created_at, row.user_id); })};
  return {.json = http::page_json<store::Member>(
              page, store::list_members(reader, tenant, mark, page.limit + 1), member_json,
              [](const store::Member& row) { return http::mark_text(row.since, row.user_id); })};
}

}  // namespace

void keep_an_owner(const store::Reader& reader, const store::Member& before, std::optional<Role> after) {
  if (before.role != Role::owner || after == Role::owner) return;
  const int others = store::count_owners(reader, before.tenant_id) - 1;
  if (others <= count_stopped_owners(reader, before))
    throw Problem(problems::membership_last_owner, "make another member owner first");
}

Applied end_membership(store::Tx& tx, const store::Member& member) {
  keep_an_owner(tx, member, std::nullopt);
  store::delete_member(tx, member.tenant_id, member.user_id);
  return {.json = nullptr,
          .subject_type = "member",
          .subject_id = member.user_id,
          .details = {{"role_before", to_string(member.role)}},
          .status = 204};
}

void add_member_routes(http::RouteTable& routes) {
  const Json role = schema::named(
      "MemberSet", schema::object({"role"}, {{"role", schema::choice({"viewer", "member", "admin", "owner"})}}));
  auto parameters = http::page_parameters();
  parameters.insert(parameters.begin(), {"status", "Members (active), or who is invited and has not answered",
                                         schema::defaults_to(schema::choice({"active", "invited"}), "active")});
  routes.add(identity_read(
      "/tenants/{tenant_id}/members",
      {.access = Access::role, .scope = Scope::path, .role = Role::admin, .repairs_tenant = true}, "member_list",
      http::reads(parse_list, list),
      {"List the members of a tenant", "identity", {}, schema::page(member_schema()), 200, parameters, {}}));
  routes.add(identity_write("PUT", "/tenants/{tenant_id}/members/{user_id}",
                            {.access = Access::role, .scope = Scope::path, .role = Role::admin, .repairs_tenant = true},
                            "member_set",
                            {http::Urgency::ordinary, http::EndsStreams::may, http::Repairs::no, Direction::told},
                            http::WriteHandler(handle_set),
                            {"Invite somebody, or change a member's role; the system token adds at once",
                             "identity",
                             role,
                             member_schema(),
                             200,
                             {},
                             {201, 404, 409}}));
  // Everybody may leave, so the route asks for the least role; whom else one may remove, `remove` judges.
  routes.add(identity_write(
      "DELETE", "/tenants/{tenant_id}/members/{user_id}",
      {.access = Access::role, .scope = Scope::path, .role = Role::viewer, .repairs_tenant = true}, "member_remove",
      kTakesAway, http::writes([](Input& input) { return input.param("user_id"); }, remove),
      {"Remove a member, withdraw an invitation, or leave", "identity", {}, {}, 204, {}, {404, 409}}));
}

}  // namespace nexus::identity
