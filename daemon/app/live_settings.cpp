#include "daemon/app/live_settings.hpp"

#include <algorithm>

#include "daemon/config/shown.hpp"
#include "daemon/log.hpp"

namespace nexus::app {
namespace {

log::Level level_of(LogLevel level) {
  using enum log::Level;
  static constexpr log::Level kLevels[] = {debug, debug, info, warn, error};  // in the order of LogLevel
  return kLevels[static_cast<std::size_t>(level)];
}

void tell_change(const Change& change) {
  const bool live = is_taken_live(*change.option);
  log::write(live ? log::Level::info : log::Level::warn,
             live ? "SIGHUP: a new setting is in force" : "SIGHUP: a new setting waits for the next start",
             {{"key", change.option->key()}, {"value", shown_value(change.now.text)}, {"from", change.now.source}});
}

}  // namespace

void configure_log(const Config& config) {
  log::configure(config.log_format == LogFormat::json, level_of(config.log_level));
}

http::AccessOptions access_options(const Config& config) {
  return {.all = config.access_log, .addresses = config.log_addresses, .trusted_proxies = config.trusted_proxies};
}

void LiveSettings::read_again() {
  try {
    const Resolved again = resolve(sources_);
    const std::vector<Change> found = changes(in_force_, again);
    Config telling = again.config;  // a level that tells less than before begins behind these lines
    telling.log_level = std::min(telling.log_level, in_force_.config.log_level);
    configure_log(telling);
    std::ranges::for_each(found, tell_change);
    const auto taken = std::ranges::count_if(found, [](const Change& change) { return is_taken_live(*change.option); });
    log::info("SIGHUP: the configuration was read again",
              {{"file", again.file ? again.file->string() : "none"},
               {"taken", taken},
               {"waiting", static_cast<std::ptrdiff_t>(found.size()) - taken}});
    take_live(in_force_, again);
    configure_log(in_force_.config);
  } catch (const std::exception& error) {
    log::error("SIGHUP: the configuration is not valid; all is as before", {{"cause", error.what()}});
  }
}

}  // namespace nexus::app
