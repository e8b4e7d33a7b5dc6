#include "store/gates_config.hpp"

#include "daemon/base/json.hpp"

namespace nexus::store {
namespace {

std::vector<std::string> names_of(std::string_view text) {
  if (text == "[]") return {};  // nearly every document has an empty list: no parse on the way of each request
  return Json::parse(text).get<std::vector<std::string>>();
}

}  // namespace

std::optional<KillSwitches> find_kill_switches(const Reader& reader, std::string_view tenant_id, std::string_view env) {
  Query q = reader.query(
      "SELECT disable_providers, disable_autonomy, disabled_actions, reason, expires_at, version, updated_at, "
      "updated_by FROM kill_switches WHERE tenant_id = ?1 AND env = ?2",
      tenant_id, env);
  if (!q.next()) return std::nullopt;
  return KillSwitches{.disable_providers = names_of(q.text_view(0)),
                      .disable_autonomy = q.boolean(1),
                      .disabled_actions = names_of(q.text_view(2)),
                      .reason = q.optional_text(3),
                      .expires_at = q.optional_integer(4),
                      .version = q.integer(5),
                      .updated_at = q.integer(6),
                      .updated_by = q.text(7)};
}

void put_kill_switches(Tx& tx, std::string_view tenant_id, std::string_view env, const KillSwitches& document) {
  tx.run(
      "INSERT OR REPLACE INTO kill_switches (tenant_id, env, disable_providers, disable_autonomy, disabled_actions, "
      "reason, expires_at, version, updated_at, updated_by) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
      tenant_id, env, to_text(document.disable_providers), document.disable_autonomy,
      to_text(document.disabled_actions), document.reason, document.expires_at, document.version, document.updated_at,
      document.updated_by);
}

}  // namespace nexus::store
