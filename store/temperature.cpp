#include "store/temperature.hpp"

#include "store/sqlite/rows.hpp"

namespace nexus::store {
namespace {

TemperatureSnapshot snapshot_of(const Query& q) {
  return {.tenant_id = q.text(0),
          .env = q.text(1),
          .snapshot_id = q.text(2),
          .surface = q.text(3),
          .value = q.real(4),
          .floors_breached = q.text(5),
          .ceilings_breached = q.text(6),
          .raw_metrics = q.text(7),
          .window_start = q.integer(8),
          .window_end = q.integer(9),
          .created_at = q.integer(10),
          .created_by = q.text(11)};
}

}  // namespace

TemperatureConfig find_temperature(const Reader& reader, Realm realm, std::string_view surface) {
  Query q = reader.query(
      "SELECT floors_set, ceilings_set, weights_set, version, updated_at, updated_by FROM temperature_configs "
      "WHERE tenant_id = ?1 AND env = ?2 AND surface = ?3",
      realm, surface);
  if (!q.next()) return {};
  return {q.boolean(0), q.boolean(1), q.boolean(2), q.integer(3), q.integer(4), q.text(5)};
}

void put_temperature(Tx& tx, Realm realm, std::string_view surface, const TemperatureConfig& config) {
  tx.run(
      "INSERT INTO temperature_configs (tenant_id, env, surface, floors_set, ceilings_set, weights_set, version, "
      "updated_at, updated_by) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) "
      "ON CONFLICT (tenant_id, env, surface) DO UPDATE SET floors_set = excluded.floors_set, "
      "ceilings_set = excluded.ceilings_set, weights_set = excluded.weights_set, version = excluded.version, "
      "updated_at = excluded.updated_at, updated_by = excluded.updated_by",
      realm, surface, config.floors_set, config.ceilings_set, config.weights_set, config.version, config.updated_at,
      config.updated_by);
}

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

void insert_snapshot(Tx& tx, const TemperatureSnapshot& snapshot) {
  tx.run(
      "INSERT INTO temperature_snapshots (tenant_id, env, snapshot_id, surface, value, floors_breached, "
      "ceilings_breached, raw_metrics, window_start, window_end, created_at, created_by) "
      "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
      snapshot.tenant_id, snapshot.env, snapshot.snapshot_id, snapshot.surface, snapshot.value,
      snapshot.floors_breached, snapshot.ceilings_breached, snapshot.raw_metrics, snapshot.window_start,
      snapshot.window_end, snapshot.created_at, snapshot.created_by);
}

std::vector<TemperatureSnapshot> list_snapshots(const Reader& reader, Realm realm, std::string_view surface,
                                                std::string_view before, int limit) {
  return all(reader.query(
                 "SELECT tenant_id, env, snapshot_id, surface, value, floors_breached, ceilings_breached, raw_metrics, "
                 "window_start, window_end, created_at, created_by FROM temperature_snapshots "
                 "WHERE tenant_id = ?1 AND env = ?2 AND surface = ?3 AND (?4 = '' OR snapshot_id < ?4) "
                 "ORDER BY snapshot_id DESC LIMIT ?5",
                 realm, surface, before, limit),
             snapshot_of);
}

}  // namespace nexus::store
