// A user's preference counts before the tenant's. Users set their own; an admin sets the tenant's and that of any
// member, but only the person in question takes back their opt-out. Opting out is tightening, so it is never gated.
#include "daemon/domain/human.hpp"
#include "daemon/domain/problems.hpp"
#include "daemon/domain/services.hpp"
#include "daemon/guard/problems.hpp"
#include "daemon/http/schema.hpp"
#include "daemon/http/surface.hpp"
#include "store/identity.hpp"
#include "store/preferences.hpp"

namespace nexus::privacy {
namespace {

using http::Applied;
using http::Input;
using http::Reply;
using store::TrainingPreference;
namespace schema = http::schema;

void judge_user(const Caller& caller, const std::string& user_id) {
  if (!caller.owns(user_id))
    throw Problem(problems::auth_insufficient_role, "another user's preference needs the role admin in the tenant");
}

/// Strangers are absent, whether such a user exists or not.
void judge_member(const store::Reader& reader, const Caller& caller, const std::string& user_id) {
  if (user_id != caller.user_id && !store::find_member(reader, caller.tenant().str(), user_id))
    throw Problem(problems::member_not_found, "there is no such member of this tenant");
}

Json preference_json(const std::optional<TrainingPreference>& preference) {
  if (!preference) return {{"opt_out", nullptr}, {"updated_at", nullptr}, {"updated_by", nullptr}};
  return {{"opt_out", preference->opt_out},
          {"updated_at", to_rfc3339(preference->updated_at)},
          {"updated_by", preference->updated_by}};
}

Json to_json(const store::TrainingPreferences& preferences, const Caller& caller, const std::string& user_id) {
  Json user = preference_json(preferences.user);
  user["user_id"] = user_id;
  return {{"tenant_id", caller.tenant().str()},
          {"env", to_string(caller.env())},
          {"opt_out", preferences.effective()},
          {"user", std::move(user)},
          {"tenant", preference_json(preferences.tenant)}};
}

store::TrainingPreferences read(const store::Reader& reader, const Caller& caller, const std::string& user_id) {
  return store::training_opt_out(reader, caller.realm(), user_id);
}

std::string parse_show(Input& input) {
  const std::string user_id =
      input.query.optional_name("user_id", {.min = 1, .max = 64}).value_or(input.caller.user_id);
  judge_user(input.caller, user_id);
  return user_id;
}

Reply show(const store::Reader& reader, const Caller& caller, const std::string& user_id) {
  judge_member(reader, caller, user_id);
  return {.json = to_json(read(reader, caller, user_id), caller, user_id)};
}

/// An empty `user_id` means the tenant's own preference.
struct Change {
  std::string user_id;
  bool opt_out = false;
};

Applied put(store::Tx& tx, const Caller& caller, const Change& change) {
  const bool of_tenant = change.user_id.empty();
  const std::string kind = of_tenant ? "tenant" : "user";
  const std::string subject = of_tenant ? caller.tenant().str() : change.user_id;
  if (!of_tenant) {
    judge_user(caller, change.user_id);
    judge_member(tx, caller, change.user_id);
  }
  const std::string& shown = of_tenant ? caller.user_id : change.user_id;
  auto preferences = read(tx, caller, shown);
  auto& changed = of_tenant ? preferences.tenant : preferences.user;
  if (!of_tenant && !change.opt_out && changed && changed->opt_out && change.user_id != caller.user_id)
    throw Problem(problems::auth_insufficient_role,
                  "an opt-out is taken back by the person alone, with a token of his own");
  if (!change.opt_out && changed && changed->opt_out) domain::require_human(caller, "takes back an opt-out");
  Json details = {{"opt_out", change.opt_out}, {"opt_out_before", changed ? Json(changed->opt_out) : Json()}};
  changed = TrainingPreference{change.opt_out, now_micros(), caller.user_id};
  store::put_training_preference(tx, caller.realm(), change.user_id, *changed);
  return {.json = to_json(preferences, caller, shown),
          .subject_type = kind,
          .subject_id = subject,
          .details = std::move(details),
          .events = {{"training_preference_changed", kind, subject, make_object({{"opt_out", change.opt_out}})}},
          .status = 200};
}

http::Write write_of(Input& input, std::string user_id) {
  if (!input.body.sent("opt_out") || input.body.sent_null("opt_out")) input.body.fault("opt_out", "is required");
  const Change change{std::move(user_id), input.body.optional_boolean("opt_out").value_or(true)};
  http::Write write;
  write.apply = [change](store::Tx& tx, const Caller& caller) { return put(tx, caller, change); };
  write.tightens = [change](const store::Reader&, const Caller&) { return change.opt_out; };
  return write;
}

http::Write handle_put_user(Input& input) {
  judge_user(input.caller, input.param("user_id"));
  return write_of(input, input.param("user_id"));
}

Json answer_schema() {
  const Json preference = schema::object({}, {{"opt_out", schema::nullable(schema::boolean())},
                                              {"updated_at", schema::nullable(schema::time())},
                                              {"updated_by", schema::nullable(schema::text())}});
  Json user = preference;
  user["properties"]["user_id"] = schema::text();
  return schema::named("TrainingChoice", schema::object({}, {{"tenant_id", schema::text()},
                                                             {"env", schema::text()},
                                                             {"opt_out", schema::boolean()},
                                                             {"user", std::move(user)},
                                                             {"tenant", preference}}));
}

http::Docs put_docs(std::string summary, std::vector<int> refusals = {}) {
  return {.summary = std::move(summary),
          .request = schema::named("TrainingChoiceSet", schema::whole({{"opt_out", schema::boolean()}})),
          .response = answer_schema(),
          .refusals = std::move(refusals)};
}

}  // namespace

void add_routes(http::RouteTable& routes, const domain::Services&) {
  const http::Surface of_tenant{.name = "control",
                                .read_action = "privacy_read",
                                .writes = Role::admin,
                                .policy = gates::Policy::control,
                                .effects = http::own_rows_alone(Direction::told)};
  routes.add(of_tenant.show(
      "/privacy/training", http::reads(parse_show, show),
      {.summary = "Show whether models may learn from what you do here",
       .response = answer_schema(),
       .query = {{"user_id", "Another member; needs the role admin", schema::pattern(schema::kUserId)}}}));
  routes.add(of_tenant.put(
      "/privacy/training", "privacy_update", [](Input& input) { return write_of(input, {}); },
      put_docs("Keep the tenant's activity from training, or allow it")));
  // Users set their own preference, so the route requires the least role; judge_user decides about that of others.
  http::Surface of_user = of_tenant;
  of_user.writes = Role::viewer;
  routes.add(of_user.put("/privacy/training/users/{user_id}", "privacy_update", handle_put_user,
                         put_docs("Keep a user's activity from training, or allow it", {404})));
}

}  // namespace nexus::privacy
