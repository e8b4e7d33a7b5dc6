// The rows of a surface's temperature: its settings (each bound and weight is a row, store/gates.hpp), and
// snapshots.
#pragma once
#include "daemon/limits.hpp"
#include "daemon/model/field.hpp"

namespace nexus::temperature {

/// Version 0 is a surface for which nothing was ever set.
struct Config {
  std::string tenant_id;
  std::string env;
  std::string surface;
  bool floors_set = false;
  bool ceilings_set = false;
  bool weights_set = false;
  std::int64_t version = 0;
  std::optional<Micros> updated_at = {};
  std::optional<std::string> updated_by = {};
};

inline constexpr model::Rule kSurface{.max = limits::client_id_chars_max,
                                      .form = &model::kClientId,
                                      .name = NameForm::name,
                                      .required = true,
                                      .help = "the surface"};

inline constexpr model::Table kConfig{
    "TemperatureConfig", "temperature_configs",
    std::array{model::tenant(&Config::tenant_id), model::env(&Config::env),
               model::key(model::field("surface", &Config::surface, kSurface)),
               model::hidden("floors_set", &Config::floors_set), model::hidden("ceilings_set", &Config::ceilings_set),
               model::hidden("weights_set", &Config::weights_set), model::hidden("version", &Config::version),
               model::made_time("updated_at", &Config::updated_at), model::made("updated_by", &Config::updated_by)}};

/// The state of a surface over the requested window.
struct Snapshot {
  std::string tenant_id;
  std::string env;
  std::string snapshot_id;
  std::string surface;
  std::int64_t window_days = 7;
  double value = 0;
  std::vector<std::string> floors_breached;
  std::vector<std::string> ceilings_breached;
  std::string raw_metrics;
  Micros window_start = 0;
  Micros window_end = 0;
  Micros created_at = 0;
  std::string created_by;
};

inline constexpr model::Table kSnapshot{
    "TemperatureSnapshot", "temperature_snapshots",
    std::array{model::tenant(&Snapshot::tenant_id), model::env(&Snapshot::env),
               model::id("snapshot_id", &Snapshot::snapshot_id), model::field("surface", &Snapshot::surface, kSurface),
               model::asked(model::field(
                   "window_days", &Snapshot::window_days,
                   {.least = 1, .most = 90, .null_is_absent = true, .help = "the last N days, 1 to 90 (7)"})),
               model::made("value", &Snapshot::value), model::made("floors_breached", &Snapshot::floors_breached),
               model::made("ceilings_breached", &Snapshot::ceilings_breached),
               model::made(model::document("raw_metrics", &Snapshot::raw_metrics, {})),
               model::made_time("window_start", &Snapshot::window_start),
               model::made_time("window_end", &Snapshot::window_end),
               model::made_time("created_at", &Snapshot::created_at),
               model::made("created_by", &Snapshot::created_by)}};

}  // namespace nexus::temperature
