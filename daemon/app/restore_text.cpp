#include "daemon/app/restore_text.hpp"

#include <algorithm>

namespace nexus::app {
namespace {

std::string counted(std::int64_t count, const std::string& one) {
  return std::to_string(count) + " " + one + (count == 1 ? "" : "s");
}

/// `raw_delete 3, audit_erase 1`.
template <class Counts>
std::string list_of(const Counts& counts) {
  std::string text;
  for (const auto& [name, count] : counts)
    if (count > 0) text += (text.empty() ? "" : ", ") + std::string(name) + " " + std::to_string(count);
  return text;
}

std::string names_of(const std::vector<std::string>& names) {
  std::string text;
  for (const auto& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

std::string with_spaces(std::string_view name) {
  std::string text(name);
  std::ranges::replace(text, '_', ' ');
  return text;
}

void tell_lost(const RestoreTold& told, std::vector<std::string>& lines) {
  if (!told.from_living)
    return lines.push_back("lost: unknown, because there is no living store to compare with: all since then");
  for (const auto& chain : told.chains) {
    const std::string acts = list_of(chain.acts);
    lines.push_back("lost: " + chain.tenant_id + "/" + chain.env + ": " + counted(chain.rows, "audit row") +
                    (acts.empty() ? "" : ": " + acts));
  }
  if (const std::string made = list_of(told.made_since); !made.empty()) lines.push_back("lost: made since: " + made);
  if (told.chains.empty()) lines.push_back("lost: nothing, the living store has no row that the backup lacks");
  if (told.lost_log)
    lines.push_back("lost: the living store has lost its log, so what was revoked last may be missing there too");
}

void tell_taken_over(const RestoreTold& told, std::vector<std::string>& lines) {
  if (told.as_it_was)
    return lines.push_back("taken over: nothing, by --as-it-was: what was revoked since is good again");
  for (const auto& narrowed : told.taken_over)
    if (narrowed.rows > 0)
      lines.push_back("taken over: " + with_spaces(narrowed.what) + ": " + std::to_string(narrowed.rows));
  if (told.system_token) lines.push_back("taken over: the system token in force, not the one of the backup");
  if (!told.disabled.empty())
    lines.push_back("blocked: " + counted(static_cast<std::int64_t>(told.disabled.size()), "tenant") +
                    ", disabled because nobody knows what was revoked since: " + names_of(told.disabled));
  for (const auto& key : told.keys) lines.push_back("keys: " + key + " is taken from the backup or from --keys");
}

/// What only people can do; with a command where there is one.
std::vector<std::string> to_do(const RestoreTold& told) {
  std::vector<std::string> todo;
  for (const auto& chain : told.chains)
    for (const auto& [action, count] : chain.acts)
      if (action.ends_with("_delete") || action == "audit_erase")
        todo.push_back("do again in " + chain.tenant_id + "/" + chain.env + ": " + action + ", " +
                       (count == 1 ? "once" : std::to_string(count) + " times"));
  for (const auto& tenant : told.without_owner)
    todo.push_back(tenant + " has no owner: nexusctl member set USER owner --tenant " + tenant);
  for (const auto& tenant : told.disabled)
    todo.push_back("look at its tokens and members, then: nexusctl tenant enable " + tenant);
  if (!told.from_living && !told.as_it_was)
    todo.push_back("the next start writes a new system token to root.token: the old one is refused");
  if (!told.from_living && told.as_it_was) todo.push_back("without the old root.token: nexusd token rotate-root");
  return todo;
}

}  // namespace

Json taken_over_json(const RestoreTold& told, const std::optional<std::string>& tenant) {
  Json counts = Json::object();
  for (const auto& narrowed : told.taken_over) {
    std::int64_t rows = narrowed.rows;
    if (tenant) {
      const auto found = narrowed.tenants.find(*tenant);
      rows = found == narrowed.tenants.end() ? 0 : found->second;
    }
    if (rows > 0) counts[std::string(narrowed.what)] = rows;
  }
  if (!tenant && told.system_token) counts["system_token"] = 1;
  return counts;
}

Json json_of(const RestoreTold& told) {
  Json chains = Json::array(), made = Json::object();
  for (const auto& chain : told.chains)
    chains.push_back({{"tenant_id", chain.tenant_id}, {"env", chain.env}, {"rows", chain.rows}, {"acts", chain.acts}});
  for (const auto& [kind, count] : told.made_since) made[std::string(kind)] = count;
  return {{"plan", told.plan_only},
          {"backup_id", told.backup_id},
          {"made_at", to_rfc3339(told.made_at)},
          {"from_living", told.from_living},
          {"as_it_was", told.as_it_was},
          {"lost", {{"chains", chains}, {"made_since", made}, {"living_lost_its_log", told.lost_log}}},
          {"taken_over", taken_over_json(told, std::nullopt)},
          {"tenants_disabled", told.disabled},
          {"keys", told.keys},
          {"moved_to", told.moved_to.empty() ? Json() : Json(told.moved_to)},
          {"to_do", to_do(told)}};
}

std::vector<std::string> lines_of(const RestoreTold& told) {
  std::vector<std::string> lines = {std::string(told.plan_only ? "plan (nothing is changed): " : "restored: ") +
                                    "backup " + told.backup_id + ", made at " + to_rfc3339(told.made_at)};
  tell_lost(told, lines);
  tell_taken_over(told, lines);
  if (!told.moved_to.empty()) lines.push_back("the store before is in " + told.moved_to);
  for (const auto& each : to_do(told)) lines.push_back("to do: " + each);
  return lines;
}

}  // namespace nexus::app
