#include "cli/commands/known_users.hpp"

#include <algorithm>
#include <vector>

#include "cli/engine/one_request.hpp"
#include "daemon/base/nearest.hpp"

namespace nexus::cli {
namespace {

using Ids = std::vector<std::string>;

/// Appends the ids of a list; ends where it finds `user_id`. Returns whether it did.
bool append_ids(Session& session, ApiRequest request, const std::string& user_id, Ids& ids) {
  request.query.emplace_back("limit", "200");
  request.scope = Scope::identity;
  request.preliminary = true;
  bool found = false;
  each_page(session, std::move(request), [&](Json& page) {
    for (const auto& item : value_at(page, "items")) ids.push_back(cell_at(item, "user_id"));
    found = std::ranges::find(ids, user_id) != ids.end();
    return !found;
  });
  return found;
}

bool is_member(Session& session, const std::string& tenant, const std::string& user_id, Ids& ids) {
  const std::string path = "/tenants/" + segment(tenant) + "/members";
  return append_ids(session, {.path = path}, user_id, ids) ||
         append_ids(session, {.path = path, .query = {{"status", "invited"}}}, user_id, ids);
}

/// Asks for this one first: an installation may have very many users, and a switch is in a hurry.
bool is_user(Session& session, const std::string& user_id, Ids& ids) {
  const ApiRequest one = {.path = "/users/" + segment(user_id), .scope = Scope::identity, .preliminary = true};
  const Answer answer = session.attempt(one);
  if (answer.status == 200) return true;
  if (answer.status != 404 && answer.status != 422) throw refusal_of(answer);
  return append_ids(session, {.path = "/users"}, user_id, ids);
}

}  // namespace

std::optional<std::string> find_unknown_user(Session& session, const std::string& tenant, const std::string& user_id) {
  const bool everywhere = tenant == "t_system";
  Ids ids;
  if (everywhere ? is_user(session, user_id, ids) : is_member(session, tenant, user_id, ids)) return std::nullopt;
  const auto near = all_nearest(user_id, ids);
  return (everywhere ? "the daemon knows no user " + user_id
                     : user_id + " is no member of " + tenant + ", and not invited") +
         (near.empty() ? "" : " (did you mean " + either_of(near) + "?)");
}

}  // namespace nexus::cli
