#include "cli/commands/readiness_stage.hpp"

#include <algorithm>

namespace nexus::cli::readiness {
namespace {

/// How things of ours are named, so that nobody else's are touched.
constexpr const char* kSign = "nexusctl readiness";
constexpr int kTokenSeconds = 900;  // a run that was killed leaves tokens for that long

std::string tenant_path() { return std::string("/tenants/") + kTenant; }

Json done(const Answer& answer) {
  if (answer.status >= 400) throw refusal_of(answer);
  return answer.json;
}

/// The system's acts that stand in no tenant's context.
Voice at_large(const Walk& walk) { return {walk.cast.system, "", ""}; }

}  // namespace

Stage::~Stage() {
  try {
    for (const auto& complaint : strike()) walk_.session().warn(complaint);
  } catch (...) {
    // Each step of strike() keeps its own failures; what is left are allocations.
  }
}

void Stage::make_tenant_active() {
  const Answer there = walk_.ask({.path = tenant_path()}, at_large(walk_));
  if (there.status == 404) {
    done(walk_.ask({.method = "POST", .path = "/tenants", .body = Json{{"tenant_id", kTenant}, {"name", kSign}}},
                   at_large(walk_)));
    return;
  }
  if (value_at(done(there), "name") != kSign)
    throw Failure(Exit::conflict, std::string("there is a tenant ") + kTenant + " that is not of readiness's making");
  if (value_at(there.json, "status") == "active")
    walk_.session().note(std::string(kTenant) + " was active: an earlier run was killed, or another one is running");
  done(walk_.ask({.method = "PATCH", .path = tenant_path(), .body = Json{{"status", "active"}}}, at_large(walk_)));
}

void Stage::make_user(const char* user_id) {
  const Answer there = walk_.ask({.path = std::string("/users/") + user_id}, at_large(walk_));
  if (there.status == 404) {
    done(walk_.ask({.method = "POST", .path = "/users", .body = Json{{"user_id", user_id}, {"display_name", kSign}}},
                   at_large(walk_)));
    return;
  }
  if (value_at(done(there), "display_name") != kSign)
    throw Failure(Exit::conflict, std::string("there is a user ") + user_id + " that is not of readiness's making");
}

std::string Stage::make_token(const Json& body, std::string* id) {
  Json wish = {{"ttl_seconds", kTokenSeconds}, {"name", kSign}};
  wish.update(body);
  const Answer made = walk_.ask({.method = "POST", .path = "/tokens", .body = wish}, at_large(walk_));
  done(made);
  if (id != nullptr) *id = text_of(made, "token_id");
  return text_of(made, "token");
}

/// The system's own acts here pass what an earlier run may have left: a switch is always lifted, a floor overridden.
void Stage::lift() {
  const Voice system = walk_.system(kEnv);
  done(walk_.ask({.method = "PUT", .path = "/kill-switches", .body = Json{{"disabled_actions", Json::array()}}},
                 system));
  done(walk_.ask({.method = "PUT",
                  .path = "/temperature/floors",
                  .body = Json{{"surface", "maybes"}, {"performance_floors", Json::object()}}},
                 system));
}

void Stage::set() {
  const auto& token = walk_.session().token();
  walk_.cast.system = token.value_or("");
  for (const char* user_id : {kOwner, kStranger}) make_user(user_id);
  make_tenant_active();
  stands_ = true;
  done(walk_.ask({.method = "PUT", .path = tenant_path() + "/members/" + kOwner, .body = Json{{"role", "owner"}}},
                 at_large(walk_)));
  lift();
  const Json narrow = {{"user_id", kOwner}, {"tenants", {kTenant}}, {"envs", {kEnv}}};
  walk_.cast.owner = make_token(narrow, &walk_.cast.owner_token_id);
  Json lower = narrow;
  lower["role"] = "viewer";
  walk_.cast.viewer = make_token(lower, nullptr);
  walk_.cast.stranger = make_token({{"user_id", kStranger}}, nullptr);
}

std::vector<std::string> Stage::strike() {
  std::vector<std::string> complaints;
  if (!std::exchange(stands_, false)) return complaints;
  walk_.heed_no_signals();
  bool answers = true;
  const auto attempt = [&](const std::string& what, const std::function<void()>& act) {
    try {
      if (!answers) throw Failure(Exit::unreachable, "no daemon answers any more");
      act();
    } catch (const Failure& failure) {
      answers = failure.exit != Exit::unreachable;
      complaints.push_back(what + ": " + failure.what());
    } catch (const std::exception& error) {
      complaints.push_back(what + ": " + error.what());
    }
  };
  attempt("its switches and floors are not lifted", [&] { lift(); });
  std::ranges::reverse(walk_.made);
  for (const auto& [path, voice] : walk_.made)
    attempt(path + " is not deleted", [&] {
      const Answer answer = walk_.ask({.method = "DELETE", .path = path}, voice);
      if (answer.status != 404) done(answer);
    });
  for (const char* user_id : {kOwner, kStranger})
    attempt("the tokens of " + std::string(user_id) + " are not revoked; they end within 15 minutes", [&] {
      done(walk_.ask({.method = "DELETE", .path = std::string("/users/") + user_id + "/tokens"}, at_large(walk_)));
    });
  attempt(std::string(kTenant) + " is not disabled", [&] {
    done(walk_.ask({.method = "PATCH", .path = tenant_path(), .body = Json{{"status", "disabled"}}}, at_large(walk_)));
  });
  return complaints;
}

}  // namespace nexus::cli::readiness
