// nexusctl completion: the scripts of the shells, and what they ask for: which values fit at the cursor. Values of the
// daemon are read with the identity of the line; nothing is written, and no audit row is left.
#include "cli/commands/completion.hpp"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <iostream>

#include "cli/commands/actions.hpp"
#include "cli/commands/completion_values.hpp"
#include "cli/engine/columns.hpp"
#include "cli/engine/completion.hpp"
#include "cli/engine/one_request.hpp"

namespace nexus::cli {
namespace {

constexpr std::chrono::milliseconds kPatience{1000};  // for all requests together
constexpr unsigned kSecondsMax = 2;                   // whatever hangs, be it a name server or a token in a pipe
constexpr std::size_t kHelpColumnsMax = 60;

/// A list of the daemon that holds the values of a parameter.
struct Source {
  const char* group;      // of these commands alone; nullptr: of all that none is named for
  const char* parameter;  // as help shows it
  ApiRequest request;
  const char* value;
  const char* help = "";
};

const std::vector<Source>& sources() {
  static const std::vector<Source> kSources = {
      {"media", "ASSET_ID", {.path = "/media-v2/assets"}, "asset_id", "kind"},
      {"user", "USER_ID", {.path = "/users", .scope = Scope::identity}, "user_id", "display_name"},
      {"canvas", "ARTIFACT_ID", {.path = "/canvas/{CANVAS_ID}/artifacts"}, "artifact_id", "filename"},
      {"kpi", "NAME", {.path = "/kpi/definitions"}, "name", "unit"},
      {nullptr, "ASSET_ID", {.path = "/nexus/raw"}, "asset_id", "filename"},
      {nullptr, "CANVAS_ID", {.path = "/canvas"}, "canvas_id", "title"},
      {nullptr, "CARD_ID", {.path = "/nexus/cards"}, "card_id", "card_type"},
      {nullptr, "EVENT_ID", {.path = "/events"}, "event_id", "event_type"},
      {nullptr, "ITEM_ID", {.path = "/maybes/items"}, "item_id", "title"},
      {nullptr, "LICENCE_ID", {.path = "/firearms/licences"}, "licence_id", "subject_id"},
      {nullptr, "LOCK_ID", {.path = "/strategy-locks"}, "lock_id", "title"},
      {nullptr,
       "MESSAGE_ID",
       {.path = "/chat/threads/{THREAD_ID}/messages", .query = {{"order", "newest"}}},
       "message_id",
       "text"},
      {nullptr, "OBSERVATION_ID", {.path = "/kpi/observations"}, "observation_id", "kpi_name"},
      {nullptr, "PACK_ID", {.path = "/nexus/influence-pack"}, "pack_id", "query.query_text"},
      {nullptr, "QUESTION_ID", {.path = "/three-wise/questions"}, "question_id", "question"},
      {nullptr, "RUN_ID", {.path = "/nexus/runs"}, "run_id", "kind"},
      {nullptr, "TENANT_ID", {.path = "/tenants", .scope = Scope::identity}, "tenant_id", "name"},
      {nullptr, "THREAD_ID", {.path = "/chat/threads"}, "thread_id", "title"},
      {nullptr, "TOKEN_ID", {.path = "/tokens", .scope = Scope::identity}, "token_id", "name"},
      {nullptr, "USAGE_ID", {.path = "/budget/usage"}, "usage_id", "provider"},
      {nullptr, "USER_ID", {.path = "/tenants/{tenant}/members", .scope = Scope::identity}, "user_id", "role"},
  };
  return kSources;
}

std::string placeholder(const Parameter& parameter) {
  return is_argument(parameter) ? parameter.name : parameter.value;
}

std::string group_of(const Cursor& cursor) { return cursor.path.size() > 1 ? cursor.path[1]->name : ""; }

const Source* find_source(const Cursor& cursor) {
  const auto fits = [&](const Source& source) {
    return placeholder(*cursor.parameter) == source.parameter && (!source.group || group_of(cursor) == source.group);
  };
  const auto found = std::ranges::find_if(sources(), fits);  // those of a group stand first
  return found == sources().end() ? nullptr : &*found;
}

std::vector<Offer> items_of(Session& session, const Cursor& cursor, const Source& source) {
  std::vector<Offer> offers;
  for (const Json& item : listed(session, request_of(source.request, session, cursor.values)))
    offers.push_back({cell_at(item, source.value), cell_at(item, source.help)});
  return offers;
}

std::vector<Offer> actions_of(Session& session, bool surfaces) {
  std::map<std::string, std::string> names;
  for (const auto& [action, item] : actions_of_daemon(session, true)) {
    const std::string surface = cell_at(item, "surface");
    names.emplace(surfaces ? surface : action, surfaces ? "" : surface);
  }
  std::vector<Offer> offers;
  for (const auto& [name, help] : names)
    if (!name.empty()) offers.push_back({name, help});
  return offers;
}

/// The values that the place of the line knows.
std::vector<Offer> values_at(const Cursor& cursor, const Environment& environment) {
  const std::string wanted = placeholder(*cursor.parameter);
  const ContextStore contexts(config_directory(environment));
  const ContextBook book = contexts.load();
  if (wanted == "NAME" && (group_of(cursor) == "context" || key_of(*cursor.parameter) == "--context")) {
    std::vector<Offer> offers;
    for (const auto& [name, context] : book.contexts) offers.push_back({name, context.address});
    return offers;
  }
  Settings settings = resolve(cursor.values, environment, book);
  settings.timeout = kPatience;
  settings.print_curl = settings.verbose = false;
  if (settings.token.kind == TokenPlace::Kind::file && settings.token.value == "-") return {};  // the command's input
  Session session(std::move(settings), contexts);
  if (wanted == "ACTION" || wanted == "SURFACE") return actions_of(session, wanted == "SURFACE");
  if (auto gathered = gathered_values(session, cursor, group_of(cursor), wanted)) return *std::move(gathered);
  const Source* source = find_source(cursor);
  return source ? items_of(session, cursor, *source) : std::vector<Offer>();
}

/// The help of a value may be a whole text of somebody's.
std::vector<Offer> shortened(std::vector<Offer> offers) {
  for (Offer& offer : offers) offer.help = cut_to(offer.help, kHelpColumnsMax);
  return offers;
}

int run_completion(Session& session, const Values& values) {
  session.print(completion_script(values.text("SHELL")));
  return 0;
}

constexpr const char* kDescription = R"(
The script asks nexusctl at each completion, so it needs no change with a new version. The packages install the scripts
of all three shells. Without a package: bash reads them from `~/.local/share/bash-completion/completions/nexusctl`, fish
from `~/.config/fish/completions/nexusctl.fish`, zsh from a file `_nexusctl` in a directory of its `fpath`.

Commands, options and fixed values are known without a daemon. Ids, actions, surfaces, members, documents of settings
and their versions are read from the daemon that the line would talk to, as far as the token of the line may read them:
at most 200, within a second. Atoms are those of the assets that were cut last, and sessions of memory those that had a
turn lately, as far as events are kept. Where no daemon answers, nothing is offered, and no error is shown. With the
system token, what belongs to a tenant is not read, because each such read is a row of the audit log.)";

}  // namespace

int complete(const std::vector<std::string>& words, const Environment& environment) {
  std::cerr.rdbuf(nullptr);
  ::signal(SIGALRM, [](int) { ::_exit(0); });
  ::alarm(kSecondsMax);
  const Cursor cursor = cursor_of(root_command(), words);
  std::vector<Offer> offers = offers_of(cursor);
  try {
    if (cursor.parameter && offers.empty()) offers = shortened(values_at(cursor, environment));
  } catch (const std::exception&) {
    offers.clear();
  }
  std::cout << completion_text(cursor, offers) << std::flush;
  return 0;
}

Command completion_command() {
  return {.name = "completion",
          .topic = Topic::set_up,
          .summary = "print the script that completes command lines in bash, fish or zsh",
          .description = kDescription,
          .example = "nexusctl completion bash > nexusctl.bash",
          .parameters = {one_of(completion_shells(), argument("SHELL", "bash, fish or zsh"))},
          .run = run_completion,
          .beyond_curl = "talks to no daemon"};
}

}  // namespace nexus::cli
