// Resolves flags, environment, file and defaults into one Config: flag > environment > file > default. It records the
// winning source of every option. Anything unknown or malformed stops the start with its source, its key and a remedy,
// because a misspelt setting must not be ignored. main.cpp parses the command line with CLI11. No other place in the
// daemon uses toml++.
#pragma once
#include <filesystem>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>

#include "daemon/config/config.hpp"
#include "daemon/config/options.hpp"

namespace nexus {

/// Why the daemon does not start: "<key> (<source>) <problem>; <remedy>". `key` is the option, or the unknown name;
/// `source` is `--listen`, `NEXUSD_LISTEN`, `/etc/nexus/nexusd.toml:3`; `remedy` says what to do about it.
struct ConfigError : std::runtime_error {
  ConfigError(const std::string& key, const std::string& source, const std::string& problem, const std::string& remedy)
      : std::runtime_error(key + (source == key ? " " : " (" + source + ") ") + problem +
                           (remedy.empty() ? "" : "; " + remedy)) {}
};

struct ConfigSources {
  /// By option name without leading dashes (`data-dir`), repeated for `many`; a flag without a value is `true`.
  std::multimap<std::string, std::string> flags;
  /// The relevant variables: NEXUSD_*, XDG_DATA_HOME, HOME. See config_environment().
  std::map<std::string, std::string> environment;
  /// `--config`; then NEXUSD_CONFIG; then `standard_file` if it exists and neither is given (never with `--dev`: a
  /// developer's daemon must not open the machine's production data).
  std::optional<std::filesystem::path> file;
  std::filesystem::path standard_file = "/etc/nexus/nexusd.toml";
  /// Of a command that asks for the database alone: what a daemon needs beside it is not demanded.
  bool database_alone = false;
};

/// The source that decided an option, and its text.
struct Origin {
  enum class Kind { standard, file, environment, flag };
  Kind kind = Kind::standard;
  std::string source;  ///< `default`, `/etc/nexus/nexusd.toml:3`, `NEXUSD_LISTEN`, `--listen`
  std::string text;    ///< the value as given; several values are joined by commas
};

struct Resolved {
  Config config;
  std::map<std::string, Origin> origins;      ///< by option name, every option of the table
  std::optional<std::filesystem::path> file;  ///< the file that was read
};

/// Throws ConfigError.
Resolved resolve(const ConfigSources& sources);

/// Whether a listener may have this address: beyond loopback only with `--insecure-listen`, since TLS is left to a
/// proxy and tokens would cross the network in the clear; with `--dev` never. `name` is its option, `source` what gave
/// it. Throws ConfigError.
void require_safe_listener(const Config& config, const std::string& name, const std::string& source,
                           const Address& address);

/// What the sources give, before anything is judged but names.
struct Gathered {
  std::map<std::string, std::vector<Origin>> origins;  ///< by option name: the first one wins, the default is the last
  std::optional<std::filesystem::path> file;           ///< the file that was read
};
/// Throws ConfigError for a name that is unknown, or a file that cannot be read.
Gathered gather(const ConfigSources& sources);

/// The variables of `environ` that the daemon reads.
std::map<std::string, std::string> config_environment(const char* const* environment);

}  // namespace nexus
