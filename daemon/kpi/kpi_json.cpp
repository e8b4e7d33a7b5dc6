#include "daemon/kpi/kpi_json.hpp"

#include "daemon/domain/measures.hpp"
#include "daemon/http/schema.hpp"

namespace nexus::kpi {
namespace {

namespace schema = http::schema;

Json with_times(Json out, std::initializer_list<const char*> times, const char* who) {
  for (const char* name : times) out["properties"][name] = schema::time();
  out["properties"][who] = schema::text();
  return domain::with_context_schema(std::move(out));
}

}  // namespace

Json definition_json(const store::KpiDefinition& definition) {
  return {{"tenant_id", definition.tenant_id},
          {"env", definition.env},
          {"name", definition.name},
          {"surface", or_null(definition.surface)},
          {"unit", or_null(definition.unit)},
          {"aggregate", definition.aggregate},
          {"created_at", to_rfc3339(definition.created_at)},
          {"created_by", definition.created_by}};
}

Json corridor_json(const store::KpiCorridor& corridor) {
  return {{"tenant_id", corridor.tenant_id},
          {"env", corridor.env},
          {"kpi_name", corridor.kpi_name},
          {"surface", corridor.surface},
          {"floor", or_null(corridor.floor)},
          {"ceiling", or_null(corridor.ceiling)},
          {"window_days", corridor.window_days},
          {"require_data", corridor.require_data},
          {"updated_at", to_rfc3339(corridor.updated_at)},
          {"updated_by", corridor.updated_by}};
}

Json observation_json(const store::KpiObservation& observation) {
  return {{"tenant_id", observation.tenant_id},
          {"env", observation.env},
          {"observation_id", observation.observation_id},
          {"kpi_name", observation.kpi_name},
          {"surface", or_null(observation.surface)},
          {"value", observation.value},
          {"observed_at", to_rfc3339(observation.observed_at)},
          {"created_at", to_rfc3339(observation.created_at)},
          {"created_by", observation.created_by}};
}

Json definition_schema(bool answer) {
  Json out = schema::object({"name", "aggregate"}, {{"name", schema::pattern(schema::kClientId)},
                                                    {"surface", schema::nullable(domain::surface_schema(false))},
                                                    {"unit", schema::nullable(schema::text_between(1, 64))},
                                                    {"aggregate", schema::choice({"sum", "mean", "last"})}});
  return answer ? schema::named("KpiDefinition", with_times(std::move(out), {"created_at"}, "created_by"))
                : schema::named("KpiDefinitionCreate", std::move(out));
}

Json corridor_schema(bool answer) {
  Json out = schema::object({"kpi_name", "surface"}, {{"kpi_name", schema::pattern(schema::kClientId)},
                                                      {"surface", domain::surface_schema(true)},
                                                      {"floor", schema::nullable(schema::number())},
                                                      {"ceiling", schema::nullable(schema::number())},
                                                      {"window_days", domain::window_days_schema()},
                                                      {"require_data", schema::defaults_to(schema::boolean(), false)}});
  return answer ? schema::named("KpiCorridor", with_times(std::move(out), {"updated_at"}, "updated_by"))
                : schema::named("KpiCorridorSet", std::move(out));
}

Json observation_schema(bool answer) {
  Json out = schema::object(
      {"kpi_name", "value"},
      {{"kpi_name", schema::pattern(schema::kClientId)},
       {"surface", schema::nullable(domain::surface_schema(false))},
       {"value", schema::number()},
       {"observed_at", schema::described(schema::time(), "at most 24 h back and 5 min ahead; now when left out")}});
  if (!answer) return schema::named("KpiObservationCreate", std::move(out));
  out["properties"]["observation_id"] = schema::text();
  return schema::named("KpiObservation", with_times(std::move(out), {"created_at"}, "created_by"));
}

}  // namespace nexus::kpi
