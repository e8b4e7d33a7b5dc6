// nexusctl kill: the kill switches of a tenant and env, of all envs of a tenant, and of the whole installation. Each
// command is one request that blocks or allows one thing and touches no other. Its outcome is read from the daemon's
// answer, which has the normalised name and says whether something else still stops it.
#include <algorithm>
#include <utility>

#include "cli/commands/actions.hpp"
#include "cli/commands/kill_actions.hpp"
#include "cli/commands/known_users.hpp"
#include "daemon/base/nearest.hpp"

namespace nexus::cli {
namespace {

const Shape kKillShape = {"env",
                          {"tenant_id", "env", "disabled_actions", "disable_providers", "disable_autonomy",
                           "disabled_users", "reason", "expires_at"},
                          {{"entries", {"kind", "name", "reason", "by", "since", "expires_at"}},
                           {"everywhere", {"kind", "name", "expires_at"}}}};

/// Where a command acts by default.
enum class Span { env, envs, everywhere };

/// What a command blocks or allows.
struct Subject {
  const char* kind;
  const char* argument;  // nullptr: it has no name
  const char* help = "";
  const char* sample = "";
};
constexpr Subject kAction{"action", "ACTION", "such as raw_register; * is all that mutates", " raw_register"};
constexpr Subject kProvider{"provider", "NAME", "the provider, in any case", " openai"};
constexpr Subject kUser{"user", "USER_ID", "such as u_ann", " USER_ID"};
constexpr Subject kAutonomy{"autonomy", nullptr};

/// Whether the daemon knows all names of this kind, and --outside takes one that it does not know.
bool takes_outside(const Subject& subject) {
  return subject.kind == std::string_view(kAction.kind) || subject.kind == std::string_view(kUser.kind);
}

constexpr std::size_t kEnvCount = 3;
constexpr std::chrono::milliseconds kLookUpTimeMax{2000};  // of all that is asked before a switch is set

/// Where a change is made: the tenant of the switches and the envs, and the line that lifts the switch on `*` there.
struct Place {
  std::string tenant;
  std::vector<std::string> envs;
  std::string lifts_star = "nexusctl kill allow '*'";
};

/// The envs that a request names. Nothing means the env of this run, by its own route; an empty `envs` means all three.
std::optional<std::vector<std::string>> envs_of(Session& session, const Values& values, Span span) {
  const bool named = session.settings().env && session.settings().env->source == "--env";
  const bool all = span == Span::env && values.given("--all-envs");
  if (all && named) throw usage_error("--all-envs and --env contradict each other");
  if (span == Span::env && !all) return std::nullopt;
  if (span != Span::env && named) return std::vector{session.env()};
  return std::vector<std::string>{};
}

Json entry_of(const Subject& subject, const Values& values) {
  Json entry = {{"kind", subject.kind}};
  if (subject.argument != nullptr) entry["name"] = values.text(subject.argument);
  return entry;
}

/// The end is always sent: without one, the entry would end with the document.
Json blocked_entry(const Subject& subject, const Values& values) {
  Json entry = entry_of(subject, values);
  const auto span = values.find("--for");
  const auto micros = [&] {
    return std::chrono::duration_cast<std::chrono::microseconds>(parse_duration(*span, "--for")).count();
  };
  entry["expires_at"] = span ? Json(to_rfc3339(now_micros() + micros())) : Json();
  return entry;
}

/// `env dev`, `envs dev and prod`, `all envs`.
std::string envs_text(const std::vector<std::string>& envs) {
  if (envs.size() == kEnvCount) return "all envs";
  std::string out = envs.size() == 1 ? "env " : "envs ";
  for (const std::string& env : envs) out += (&env == &envs.front() ? "" : &env == &envs.back() ? " and " : ", ") + env;
  return out;
}

/// Reports what should be allowed and is still stopped, and where: exit 1, with the reason.
void judge_still_stopped(const Json& answer, const Place& place) {
  std::vector<std::string> by_switch, by_operator;
  std::string name;
  for (const Json& stopped : value_at(answer, "still_stopped")) {
    name = stopped.at("name").is_null() ? "autonomy" : stopped.at("name").get<std::string>();
    auto& envs = stopped.at("everywhere").get<bool>() ? by_operator : by_switch;
    envs.push_back(stopped.value("env", place.envs.front()));
  }
  if (name.empty()) return;
  std::string text = name + " is still stopped in " + place.tenant;
  if (!by_switch.empty()) text += ", " + envs_text(by_switch) + " by the switch on '*'";
  if (!by_operator.empty()) text += ", " + envs_text(by_operator) + " by the operator, who stops it for every tenant";
  throw Failure(Exit::negative, text, by_switch.empty() ? "" : place.lifts_star);
}

/// Whether the daemon answered that it does not know what is named: an action or a user. A switch hardly waits for it:
/// where the daemon is slow, too full to tell, or does not tell this caller, it is set all the same, with a note.
std::optional<std::string> unknown_for_sure(Session& session, const Json& entry, const std::string& tenant) {
  const std::string kind = entry.value("kind", ""), name = entry.value("name", "");
  if (kind != kAction.kind && kind != kUser.kind) return std::nullopt;
  const Session::Hurry hurry(session, kLookUpTimeMax);
  try {
    return kind == kUser.kind ? find_unknown_user(session, tenant, name) : find_unknown(session, name);
  } catch (const std::exception& error) {
    session.note("whether the daemon knows the " + kind + " " + name + " was not checked: " + error.what());
    return std::nullopt;
  }
}

/// A switch on a misspelt name stops nothing, and whoever set it would think otherwise.
void require_known_name(Session& session, const Json& entry, const std::string& tenant) {
  if (session.prints_curl()) return;
  const auto unknown = unknown_for_sure(session, entry, tenant);
  if (!unknown) return;
  if (entry.at("kind") == kAction.kind)
    throw usage_error(*unknown + "; --outside blocks it all the same, for acts outside Nexus that ask by this name",
                      "nexusctl kill actions");
  throw usage_error(*unknown + "; --outside blocks the id all the same, for whoever gets it later",
                    tenant == "t_system" ? "nexusctl user list" : "nexusctl member list");
}

/// The names of this kind that are blocked, in each document of the answer.
std::vector<std::string> blocked_names(const Json& answer, const Json& kind) {
  std::vector<std::string> names;
  const Json* items = at_path(answer, "items");
  for (const Json& document : items != nullptr ? *items : Json::array({answer}))
    for (const Json& entry : value_at(document, "entries"))
      if (entry.at("kind") == kind && entry.at("name").is_string())
        names.push_back(entry.at("name").get<std::string>());
  return names;
}

/// Nothing was lifted: under a misspelt name what was meant is still stopped.
void require_lifted(Session& session, const Json& entry, const std::string& tenant, const Json& answer) {
  const std::string name = entry.value("name", "");
  const auto near = nearest(name, blocked_names(answer, entry.at("kind")));
  auto unknown = unknown_for_sure(session, entry, tenant);
  if (!unknown && near && entry.at("kind") == kProvider.kind) unknown = "no provider " + name + " is known here";
  if (!unknown) return;
  const bool told = unknown->find("did you mean") != std::string::npos;
  throw usage_error(
      *unknown + ", and nothing was blocked under this name" + (near && !told ? "; " + *near + " is blocked" : ""),
      "nexusctl kill show");
}

/// `the provider openai was not blocked in t_dev, env dev: nothing to allow`.
std::string unchanged_text(const Json& entry, const std::string& place, bool block) {
  if (entry.at("kind") == kAutonomy.kind)
    return "agents are " + std::string(block ? "stopped" : "free to act") + " already in " + place;
  const std::string what = "the " + entry.value("kind", "") + " " + entry.value("name", "");
  return what + (block ? " is blocked already in " + place : " was not blocked in " + place + ": nothing to allow");
}

int kill_tell(Session& session, const Answer& answer, const Json& entry, const Place& place, bool block) {
  const bool changed = answer.json.value("changed", true);
  if (!changed) session.note(unchanged_text(entry, place.tenant + ", " + envs_text(place.envs), block));
  const Json* items = at_path(answer.json, "items");
  if (items != nullptr)
    session.print_list(answer.json, kKillShape);
  else
    session.print_answer(answer, kKillShape);
  if (!block && !changed) require_lifted(session, entry, place.tenant, answer.json);
  judge_still_stopped(answer.json, place);
  return 0;
}

int kill_change(Session& session, const Values& values, const Subject& subject, Span span, bool block) {
  const Json entry = block ? blocked_entry(subject, values) : entry_of(subject, values);
  Json body = {{block ? "block" : "allow", Json::array({entry})}};
  if (const auto& reason = kept_reason(session)) body["reason"] = *reason;
  const auto envs = envs_of(session, values, span);
  const std::string tenant = span == Span::everywhere ? "t_system" : session.tenant();
  if (block && takes_outside(subject) && !values.given("--outside")) require_known_name(session, entry, tenant);
  if (!envs) {
    if (tenant == "t_system")
      session.note("the switches of t_system hold for env " + session.env() + " of every tenant");
    const Answer answer = session.call({.method = "PATCH", .path = "/kill-switches", .body = std::move(body)});
    return kill_tell(session, answer, entry, {tenant, {session.env()}}, block);
  }
  if (!envs->empty()) body["envs"] = *envs;
  const Answer answer = session.call({.method = "POST",
                                      .path = "/tenants/" + segment(tenant) + "/kill-switches",
                                      .body = std::move(body),
                                      .scope = Scope::identity});
  Place place = {tenant, envs->empty() ? std::vector<std::string>{"dev", "staging", "prod"} : *envs};
  if (span == Span::everywhere) place.lifts_star = "nexusctl kill everywhere allow '*'";
  if (span == Span::env) place.lifts_star = "nexusctl kill allow '*' --all-envs";
  return kill_tell(session, answer, entry, place, block);
}

int run_kill_show(Session& session, const Values&) {
  const Json document = session.call({.path = "/kill-switches"}).json;
  session.print_record(document, kKillShape);
  for (const Json& entry : value_at(document, "everywhere"))
    session.note("stopped in this env of every tenant, by the operator: " + cell_text(entry.at("kind")) + " " +
                 cell_text(entry.at("name")));
  return 0;
}

// ---- the commands --------------------------------------------------------------------------------------------------

constexpr const char* kKillDescription = R"(
Each command blocks or allows one thing by one request, and touches nothing else. Every entry has a reason and an end
of its own; a second block of the same thing can only make it last longer. It takes effect for every request that
starts after the answer, and the answer names tenant and env. Admins and owners may do it. --reason is kept with what
is blocked. Blocking is never gated; allowing passes the strategy lock of the env.

An action is blocked by its name, or by `*` with everything that mutates; a name that is neither an action of the
daemon nor declared dangerous is refused (exit 2) unless --outside says that acts outside Nexus ask by it; reads and
configuration stop only when they are named. No switch on an action stops what is not gated (identity, locks,
three-wise questions, checkpoints). While autonomy is off, agents change nothing at all, except what only tightens. A
blocked user is refused everything here, reads and open streams too, and so are the user's agents; the user cannot
lift the block. An id that is no member's and not invited is refused (exit 2) unless --outside says that it is meant.
Only an owner or the system token blocks an owner, and never the last one who is left to act. The switches of env prod
hold for what has no env: the members of the tenant and its tokens.

No switch waits for such a check: it is asked once, for 2 seconds at most. Where the daemon does not tell by then, the
switch is set, and a note says that the name was not checked.)";

constexpr const char* kKillExitStatus = R"(
`allow` and `on` exit with 1 when the switch on `*` or the operator still stops what was allowed; the message says
which.)";

