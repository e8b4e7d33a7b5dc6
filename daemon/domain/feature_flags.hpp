// The feature flags in force for a tenant and env: what its admins set, else what the operator set for the env (in
// t_system), else what is built in. The routes that show and set them are daemon/feature_flags'; the rails ask here.
#pragma once
#include <optional>
#include <string>
#include <string_view>

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

/// A flag by name, in the stored document and in the one in force.
struct FlagName {
  const char* text;
  std::optional<bool> FeatureFlags::*stored;
  bool Flags::*in_force;
};
inline constexpr FlagName kFlagNames[] = {{"ws_enabled", &FeatureFlags::ws_enabled, &Flags::ws_enabled},
                                          {"sse_enabled", &FeatureFlags::sse_enabled, &Flags::sse_enabled},
                                          {"gesture_logging", &FeatureFlags::gesture_logging, &Flags::gesture_logging}};

/// What a tenant's flags are made of.
struct FlagLayers {
  FeatureFlags own, system;

  Flags in_force() const;
  /// Of both documents: what a reader saw was made of both.
  std::string etag() const;
};

/// Read live, from the caller's own snapshot.
FlagLayers read_flags(const store::Reader& reader, Realm realm);

}  // namespace nexus::domain
