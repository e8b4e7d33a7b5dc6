#include "daemon/kill_switches/kill_switch_answers.hpp"

#include <set>

#include "daemon/gates/firearms.hpp"
#include "daemon/gates/kill_switch.hpp"
#include "store/identity.hpp"

namespace nexus::kill_switches {

using store::KillSwitches;
using store::SwitchEntry;

namespace {

std::string etag_of(std::int64_t version, std::size_t expired = 0) {
  return "\"ks-" + std::to_string(version) + (expired > 0 ? "-" + std::to_string(expired) : "") + "\"";
}

/// Names in the operator's document may belong to others, so a tenant sees its own people alone.
bool is_shown(const store::Reader& reader, const TenantId& tenant, const SwitchEntry& entry) {
  return entry.kind != SwitchKind::user || store::find_member(reader, tenant.str(), entry.name).has_value();
}

/// Names and ends of what the operator stops in this env of every tenant.
Json everywhere_json(const store::Reader& reader, const TenantId& tenant, Env env) {
  Json list = Json::array();
  if (tenant.is_system()) return list;  // this is the operator's document itself
  const KillSwitches document = current(reader, TenantId::system(), env).document;
  const Json entries = entries_json(document);
  for (std::size_t i = 0; i < entries.size(); ++i)
    if (is_shown(reader, tenant, document.entries[i]))
      list.push_back(
          {{"kind", entries[i]["kind"]}, {"name", entries[i]["name"]}, {"expires_at", entries[i]["expires_at"]}});
  return list;
}

/// Acts outside have names of their own, so any name is accepted; but a name without a route may be a typing error.
Json unknown_actions(const KillSwitches& document, const Actions& actions) {
  Json names = Json::array();
  for (const auto& entry : document.entries)
    if (entry.kind == SwitchKind::action && entry.name != "*" && !actions.contains(entry.name))
      names.push_back(entry.name);
  return names;
}

/// A name without a route is that of an act outside.
gates::NamedAct act_of(const std::string& name, const Actions& actions) {
  const auto known = actions.find(name);
  if (known == actions.end()) return {.action = name, .own_action = gates::kOutsideAction};
  return {.action = name, .policy = known->second.policy, .lifts_switches = known->second.lifts_switches};
}

/// The entry that still stops `lifted`; nullptr when this document allows it again.
const SwitchEntry* still_stops(const KillSwitches& document, const WishedEntry& lifted, const Actions& actions) {
  if (lifted.kind != SwitchKind::action || lifted.name == "*") return find_entry(document, lifted.kind, lifted.name);
  gates::NamedAct act = act_of(lifted.name, actions);
  act.own_action = std::string_view();  // what the entry itself was about
  return gates::find_switch(document, act, now_micros());
}

void add_names(const KillSwitches& document, std::set<std::string>& names) {
  for (const auto& entry : document.entries)
    if (entry.kind == SwitchKind::action && entry.name != "*") names.insert(entry.name);
}

/// By whom it is stopped, by which switch and until when; nulls where nothing stops it.
Json state_of(const gates::NamedAct& act, const KillSwitches& tenants, const KillSwitches& everywhere) {
  const Micros now = now_micros();
  const SwitchEntry* entry = gates::find_switch(tenants, act, now);
  const KillSwitches& holder = entry != nullptr ? tenants : everywhere;
  if (entry == nullptr) entry = gates::find_switch(everywhere, act, now);
  const bool blocked = entry != nullptr;
  return {{"action", act.action},
          {"blocked", blocked},
          {"blocked_by", blocked ? Json(&holder == &tenants ? "tenant" : "operator") : Json()},
          {"switch", blocked ? Json(entry->name) : Json()},
          {"expires_at", blocked ? time_or_null(gates::end_of(holder, *entry)) : Json()}};
}

}  // namespace

Current current(const store::Reader& reader, const TenantId& tenant, Env env) {
  const auto stored = store::find_kill_switches(reader, {.tenant = tenant.str(), .env = to_string(env)});
  KillSwitches document = gates::in_force(stored, now_micros());
  if (!stored) return {std::move(document), etag_of(0)};
  const bool ended = stored->expires_at && !document.expires_at;
  const std::size_t expired = stored->entries.size() - document.entries.size() + (ended ? 1 : 0);
  return {std::move(document), etag_of(stored->version, expired)};
}

Json shown(const store::Reader& reader, const TenantId& tenant, Env env, const KillSwitches& document,
           const Actions& actions) {
  Json json = document_json(document);
  json["tenant_id"] = tenant.str();
  json["env"] = to_string(env);
  json["everywhere"] = everywhere_json(reader, tenant, env);
  json["unknown_actions"] = unknown_actions(document, actions);
  return json;
}

Json still_stopped(const store::Reader& reader, const TenantId& tenant, Env env, const KillSwitches& document,
                   const std::vector<WishedEntry>& allow, const Actions& actions) {
  Json list = Json::array();
  const KillSwitches everywhere = current(reader, TenantId::system(), env).document;
  for (const WishedEntry& lifted : allow) {
    const SwitchEntry* by = still_stops(document, lifted, actions);
    const bool elsewhere = by == nullptr && !tenant.is_system();
    if (elsewhere) by = still_stops(everywhere, lifted, actions);
    if (by == nullptr) continue;
    const Json none;
    list.push_back({{"kind", store::to_string(lifted.kind)},
                    {"name", lifted.kind == SwitchKind::autonomy ? none : Json(lifted.name)},
                    {"by", by->kind == SwitchKind::autonomy ? none : Json(by->name)},
                    {"everywhere", elsewhere}});
  }
  return list;
}

Json stoppable_actions(const store::Reader& reader, const TenantId& tenant, Env env, const Actions& actions) {
  const Realm realm{.tenant = tenant.str(), .env = to_string(env)};
  const KillSwitches tenants = current(reader, tenant, env).document;
  const KillSwitches everywhere =
      tenant.is_system() ? KillSwitches{} : current(reader, TenantId::system(), env).document;
  std::set<std::string> names;
  for (const auto& [name, rules] : actions) names.insert(name);
  for (const auto& [name, level] : gates::built_in_dangers()) names.insert(name);
  for (const auto& [name, level] : store::list_declared_levels(reader, realm)) names.insert(name);
  add_names(tenants, names);
  add_names(everywhere, names);
  Json items = Json::array();
  for (const auto& name : names)
    if (const auto act = act_of(name, actions); gates::is_stoppable(act))
      items.push_back(state_of(act, tenants, everywhere));
  return {{"items", std::move(items)}};
}

Json changed_json(const store::Reader& reader, const TenantId& tenant, const ChangedEnvs& done,
                  const Actions& actions) {
  Json json = {{"items", Json::array()}, {"changed", done.changed}, {"still_stopped", Json::array()}};
  for (const Env env : done.envs) {
    const KillSwitches document = current(reader, tenant, env).document;
    json["items"].push_back(shown(reader, tenant, env, document, actions));
    for (auto& stopped : still_stopped(reader, tenant, env, document, done.allow, actions)) {
      stopped["env"] = to_string(env);
      json["still_stopped"].push_back(std::move(stopped));
    }
  }
  return json;
}

std::string reference_of(const ChangedEnvs& done) {
  Json envs = Json::array(), allow = Json::array();
  for (const Env env : done.envs) envs.push_back(to_string(env));
  for (const WishedEntry& lifted : done.allow) allow.push_back({store::to_string(lifted.kind), lifted.name});
  return to_text(make_object({{"envs", std::move(envs)}, {"allow", std::move(allow)}, {"changed", done.changed}}));
}

ChangedEnvs changed_of(const std::string& reference) {
  const Json kept = parse_own_json(reference);
  ChangedEnvs done{.envs = {}, .allow = {}, .changed = kept.at("changed")};
  for (const Json& env : kept.at("envs")) done.envs.push_back(parse_env(env.get<std::string>()).value());
  for (const Json& lifted : kept.at("allow"))
    done.allow.push_back(
        {.kind = store::parse_switch_kind(lifted.at(0).get<std::string>()).value(), .name = lifted.at(1)});
  return done;
}

}  // namespace nexus::kill_switches