constexpr const char* kEverywhereDescription = R"(
These commands are the operator's, with the system token. They hold for every tenant, and only the operator lifts
them. They write the switches of the tenant `t_system`, as `--tenant t_system` does for one env.)";

Command verb(const Subject& subject, Span span, bool block, const std::string& path, const std::string& name,
             const std::string& summary) {
  Command command{.name = name,
                  .summary = summary,
                  .example = "nexusctl kill " + path + name + subject.sample + (block ? " --reason 'incident 42'" : ""),
                  .run = [subject, span, block](Session& session, const Values& values) {
                    return kill_change(session, values, subject, span, block);
                  }};
  if (span == Span::env) command.parameters.push_back(flag("--all-envs", "in all three envs at once"));
  if (block)
    command.parameters.push_back(
        from_now(option("--for", "TIME", "for so long, as 30m or 2h; else until it is lifted")));
  if (block && takes_outside(subject))
    command.parameters.push_back(flag("--outside", subject.kind == std::string_view(kUser.kind)
                                                       ? "take an id that nobody has here: of whoever gets it later"
                                                       : "take a name that no route has: of acts outside Nexus"));
  if (subject.argument != nullptr) command.parameters.push_back(argument(subject.argument, subject.help));
  return command;
}

/// The commands that block and allow each kind of thing, with one span.
std::vector<Command> verbs(Span span, const std::string& path) {
  const Span users = span == Span::env ? Span::envs : span;
  return {
      verb(kAction, span, true, path, "block", "refuse an action from now on"),
      verb(kAction, span, false, path, "allow", "lift the block of an action"),
      {.name = "provider",
       .summary = "refuse or allow what names a provider",
       .example = "nexusctl kill " + path + "provider block openai",
       .commands = {verb(kProvider, span, true, path + "provider ", "block", "refuse requests that name the provider"),
                    verb(kProvider, span, false, path + "provider ", "allow", "lift the block of a provider")}},
      {.name = "user",
       .summary = "stop all that a user does, or let him act",
       .example = "nexusctl kill " + path + "user block USER_ID",
       .commands = {verb(kUser, users, true, path + "user ", "block",
                         "refuse every request of the user, in all envs unless --env names one"),
                    verb(kUser, users, false, path + "user ", "allow",
                         "lift the block of a user, in all envs unless --env names one")}},
      {.name = "autonomy",
       .summary = "stop agents, or let them act",
       .example = "nexusctl kill " + path + "autonomy off",
       .commands = {verb(kAutonomy, span, true, path + "autonomy ", "off", "refuse what agents change"),
                    verb(kAutonomy, span, false, path + "autonomy ", "on", "let agents act again")}}};
}

}  // namespace

Command kill_command() {
  Command command{.name = "kill",
                  .topic = Topic::stop,
                  .summary = "kill switches: stop actions, providers, users, autonomous agents",
                  .description = kKillDescription,
                  .exit_status = kKillExitStatus,
                  .see_also = "nexusctl-gate(1)",
                  .example =
                      "nexusctl kill block raw_register --reason 'incident 42'\n"
                      "nexusctl kill block raw_register --all-envs --for 1h",
                  .commands = verbs(Span::env, "")};
  command.commands.push_back(
      {.name = "everywhere",
       .summary = "the same for every tenant, in all envs unless --env names one: the operator's",
       .description = kEverywhereDescription,
       .example = "nexusctl kill everywhere block '*' --reason 'incident 42'",
       .commands = verbs(Span::everywhere, "everywhere ")});
  command.commands.push_back(actions_of_kill());
  command.commands.push_back({.name = "show",
                              .summary = "show the switches",
                              .description = "It also shows what the operator stops in this env of every tenant.",
                              .example = "nexusctl kill show -o json",
                              .run = run_kill_show});
  return command;
}

}  // namespace nexus::cli
