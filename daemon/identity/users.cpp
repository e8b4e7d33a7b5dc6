// Routes of users (people and agents that tokens speak for); the system token alone makes and lists them.
#include "daemon/base/text.hpp"
#include "daemon/base/uuid.hpp"
#include "daemon/http/page.hpp"
#include "daemon/http/schema.hpp"
#include "daemon/identity/identity_json.hpp"
#include "daemon/identity/identity_route.hpp"
#include "daemon/identity/limits.hpp"
#include "daemon/identity/problems.hpp"
#include "daemon/identity/routes.hpp"
#include "store/sqlite/error.hpp"

namespace nexus::identity {
namespace {

using http::Applied;
using http::Input;
using http::Reply;
namespace schema = http::schema;

bool is_email(std::string_view text) {
  const std::size_t at = text.find('@');
  return at != std::string_view::npos && at > 0 && at + 1 < text.size() &&
         text.find('@', at + 1) == std::string_view::npos && text.find_first_of(" \t\r\n") == std::string_view::npos;
}

store::User parse_new(Input& input) {
  store::User user;
  user.user_id = input.body.optional_name("user_id", {.min = 1, .max = 64}).value_or("");
  user.email = input.body.optional_text("email", {.min = 3, .max = limits::email_bytes_max});
  user.display_name = input.body.optional_text("display_name", {.min = 1, .max = 200});
  if (!user.user_id.empty() && !UserId::parse(user.user_id))
    input.body.fault("user_id", "must match ^u_[a-z0-9_-]{1,62}$");
  if (user.email && !is_email(*user.email)) input.body.fault("email", "must be an address with one @");
  if (user.email) user.email = lower_ascii(*user.email);
  if (user.user_id.empty()) user.user_id = "u_" + uuid_v7();
  return user;
}

Applied create(store::Tx& tx, const Caller& caller, const store::User& value) {
  store::User user = value;
  user.created_at = now_micros();
  user.created_by = caller.user_id;
  try {
    store::insert_user(tx, user);
  } catch (const store::Error& error) {
    if (!store::is_unique_violation(error)) throw;
    throw Problem(problems::user_exists, "choose another user_id or email");
  }
  return {.json = user_json(user),
          .subject_type = "user",
          .subject_id = user.user_id,
          .fields = {{"Location", "/users/" + user.user_id}}};
}

Reply list(const store::Reader& reader, const Caller&, const http::Page& page) {
  return {.json = http::page_json<store::User>(
              page, store::list_users(reader, http::mark_of(page.mark), page.limit + 1), user_json,
              [](const store::User& row) { return http::mark_text(row.created_at, row.user_id); })};
}

Reply show(const store::Reader& reader, const Caller&, const std::string& user_id) {
  const auto user = store::find_user(reader, user_id);
  if (!user) throw Problem(problems::user_not_found);
  return {.json = user_json(*user)};
}

}  // namespace

void add_user_routes(http::RouteTable& routes) {
  Json email = schema::described(schema::pattern("^[!-?A-~]+@[!-?A-~]+$"),
                                 "an address with one @; letters beyond ASCII are taken too");
  email["maxLength"] = limits::email_bytes_max;
  const Json new_user =
      schema::named("UserCreate", schema::object({}, {{"user_id", schema::pattern(schema::kUserId)},
                                                      {"email", std::move(email)},
                                                      {"display_name", schema::text_between(1, 200)}}));
  routes.add(identity_write("POST", "/users", {.access = Access::system}, "user_create", http::kOwnRowsAlone,
                            http::writes(parse_new, create),
                            {"Make a user", "identity", new_user, user_schema(), 201, {}, {409}}));
  routes.add(
      identity_read("/users", {.access = Access::system}, "user_list",
                    http::reads([](Input& input) { return http::take_page(input, "users"); }, list),
                    {"List users", "identity", {}, schema::page(user_schema()), 200, http::page_parameters(), {}}));
  routes.add(identity_read("/users/{user_id}", {.access = Access::system}, "user_read",
                           http::reads([](Input& input) { return input.param("user_id"); }, show),
                           {"Show a user", "identity", {}, user_schema(), 200, {}, {404}}));
}

}  // namespace nexus::identity
