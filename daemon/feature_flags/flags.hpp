// The feature flags of a tenant and env, as they were set.
#pragma once
#include "daemon/model/field.hpp"

namespace nexus::feature_flags {

/// A flag without a value was never set, or was unset. Version 0: there is no row.
struct FeatureFlags {
  std::string tenant_id;
  std::string env;
  std::optional<bool> ws_enabled = {};
  std::optional<bool> sse_enabled = {};
  std::optional<bool> gesture_logging = {};
  std::int64_t version = 0;
  std::optional<Micros> updated_at = {};
  std::optional<std::string> updated_by = {};
};

inline constexpr model::Table kFeatureFlags{
    "FeatureFlags", "feature_flags",
    std::array{model::tenant(&FeatureFlags::tenant_id), model::env(&FeatureFlags::env),
               model::field("ws_enabled", &FeatureFlags::ws_enabled, {}),
               model::field("sse_enabled", &FeatureFlags::sse_enabled, {}),
               model::field("gesture_logging", &FeatureFlags::gesture_logging, {}),
               model::hidden("version", &FeatureFlags::version),
               model::made_time("updated_at", &FeatureFlags::updated_at),
               model::made("updated_by", &FeatureFlags::updated_by)}};

}  // namespace nexus::feature_flags
