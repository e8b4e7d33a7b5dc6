// nexusctl status, wait, whoami, version: whether the daemon runs and works, and who the caller is to it.
#include <thread>

#include "cli/engine/one_request.hpp"

namespace nexus::cli {
namespace {

using Clock = std::chrono::steady_clock;

const Shape kStatusShape = {"address",
                            {"address", "live", "ready", "version", "latency_ms", "who", "tenant", "env", "why",
                             "token", "from.address", "from.token", "from.tenant", "from.env", "from.context"}};
const Shape kMeShape = {
    "user.user_id",
    {"user.user_id", "actor_type", "user.email", "user.display_name", "token.expires_at", "memberships", "invitations"},
    {{"memberships", {"tenant_id", "role", "since"}},
     {"invitations", {"tenant_id", "role", "invited_by", "expires_at"}}}};
const Shape kBothVersionsShape = {"client", {"client", "server"}};

ApiRequest open_request(const std::string& path) { return {.path = path, .scope = Scope::open, .retry = false}; }

Json setting_or_null(const std::optional<Sourced>& setting) { return setting ? Json(setting->value) : Json(); }

// The user's id in an /auth/me answer; the system token has no user.
Json who_of(const Json& me) {
  for (const char* path : {"user.user_id", "user_id", "role", "actor_type"}) {
    if (const Json& found = value_at(me, path); found.is_string()) return found;
  }
  return Json();
}

Json text_or_null(const std::string& text) { return text.empty() ? Json() : Json(text); }

/// Where each setting came from; the first source is what the next command would use.
Json sources_of(const Settings& settings) {
  const auto source = [](const std::optional<Sourced>& setting) { return setting ? Json(setting->source) : Json(); };
  return {{"address", settings.server.source},
          {"token", text_or_null(settings.token.source)},
          {"tenant", source(settings.tenant)},
          {"env", source(settings.env)},
          {"context", text_or_null(settings.context_source)}};
}

/// Asks, and says as `told` why it was refused or failed. Throws nothing, because status reports on the daemon first.
Exit try_asking(Json& told, const std::string& refused, const std::string& failed, const std::function<void()>& ask) {
  try {
    ask();
    return Exit::done;
  } catch (const Refusal& refusal) {
    told = refused + refusal.what();
    return refusal.exit();
  } catch (const Failure& failure) {
    told = failed + failure.what();
    return failure.exit;
  }
}

/// Asks for the token's owner, and says what came of it.
Exit ask_who(Session& session, Json& record) {
  return try_asking(record["token"], "refused: ", "not used: ", [&] {
    if (session.token()) {
      record["who"] = who_of(session.call({.path = "/auth/me", .scope = Scope::identity}).json);
      record["token"] = "accepted";
    } else {
      const bool elsewhere = session.settings().token.kind == TokenPlace::Kind::wrong_server;
      record["token"] = elsewhere ? "of another server: not used" : "none";
    }
  });
}

/// Checks whether the tenant and env of the next command admit this caller, by a read that every viewer may do. The
/// system token is admitted everywhere, and its read would leave a row.
Exit ask_tenant(Session& session, Json& record) {
  const Settings& settings = session.settings();
  if (record["token"] != "accepted" || record["who"] == "system" || !settings.tenant || !settings.env)
    return Exit::done;
  return try_asking(record["why"], "the tenant refuses: ", "", [&] { session.call({.path = "/feature-flags"}); });
}

/// Fills in what the daemon says about itself, and why it is not ready.
Exit ask_daemon(Session& session, Json& record) {
  try {
    const auto begin = Clock::now();
    const Answer live = session.attempt(open_request("/livez"));
    const auto latency = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - begin);
    const Answer ready = session.attempt(open_request("/readyz"));
    record["live"] = live.status == 200;
    record["ready"] = ready.status == 200;
    record["latency_ms"] = static_cast<double>(latency.count() / 10) / 100.0;
    record["version"] = value_at(session.attempt(open_request("/version")).json, "version");
    for (const Answer& answer : {ready, live})
      if (answer.status != 200) record["why"] = refusal_of(answer).what();
    return live.status == 200 && ready.status == 200 ? Exit::done : Exit::negative;
  } catch (const Failure& failure) {
    if (failure.exit == Exit::usage) throw;  // of the line, not of the daemon
    record["why"] = failure.what();
    return failure.exit;
  }
}

int run_status(Session& session, const Values&) {
  const Settings& settings = session.settings();
  Json record = {{"address", settings.server.value},
                 {"live", false},
                 {"ready", false},
                 {"why", nullptr},
                 {"version", nullptr},
                 {"latency_ms", nullptr},
                 {"who", nullptr},
                 {"token", nullptr},
                 {"context", text_or_null(settings.context)},
                 {"tenant", setting_or_null(settings.tenant)},
                 {"env", setting_or_null(settings.env)},
                 {"from", sources_of(settings)}};
  Exit exit = ask_daemon(session, record);
  if (exit != Exit::unreachable) {
    const Exit who = ask_who(session, record), tenant = ask_tenant(session, record);
    if (exit == Exit::done) exit = who == Exit::done ? tenant : who;
  }
  session.print_record(record, kStatusShape);
  return static_cast<int>(exit);
}

constexpr const char* kLook = "nexusctl status";

/// Why a daemon is not up, and a line to try.
struct NotUp {
  std::string why;
  std::string remedy;
};

// Looks once; a daemon that does not listen yet is not ready. Returns nothing when it is up.
std::optional<NotUp> why_not_up(Session& session, const std::string& path, std::chrono::milliseconds patience) {
  ApiRequest request = open_request(path);
  request.timeout = patience;
  try {
    const Answer answer = session.attempt(request);
    if (answer.status == 200) return std::nullopt;
    return NotUp{refusal_of(answer).what(), kLook};
  } catch (const Failure& failure) {
    if (failure.exit != Exit::unreachable) throw;
    // To wait is what is being done.
    const bool waits = failure.remedy.empty() || failure.remedy.starts_with("nexusctl wait");
    return NotUp{failure.what(), waits ? kLook : failure.remedy};
  }
}

/// A try that the deadline cuts shorter says only that it was cut.
constexpr std::chrono::seconds kTellingTry{1};

int run_wait(Session& session, const Values& values) {
  const std::string goal = values.find("--for").value_or("ready");
  if (goal != "ready" && goal != "live") throw usage_error("--for wants ready or live", "nexusctl wait --help");
  const auto deadline = Clock::now() + session.timeout();
  std::chrono::milliseconds pause{25};
  std::optional<NotUp> why;
  while (true) {
    auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
    // One try waits less long than the whole command: a daemon that hangs is asked again.
    const auto patience =
        std::clamp<std::chrono::milliseconds>(left, std::chrono::milliseconds(50), std::chrono::seconds(3));
    const auto found = why_not_up(session, goal == "ready" ? "/readyz" : "/livez", patience);
    if (!found) return 0;
    if (!why || patience >= kTellingTry) why = found;
    left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
    if (left.count() <= 0) {
      throw Failure(Exit::not_ready,
                    "the daemon at " + session.settings().server.value + " is not " + goal + " in time: " + why->why,
                    why->remedy);
    }
    std::this_thread::sleep_for(std::min(pause, left));
    pause = std::min(pause * 2, std::chrono::milliseconds(1000));
  }
}

int run_version(Session& session, const Values&) {
  Json record = {{"client", NEXUS_VERSION}, {"server", nullptr}};
  try {
    const Answer answer = session.attempt(open_request("/version"));
    if (answer.status == 200) record["server"] = value_at(answer.json, "version");
  } catch (const Failure& failure) {
    if (failure.exit != Exit::unreachable) throw;
    session.note(failure.what());
  }
  session.print_record(record, kBothVersionsShape);
  return 0;
}

constexpr const char* kStatusDescription = R"(
It asks the daemon whether it lives and is ready, for its version, how long an answer takes, and, if there is a token,
whose it is. It also prints the tenant, env and context in force, and where each of address, token, tenant, env and
context came from: a flag, a variable, a context or the default. So it answers where the next command would go, and
why.

If the daemon does not answer or is not ready, it says why. It says whether the token is accepted, and whether the
tenant and env let the caller in.)";

