#include "daemon/domain/feature_flags.hpp"

#include "daemon/base/ids.hpp"

namespace nexus::domain {

Flags FlagLayers::in_force() const {
  Flags flags;
  for (const FlagName& name : kFlagNames)
    flags.*name.in_force = (own.*name.stored).value_or((system.*name.stored).value_or(flags.*name.in_force));
  return flags;
}

std::string FlagLayers::etag() const {
  return "\"ff-" + std::to_string(own.version) + "-" + std::to_string(system.version) + "\"";
}

FlagLayers read_flags(const store::Reader& reader, Realm realm) {
  FlagLayers layers{store::find_feature_flags(reader, realm), {}};
  if (realm.tenant != TenantId::system().str())
    layers.system = store::find_feature_flags(reader, {.tenant = TenantId::system().str(), .env = realm.env});
  return layers;
}

}  // namespace nexus::domain
