#include "daemon/kill_switches/kill_switch_answers.hpp"

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

/// The entry that still stops `lifted`; nullptr when this document allows it again.
const SwitchEntry* still_stops(const KillSwitches& document, const WishedEntry& lifted, const Actions& actions) {
  if (const auto* same = find_entry(document, lifted.kind, lifted.name)) return same;
  if (lifted.kind != SwitchKind::action) return nullptr;
  const auto known = actions.find(lifted.name);
  const bool broad = known == actions.end() || gates::is_broad(known->second);
  return broad ? find_entry(document, SwitchKind::action, "*") : nullptr;
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