constexpr const char* kStatusExitStatus = R"(
`status` exits with 1 when the daemon is not ready, 3 when none answers, 4 when the token is refused, 5 when the
tenant refuses the caller.)";

constexpr const char* kWaitDescription = R"(
It asks again and again, with growing pauses, until the daemon is ready or --timeout (30 s) has passed. A daemon that
does not listen yet counts as not ready.)";

constexpr const char* kWhoamiDescription = R"(
It prints the user of the token, the memberships, the open invitations, and when the token ends.)";

}  // namespace

Command status_command() {
  return {.name = "status",
          .topic = Topic::first_job,
          .summary = "tell whether the daemon lives and is ready, who you are to it, and what says so",
          .description = kStatusDescription,
          .exit_status = kStatusExitStatus,
          .see_also = "nexusctl-wait(1), nexusctl-whoami(1)",
          .example =
              "nexusctl status -o json\n"
              "nexusctl --context acme-dev status --field from.tenant",
          .run = run_status,
          .beyond_curl = "asks five routes"};
}

Command wait_command() {
  return {.name = "wait",
          .topic = Topic::operate,
          .summary = "wait until the daemon is ready; exit 8 when it is not in time",
          .description = kWaitDescription,
          .see_also = "nexusctl-status(1)",
          .example = "nexusctl wait --for ready --timeout 10s",
          .parameters = {one_of({"ready", "live"}, option("--for", "STATE", "ready or live (ready)"))},
          .run = run_wait,
          .beyond_curl = "asks again and again"};
}

Command whoami_command() {
  return {.name = "whoami",
          .topic = Topic::first_job,
          .summary = "show the token's user and memberships",
          .description = kWhoamiDescription,
          .see_also = "nexusctl-login(1), nexusctl-member(1), nexusctl-status(1)",
          .example =
              "nexusctl whoami --field user.user_id\n"
              "nexusctl whoami -o json",
          .run = shows({.path = "/auth/me", .scope = Scope::identity}, kMeShape)};
}

Command version_command() {
  return {.name = "version",
          .topic = Topic::operate,
          .summary = "print the version of nexusctl, and of the daemon when it answers",
          .description = "When the daemon does not answer, that is not a failure.",
          .see_also = "nexusctl-status(1)",
          .example = "nexusctl version",
          .run = run_version};
}

}  // namespace nexus::cli
