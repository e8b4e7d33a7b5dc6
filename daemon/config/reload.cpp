#include "daemon/config/reload.hpp"

#include <algorithm>

namespace nexus {
namespace {

/// An option and the member that it fills.
struct Live {
  std::string_view name;
  void (*copy)(Config& to, const Config& from);
};

template <auto kMember>
void copy(Config& to, const Config& from) {
  to.*kMember = from.*kMember;
}

constexpr Live kLive[] = {{"log-format", copy<&Config::log_format>},
                          {"log-level", copy<&Config::log_level>},
                          {"access-log", copy<&Config::access_log>},
                          {"trusted-proxy", copy<&Config::trusted_proxies>},
                          {"log.addresses", copy<&Config::log_addresses>}};

}  // namespace

bool is_taken_live(const Option& option) {
  return std::ranges::find(kLive, option.name, &Live::name) != std::end(kLive);
}

std::vector<Change> changes(const Resolved& in_force, const Resolved& again) {
  std::vector<Change> found;
  for (const Option& option : all_options()) {
    const std::string name(option.name);
    const Origin& now = again.origins.at(name);
    if (now.text != in_force.origins.at(name).text) found.push_back({&option, now});
  }
  return found;
}

void take_live(Resolved& in_force, const Resolved& again) {
  for (const Live& live : kLive) {
    live.copy(in_force.config, again.config);
    in_force.origins[std::string(live.name)] = again.origins.at(std::string(live.name));
  }
}

}  // namespace nexus
