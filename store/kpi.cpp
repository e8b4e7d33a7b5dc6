#include "store/kpi.hpp"

#include "store/sqlite/rows.hpp"

namespace nexus::store {
namespace {

KpiDefinition definition_of(const Query& q) {
  return {.tenant_id = q.text(0),
          .env = q.text(1),
          .name = q.text(2),
          .surface = q.optional_text(3),
          .unit = q.optional_text(4),
          .aggregate = q.text(5),
          .created_at = q.integer(6),
          .created_by = q.text(7)};
}

KpiCorridor corridor_of(const Query& q) {
  return {.tenant_id = q.text(0),
          .env = q.text(1),
          .surface = q.text(2),
          .kpi_name = q.text(3),
          .floor = q.optional_real(4),
          .ceiling = q.optional_real(5),
          .window_days = static_cast<int>(q.integer(6)),
          .require_data = q.boolean(7),
          .updated_at = q.integer(8),
          .updated_by = q.text(9),
          .aggregate = q.text(10)};
}

KpiObservation observation_of(const Query& q) {
  return {.tenant_id = q.text(0),
          .env = q.text(1),
          .observation_id = q.text(2),
          .kpi_name = q.text(3),
          .surface = q.optional_text(4),
          .value = q.real(5),
          .observed_at = q.integer(6),
          .created_at = q.integer(7),
          .created_by = q.text(8)};
}

}  // namespace

#define NEXUS_SELECT_KPI \
  "SELECT tenant_id, env, name, surface, unit, aggregate, created_at, created_by FROM kpi_definitions "

std::optional<KpiDefinition> find_kpi(const Reader& reader, Realm realm, std::string_view name) {
  return first(reader.query(NEXUS_SELECT_KPI "WHERE tenant_id = ?1 AND env = ?2 AND name = ?3", realm, name),
               definition_of);
}

std::vector<KpiDefinition> list_kpis(const Reader& reader, Realm realm, std::string_view after, int limit) {
  return all(reader.query(NEXUS_SELECT_KPI "WHERE tenant_id = ?1 AND env = ?2 AND name > ?3 ORDER BY name LIMIT ?4",
                          realm, after, limit),
             definition_of);
}

#undef NEXUS_SELECT_KPI

void put_kpi(Tx& tx, const KpiDefinition& definition) {
  tx.run(
      "INSERT INTO kpi_definitions (tenant_id, env, name, surface, unit, aggregate, created_at, created_by) "
      "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (tenant_id, env, name) DO UPDATE SET "
      "surface = excluded.surface, unit = excluded.unit, aggregate = excluded.aggregate",
      definition.tenant_id, definition.env, definition.name, definition.surface, definition.unit, definition.aggregate,
      definition.created_at, definition.created_by);
}

#define NEXUS_SELECT_CORRIDOR                                                                             \
  "SELECT c.tenant_id, c.env, c.surface, c.kpi_name, c.floor, c.ceiling, c.window_days, c.require_data, " \
  "c.updated_at, c.updated_by, d.aggregate FROM kpi_corridors c CROSS JOIN kpi_definitions d "            \
  "WHERE d.tenant_id = c.tenant_id AND d.env = c.env AND d.name = c.kpi_name "

std::optional<KpiCorridor> find_corridor(const Reader& reader, Realm realm, std::string_view surface,
                                         std::string_view kpi_name) {
  return first(
      reader.query(NEXUS_SELECT_CORRIDOR "AND c.tenant_id = ?1 AND c.env = ?2 AND c.surface = ?3 AND c.kpi_name = ?4",
                   realm, surface, kpi_name),
      corridor_of);
}

std::vector<KpiCorridor> corridors_of(const Reader& reader, Realm realm, std::string_view surface) {
  return all(reader.query(NEXUS_SELECT_CORRIDOR "AND c.tenant_id = ?1 AND c.env = ?2 AND c.surface IN (?3, '*') "
                                                "ORDER BY c.surface DESC, c.kpi_name DESC",
                          realm, surface),
             corridor_of);
}

std::vector<KpiCorridor> list_corridors(const Reader& reader, Realm realm, std::string_view after_surface,
                                        std::string_view after_name, int limit) {
  return all(
      reader.query(NEXUS_SELECT_CORRIDOR "AND c.tenant_id = ?1 AND c.env = ?2 AND (c.surface, c.kpi_name) > (?3, ?4) "
                                         "ORDER BY c.surface, c.kpi_name LIMIT ?5",
                   realm, after_surface, after_name, limit),
      corridor_of);
}

#undef NEXUS_SELECT_CORRIDOR

void put_corridor(Tx& tx, const KpiCorridor& corridor) {
  tx.run(
      "INSERT INTO kpi_corridors (tenant_id, env, surface, kpi_name, floor, ceiling, window_days, require_data, "
      "updated_at, updated_by) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT (tenant_id, env, "
      "surface, kpi_name) DO UPDATE SET floor = excluded.floor, ceiling = excluded.ceiling, window_days = "
      "excluded.window_days, require_data = excluded.require_data, updated_at = excluded.updated_at, updated_by = "
      "excluded.updated_by",
      corridor.tenant_id, corridor.env, corridor.surface, corridor.kpi_name, corridor.floor, corridor.ceiling,
      corridor.window_days, corridor.require_data, corridor.updated_at, corridor.updated_by);
}

void insert_observation(Tx& tx, const KpiObservation& observation) {
  tx.run(
      "INSERT INTO kpi_observations (tenant_id, env, observation_id, kpi_name, surface, value, observed_at, "
      "created_at, created_by) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
      observation.tenant_id, observation.env, observation.observation_id, observation.kpi_name, observation.surface,
      observation.value, observation.observed_at, observation.created_at, observation.created_by);
  const MetricSample sample{observation.surface, observation.kpi_name, observation.value, observation.observed_at};
  add_metrics(tx, observation.realm(), "kpi", std::span(&sample, 1));
}

std::vector<KpiObservation> list_observations(const Reader& reader, Realm realm, std::string_view before, int limit) {
  return all(reader.query("SELECT tenant_id, env, observation_id, kpi_name, surface, value, observed_at, created_at, "
                          "created_by FROM kpi_observations WHERE tenant_id = ?1 AND env = ?2 "
                          "AND (?3 = '' OR observation_id < ?3) ORDER BY observation_id DESC LIMIT ?4",
                          realm, before, limit),
             observation_of);
}

double aggregated(const MetricTotals& totals, std::string_view aggregate) {
  if (totals.count == 0) return 0;
  if (aggregate == "mean") return totals.sum / static_cast<double>(totals.count);
  return aggregate == "last" ? totals.last : totals.sum;
}

}  // namespace nexus::store
