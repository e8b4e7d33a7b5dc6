#include "store/kpi.hpp"

#include "store/model_rows.hpp"

namespace nexus::store {

using kpi::kCorridor;
using kpi::kObservation;

std::vector<KpiCorridor> corridors_of(const Reader& reader, Realm realm, std::string_view surface) {
  static const std::string text =
      "SELECT " + columns_text(kCorridor.specs(), "c.") +
      ", d.aggregate FROM kpi_corridors c CROSS JOIN kpi_definitions d "
      "WHERE d.tenant_id = c.tenant_id AND d.env = c.env AND d.name = c.kpi_name AND c.tenant_id = ?1 AND c.env = ?2 "
      "AND c.surface IN (?3, '*') ORDER BY c.surface DESC, c.kpi_name DESC";
  return all(reader.query(text, realm, surface), [](const Query& q) {
    KpiCorridor corridor = row_of<kCorridor>(q);
    corridor.aggregate = q.text(static_cast<int>(kCorridor.fields.size()));
    return corridor;
  });
}

std::vector<KpiCorridor> list_corridors(const Reader& reader, Realm realm, std::string_view after_surface,
                                        std::string_view after_name, int limit) {
  static const std::string text =
      select_rows<kCorridor>() + "AND (surface, kpi_name) > (?3, ?4) ORDER BY surface, kpi_name LIMIT ?5";
  return all(reader.query(text, realm, after_surface, after_name, limit), row_of<kCorridor>);
}

void insert_observation(Tx& tx, const kpi::Observation& observation) {
  insert_row<kObservation>(tx, observation);
  const MetricSample sample{observation.surface, observation.kpi_name, observation.value, observation.observed_at};
  add_metrics(tx, observation.realm(), "kpi", std::span(&sample, 1));
}

double aggregated(const MetricTotals& totals, std::string_view aggregate) {
  if (totals.count == 0) return 0;
  if (aggregate == "mean") return totals.sum / static_cast<double>(totals.count);
  return aggregate == "last" ? totals.last : totals.sum;
}

}  // namespace nexus::store
