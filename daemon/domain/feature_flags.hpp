// The feature flags in force for a tenant and env: as its admins set them, else as the operator set them for the env
// (in t_system), else the built-in values. daemon/feature_flags has the routes that show and set them. The rails read
// them here.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "daemon/base/ids.hpp"
#include "daemon/base/realm.hpp"
#include "store/preferences.hpp"

namespace nexus::domain {

using feature_flags::FeatureFlags;

/// Which rails are open, and whether gestures are kept.
struct Flags {
  bool ws_enabled = true;
  bool sse_enabled = true;
  bool gesture_logging = false;
};

/// The name of a flag, with its members in the stored document and in the one in force.
struct FlagName {
  const char* text;
  std::optional<bool> FeatureFlags::*stored;
  bool Flags::*in_force;
};
inline constexpr FlagName kFlagNames[] = {{"ws_enabled", &FeatureFlags::ws_enabled, &Flags::ws_enabled},
                                          {"sse_enabled", &FeatureFlags::sse_enabled, &Flags::sse_enabled},
                                          {"gesture_logging", &FeatureFlags::gesture_logging, &Flags::gesture_logging}};

/// The documents that a tenant's flags are computed from.
struct FlagLayers {
  FeatureFlags own, system;

  Flags in_force() const {
    Flags flags;
    for (const FlagName& name : kFlagNames)
      flags.*name.in_force = (own.*name.stored).value_or((system.*name.stored).value_or(flags.*name.in_force));
    return flags;
  }
  /// The ETag of both documents, because a reader sees the result of both.
  std::string etag() const {
    return "\"ff-" + std::to_string(own.version) + "-" + std::to_string(system.version) + "\"";
  }
};

/// Reads the flags live, from the caller's own snapshot.
inline FlagLayers read_flags(const store::Reader& reader, Realm realm) {
  FlagLayers layers{store::find_feature_flags(reader, realm), {}};
  if (realm.tenant != TenantId::system().str())
    layers.system = store::find_feature_flags(reader, {.tenant = TenantId::system().str(), .env = realm.env});
  return layers;
}

}  // namespace nexus::domain
