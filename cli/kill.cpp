// nexusctl kill: the kill switches of a tenant and env. Each command reads the document, changes one thing and writes
// it back under If-Match; a writer who came between makes it read again. What is already so is left alone.
#include <algorithm>

#include "cli/commands.hpp"
#include "cli/failure.hpp"

namespace nexus::cli {
namespace {

const Shape kKillShape = {"disabled_actions",
                          {"disabled_actions", "disable_providers", "disable_autonomy", "reason", "expires_at"}};
constexpr int kTriesMax = 5;

Answer read_switches(Session& session, bool preliminary) {
  return session.call({.path = "/kill-switches", .preliminary = preliminary});
}

// `change` answers the fields to write, or null when nothing is to be done.
int update(Session& session, const std::function<Json(const Json&)>& change) {
  for (int attempt = 1;; ++attempt) {
    const Answer now = read_switches(session, true);
    Json body = change(now.json);
    if (body.is_null()) {
      session.note("it is so already");
      session.print_record(now.json, kKillShape);
      return 0;
    }
    if (session.settings().reason) body["reason"] = *session.settings().reason;
    ApiRequest write = {.method = "PUT", .path = "/kill-switches", .body = std::move(body)};
    if (const std::string tag = now.http.header("etag"); !tag.empty()) write.headers = {{"If-Match", tag}};
    const Answer written = session.attempt(write);
    if (written.status == 412 && attempt < kTriesMax) continue;
    if (written.status >= 400) throw refusal_of(written);
    session.print_answer(written, kKillShape);
    return 0;
  }
}

// The list under `field` with `word` in it, or out of it; null when it is so already.
Json change_list(const Json& document, const std::string& field, const std::string& word, bool in) {
  const Json* found = at_path(document, field);
  Json list = found && found->is_array() ? *found : Json::array();
  const auto it = std::find(list.begin(), list.end(), Json(word));
  if ((it != list.end()) == in) return Json();
  if (in)
    list.push_back(word);
  else
    list.erase(it);
  return {{field, std::move(list)}};
}

// Acts outside of nexusd have names of their own, so any name is taken; but one that no route has may be a slip. Asked
// after the switch was thrown, and never in its way.
void remark_on_unknown(Session& session, const std::string& name) {
  if (name == "*") return;
  try {
    const Json document = session.attempt({.path = "/openapi.json", .preliminary = true}).json;
    for (const Json& path : document.at("paths"))
      for (const Json& operation : path)
        if (operation.is_object() && operation.value("x-nexus-action", "") == name) return;
    session.note("no route of the daemon has the action " + name +
                 ": it stops only acts outside that ask by this name");
  } catch (const std::exception&) {
    return;
  }
}

std::function<int(Session&, const Values&)> action(bool block) {
  return [block](Session& session, const Values& values) {
    const std::string name = values.text("ACTION");
    const int status =
        update(session, [&](const Json& now) { return change_list(now, "disabled_actions", name, block); });
    if (block) remark_on_unknown(session, name);
    return status;
  };
}

std::function<int(Session&, const Values&)> provider(bool block) {
  return [block](Session& session, const Values& values) {
    return update(session,
                  [&](const Json& now) { return change_list(now, "disable_providers", values.text("NAME"), block); });
  };
}

std::function<int(Session&, const Values&)> autonomy(bool disable) {
  return [disable](Session& session, const Values&) {
    return update(session, [&](const Json& now) {
      const Json* found = at_path(now, "disable_autonomy");
      const bool is = found && found->is_boolean() && found->get<bool>();
      return is == disable ? Json() : Json{{"disable_autonomy", disable}};
    });
  };
}

int run_show(Session& session, const Values&) {
  session.print_record(read_switches(session, false).json, kKillShape);
  return 0;
}

}  // namespace

Command kill_command() {
  const Parameter action_name = argument("ACTION", "such as raw_register; * is all that mutates");
  const Parameter provider_name = argument("NAME", "the provider");
  return {.name = "kill",
          .summary = "kill switches: stop actions, providers, autonomous agents",
          .example = "nexusctl kill block raw_register --reason 'incident 42'",
          .commands =
              {
                  {.name = "block",
                   .summary = "refuse an action from now on",
                   .example = "nexusctl kill block raw_register --reason 'incident 42'",
                   .parameters = {action_name},
                   .run = action(true)},
                  {.name = "allow",
                   .summary = "lift the block of an action",
                   .example = "nexusctl kill allow raw_register",
                   .parameters = {action_name},
                   .run = action(false)},
                  {.name = "provider",
                   .summary = "refuse or allow what names a provider",
                   .example = "nexusctl kill provider block openai",
                   .commands = {{.name = "block",
                                 .summary = "refuse requests that name the provider",
                                 .example = "nexusctl kill provider block openai",
                                 .parameters = {provider_name},
                                 .run = provider(true)},
                                {.name = "allow",
                                 .summary = "lift the block of a provider",
                                 .example = "nexusctl kill provider allow openai",
                                 .parameters = {provider_name},
                                 .run = provider(false)}}},
                  {.name = "autonomy",
                   .summary = "stop agents, or let them act",
                   .example = "nexusctl kill autonomy off",
                   .commands = {{.name = "off",
                                 .summary = "refuse what agents do",
                                 .example = "nexusctl kill autonomy off --reason 'agents run wild'",
                                 .run = autonomy(true)},
                                {.name = "on",
                                 .summary = "let agents act again",
                                 .example = "nexusctl kill autonomy on",
                                 .run = autonomy(false)}}},
                  {.name = "show",
                   .summary = "show the switches",
                   .example = "nexusctl kill show -o json",
                   .run = run_show},
              },
          .notes = "--reason is kept in the switches and shown to whom they stop."};
}

}  // namespace nexus::cli
