// From flags, environment, file and defaults to one Config: flag > environment > file > default, remembering for every
// option who won. Anything unknown or malformed stops the start with its source, its key and what to do: a misspelt
// setting must not vanish. The command line itself is parsed by main.cpp, which knows CLI11; this knows no parser.
#pragma once
#include <filesystem>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>

#include "daemon/config/config.hpp"
#include "daemon/config/options.hpp"

namespace nexus {

/// Why the daemon does not start. `what()`: "<key> (<source>): <problem>; <remedy>".
struct ConfigError : std::runtime_error {
  ConfigError(std::string key_, std::string source_, const std::string& problem, std::string remedy_);
  std::string key;     ///< the option, or the unknown name
  std::string source;  ///< `--listen`, `NEXUSD_LISTEN`, `/etc/nexus/nexusd.toml:3`
  std::string remedy;  ///< what to do about it
};

struct ConfigSources {
  /// By option name without dashes in front (`data-dir`), repeated for `many`; a flag without a value is `true`.
  std::multimap<std::string, std::string> flags;
  /// The variables that count: NEXUSD_*, XDG_DATA_HOME, HOME. See config_environment().
  std::map<std::string, std::string> environment;
  /// `--config`; then NEXUSD_CONFIG; then `standard_file` if it exists and neither is given (never with `--dev`: a
  /// developer's daemon must not open the machine's production data).
  std::optional<std::filesystem::path> file;
  std::filesystem::path standard_file = "/etc/nexus/nexusd.toml";
};

/// Who decided an option, and in which words.
struct Origin {
  enum class Kind { standard, file, environment, flag };
  Kind kind = Kind::standard;
  std::string source;  ///< `default`, `/etc/nexus/nexusd.toml:3`, `NEXUSD_LISTEN`, `--listen`
  std::string text;    ///< the value as given; several are joined by commas
};

struct Resolved {
  Config config;
  std::map<std::string, Origin> origins;      ///< by option name, every option of the table
  std::optional<std::filesystem::path> file;  ///< the file that was read
};

/// Throws ConfigError.
Resolved resolve(const ConfigSources& sources);

/// The variables of `environ` that resolve() looks at.
std::map<std::string, std::string> config_environment(const char* const* environment);

}  // namespace nexus
