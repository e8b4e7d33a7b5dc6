// Routes of memberships. Only an owner or the system token makes, changes or removes an owner; nobody raises anyone
// above himself; everybody may leave; the last owner stays.
#include "daemon/control/identity_json.hpp"
#include "daemon/control/identity_route.hpp"
#include "daemon/control/tenants.hpp"
#include "daemon/http/page.hpp"
#include "daemon/http/schema.hpp"

namespace nexus::control {
namespace {

using http::Applied;
using http::Input;
using http::Reply;
namespace schema = http::schema;

struct Target {
  std::string user_id;
  Role role = Role::viewer;
};

Target parse_set(Input& input) {
  Target target{input.param("user_id"), Role::viewer};
  const auto role = input.body.optional_choice("role", {"viewer", "member", "admin", "owner"});
  if (!input.body.sent("role") || input.body.sent_null("role")) input.body.fault("role", "is required");
  if (role) target.role = *parse_role(*role);
  return target;
}

/// The last owner stays: a change that would leave none is refused.
void keep_an_owner(const store::Reader& reader, const store::Member& before, Role after, bool removed) {
  if (before.role != Role::owner || (!removed && after == Role::owner)) return;
  if (store::count_owners(reader, before.tenant_id) <= 1)
    throw Problem(Code::membership_last_owner, "make another member owner first");
}

void judge_rank(const Caller& caller, Role rank, const char* what) {
  if (*caller.role < rank) throw Problem(Code::auth_insufficient_role, what);
}

Applied set(store::Tx& tx, const Caller& caller, const Target& target) {
  if (!store::find_user(tx, target.user_id)) throw Problem(Code::user_not_found, "make the user first");
  const auto before = store::find_member(tx, caller.tenant().str(), target.user_id);
  judge_rank(caller, target.role, "nobody raises anyone above himself");
  if (before) {
    judge_rank(caller, before->role, "only an owner changes an owner");
    keep_an_owner(tx, *before, target.role, false);
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

Applied remove(store::Tx& tx, const Caller& caller, const std::string& user_id) {
  const bool leaves = user_id == caller.user_id;
  if (!leaves) judge_rank(caller, Role::admin, "this needs the role admin in the tenant");
  const auto before = store::find_member(tx, caller.tenant().str(), user_id);
  if (!before) throw Problem(Code::member_not_found);
  if (!leaves) judge_rank(caller, before->role, "only an owner removes an owner");
  keep_an_owner(tx, *before, Role::viewer, true);
  store::delete_member(tx, caller.tenant().str(), user_id);
  return {.json = nullptr,
          .subject_type = "member",
          .subject_id = user_id,
          .details = {{"role_before", to_string(before->role)}},
          .status = 204};
}

Reply list(const store::Reader& reader, const Caller& caller, const http::Page& page) {
  return {.json = http::page_json<store::Member>(
              page, store::list_members(reader, caller.tenant().str(), mark_of(page.mark), page.limit + 1), member_json,
              [](const store::Member& row) { return mark_text(row.since, row.user_id); })};
}

}  // namespace

void add_member_routes(http::RouteTable& routes) {
  const Json role = schema::object({"role"}, {{"role", schema::choice({"viewer", "member", "admin", "owner"})}});
  routes.add(identity_read("/tenants/{tenant_id}/members",
                           {.access = Access::role, .scope = Scope::path, .role = Role::admin, .repairs_tenant = true},
                           "member_list",
                           http::reads([](Input& input) { return http::take_page(input, "members"); }, list),
                           {"List the members of a tenant",
                            "identity",
                            {},
                            schema::page(member_schema()),
                            200,
                            http::page_parameters(),
                            {}}));
  routes.add(identity_write(
      "PUT", "/tenants/{tenant_id}/members/{user_id}",
      {.access = Access::role, .scope = Scope::path, .role = Role::admin, .repairs_tenant = true}, "member_set",
      {http::Urgency::ordinary, http::EndsStreams::may, http::Repairs::no, Direction::told},
      http::WriteHandler(handle_set),
      {"Add a member, or change a role", "identity", role, member_schema(), 200, {}, {201, 404, 409}}));
  // Everybody may leave, so the route asks for the least role; whom else one may remove, `remove` judges.
  routes.add(identity_write(
      "DELETE", "/tenants/{tenant_id}/members/{user_id}",
      {.access = Access::role, .scope = Scope::path, .role = Role::viewer, .repairs_tenant = true}, "member_remove",
      kTakesAway, http::writes([](Input& input) { return input.param("user_id"); }, remove),
      {"Remove a member, or leave", "identity", {}, {}, 204, {}, {404, 409}}));
}

}  // namespace nexus::control
