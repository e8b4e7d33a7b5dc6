#include "daemon/gates/firearms.hpp"

#include <algorithm>

#include "daemon/base/shell.hpp"
#include "daemon/gates/problems.hpp"

namespace nexus::gates {
namespace {

using store::Level;
using store::Licence;

GateAnswer licence_required(std::string_view action, Level level, std::string_view who, std::string remedy,
                            Json input) {
  return block("firearms", problems::firearms_licence_required,
               "the action " + std::string(action) + " needs a licence of level " + std::string(to_string(level)) +
                   ", and " + std::string(who),
               std::move(remedy), std::move(input));
}

std::string issue_line(std::string_view type, std::string_view id, Level level, std::string_view action) {
  return "nexusctl firearms issue " + word_or(type, "SUBJECT_TYPE") + " " + word_or(id, "SUBJECT_ID") + " " +
         std::string(to_string(level)) + " --scope " + word_or(action, "ACTION");
}

}  // namespace

const std::map<std::string, Level, std::less<>>& built_in_dangers() {
  static const std::map<std::string, Level, std::less<>> dangers = {
      {"dangerous_tool_use", Level::medium}, {"agent_autonomy_high", Level::high}, {"publish_sensitive", Level::high}};
  return dangers;
}

std::optional<Level> level_needed(std::string_view action, std::optional<Level> declared) {
  const auto built_in = built_in_dangers().find(action);
  if (built_in == built_in_dangers().end()) return declared;
  return std::max(built_in->second, declared.value_or(built_in->second));
}

std::string_view status_of(const Licence& licence, Micros now) {
  if (licence.revoked_at) return "revoked";
  return licence.expires_at && *licence.expires_at <= now ? "expired" : "active";
}

const Licence* good_licence(const std::vector<Licence>& held, Level level, std::string_view action, Micros now) {
  const auto found = std::ranges::find_if(held, [&](const Licence& licence) {
    const bool fits = !licence.scope || *licence.scope == "*" || *licence.scope == action;
    return fits && store::level_of(licence) >= level && status_of(licence, now) == "active";
  });
  return found == held.end() ? nullptr : &*found;
}

GateAnswer judge_firearms(const FirearmsFacts& facts, const Question& question) {
  if (!facts.needed) return {.gate = "firearms", .verdict = Verdict::pass};
  const Level level = *facts.needed;
  Json input = {{"level", to_string(level)}};
  const Licence* mine = good_licence(facts.callers, level, question.action, question.now);
  if (mine == nullptr)
    return licence_required(question.action, level, "you hold none",
                            issue_line(question.caller.actor_type == "agent" ? "agent" : "user",
                                       question.caller.user_id, level, question.action),
                            std::move(input));
  input["licence_id"] = mine->licence_id;
  if (!question.subject_type.empty()) {
    const Licence* its = good_licence(facts.subjects, level, question.action, question.now);
    if (its == nullptr)
      return licence_required(question.action, level, "the subject that the request names holds none",
                              issue_line(question.subject_type, question.subject_id, level, question.action),
                              std::move(input));
    input["subject_licence_id"] = its->licence_id;
  }
  return {.gate = "firearms", .verdict = Verdict::pass, .input = std::move(input)};
}

std::optional<Level> find_level_needed(const Known& known, std::string_view action) {
  return level_needed(action, known.declared_level(action));
}

std::vector<Licence> held_by_caller(const Known& known, const Caller& caller) {
  auto held = known.licences("user", caller.user_id);
  if (caller.actor_type == "agent")
    std::ranges::move(known.licences("agent", caller.user_id), std::back_inserter(held));
  return held;
}

GateAnswer ask_firearms(const Known& known, const Question& question) {
  FirearmsFacts facts{find_level_needed(known, question.action), {}, {}};
  if (facts.needed) {
    facts.callers = held_by_caller(known, question.caller);
    if (!question.subject_type.empty()) facts.subjects = known.licences(question.subject_type, question.subject_id);
  }
  return judge_firearms(facts, question);
}

}  // namespace nexus::gates
