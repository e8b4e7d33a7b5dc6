// KPIs: definitions, corridors (the bounds of a KPI) and observations.
#pragma once
#include "daemon/base/realm.hpp"
#include "daemon/limits.hpp"
#include "daemon/model/field.hpp"

namespace nexus::kpi {

inline constexpr std::string_view kAggregates[] = {"sum", "mean", "last"};

struct Definition {
  std::string tenant_id;
  std::string env;
  std::string name;
  std::optional<std::string> surface;  // for observations that name none
  std::optional<std::string> unit;
  std::string aggregate;
  Micros created_at = 0;
  std::string created_by;
  Realm realm() const { return {.tenant = tenant_id, .env = env}; }
};

/// The rule of a KPI's name and of a surface.
constexpr model::Rule name_rule(bool required, std::string_view help, const model::Form* form = &model::kClientId) {
  return {.max = limits::client_id_chars_max, .form = form, .name = NameForm::name, .required = required, .help = help};
}

inline constexpr model::Table kDefinition{
    "KpiDefinition", "kpi_definitions",
    std::array{
        model::tenant(&Definition::tenant_id), model::env(&Definition::env),
        model::key(model::field("name", &Definition::name, name_rule(true, "the KPI"))),
        model::field("surface", &Definition::surface, name_rule(false, "the surface of observations that name none")),
        model::field("unit", &Definition::unit, {.max = 64, .help = "what it is counted in"}),
        model::field("aggregate", &Definition::aggregate,
                     {.choices = kAggregates, .required = true, .help = "how observations are combined"}),
        model::made_time("created_at", &Definition::created_at, {.fixed = true}),
        model::made("created_by", &Definition::created_by, {.fixed = true})}};

struct Corridor {
  std::string tenant_id;
  std::string env;
  std::string surface;  // '*' is for all surfaces
  std::string kpi_name;
  std::optional<double> floor;
  std::optional<double> ceiling;
  std::int64_t window_days = 7;
  bool require_data = false;
  Micros updated_at = 0;
  std::string updated_by;
  std::string aggregate = {};  // the definition's unit, when a gate reads the corridor
  Realm realm() const { return {.tenant = tenant_id, .env = env}; }
};

inline constexpr model::Table kCorridor{
    "KpiCorridor", "kpi_corridors",
    std::array{
        model::tenant(&Corridor::tenant_id), model::env(&Corridor::env),
        model::key(model::field("surface", &Corridor::surface,
                                name_rule(true, "the surface; * is all of them together", &model::kSurfaceOrAll))),
        model::key(model::field("kpi_name", &Corridor::kpi_name, name_rule(true, "the KPI"))),
        model::field("floor", &Corridor::floor, {.help = "a value below it refuses"}),
        model::field("ceiling", &Corridor::ceiling, {.help = "a value above it refuses"}),
        model::field("window_days", &Corridor::window_days,
                     {.least = 1, .most = 90, .null_is_absent = true, .help = "the last N days, 1 to 90 (7)"}),
        model::field("require_data", &Corridor::require_data,
                     {.null_is_absent = true, .help = "refuse while nothing was observed"}),
        model::made_time("updated_at", &Corridor::updated_at), model::made("updated_by", &Corridor::updated_by)}};

struct Observation {
  std::string tenant_id;
  std::string env;
  std::string observation_id;
  std::string kpi_name;
  std::optional<std::string> surface;  // without one it counts in '*' alone
  double value = 0;
  Micros observed_at = model::kNoTime;
  Micros created_at = 0;
  std::string created_by;
  // Set once it was a mistake and counts no more.
  std::optional<Micros> voided_at;
  std::optional<std::string> voided_by;
  std::optional<std::string> void_reason;
  Realm realm() const { return {.tenant = tenant_id, .env = env}; }
};

inline constexpr model::Table kObservation{
    "KpiObservation", "kpi_observations",
    std::array{
        model::tenant(&Observation::tenant_id), model::env(&Observation::env),
        model::id("observation_id", &Observation::observation_id),
        model::field("kpi_name", &Observation::kpi_name, name_rule(true, "the KPI")),
        model::field("surface", &Observation::surface, name_rule(false, "the surface (that of the definition)")),
        model::field("value", &Observation::value, {.required = true, .help = "what was observed"}),
        model::time_field(
            "observed_at", &Observation::observed_at,
            {.null_is_absent = true, .past = true, .help = "when, at most 24 h back and 5 min ahead (now)"}),
        model::made_time("created_at", &Observation::created_at), model::made("created_by", &Observation::created_by),
        model::made_time("voided_at", &Observation::voided_at), model::made("voided_by", &Observation::voided_by),
        model::made("void_reason", &Observation::void_reason)}};

}  // namespace nexus::kpi
