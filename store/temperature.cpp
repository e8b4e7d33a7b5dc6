#include "store/temperature.hpp"

#include "store/sqlite/rows.hpp"

namespace nexus::store {
std::vector<TemperatureBound> list_bounds(const Reader& reader, Realm realm, std::string_view surface) {
  Query q = reader.query(
      "SELECT b.kind, b.metric, b.value, d.aggregate FROM temperature_bounds b LEFT JOIN kpi_definitions d "
      "ON d.tenant_id = b.tenant_id AND d.env = b.env AND d.name = b.metric "
      "WHERE b.tenant_id = ?1 AND b.env = ?2 AND b.surface = ?3 ORDER BY b.kind, b.metric",
      realm, surface);
  std::vector<TemperatureBound> bounds;
  while (q.next()) bounds.push_back({q.text(0), q.text(1), q.real(2), q.optional_text(3)});
  return bounds;
}

void replace_bounds(Tx& tx, Realm realm, std::string_view surface, std::string_view kind,
                    const std::map<std::string, double>& values) {
  tx.run("DELETE FROM temperature_bounds WHERE tenant_id = ?1 AND env = ?2 AND surface = ?3 AND kind = ?4", realm,
         surface, kind);
  for (const auto& [metric, value] : values)
    tx.run(
        "INSERT INTO temperature_bounds (tenant_id, env, surface, kind, metric, value) "
        "VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        realm, surface, kind, metric, value);
}

}  // namespace nexus::store
