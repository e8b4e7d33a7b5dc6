#include "daemon/config/resolve.hpp"

#include <toml++/toml.h>
#include <algorithm>
#include <array>
#include <string_view>
#include <system_error>
#include <vector>

#include "daemon/base/file.hpp"
#include "daemon/base/nearest.hpp"
#include "daemon/base/text.hpp"
#include "daemon/base/database_address.hpp"
#include "daemon/config/shown.hpp"

namespace nexus {
namespace {

constexpr std::string_view kPrefix = "NEXUSD_";
constexpr std::string_view kFileVariable = "NEXUSD_CONFIG";
/// Variables of other programs that the daemon reads too.
constexpr std::string_view kShared[] = {"HOME",         "XDG_DATA_HOME", "SSL_CERT_FILE",
                                        "SSL_CERT_DIR", "PGPASSFILE",    "PGSERVICEFILE"};
constexpr std::size_t kFileBytesMax = 1024 * 1024;

struct Given {
  Origin origin;
  std::vector<std::string> values;
};
using GivenMap = std::map<std::string, Given>;  // by option name

std::string join(const std::vector<std::string>& values) {
  std::string text;
  for (const auto& value : values) text += (text.empty() ? "" : ",") + value;
  return text;
}

// ---- the environment ----------------------------------------------------------------------------------------------

// The comma-separated values of a variable, trimmed; an empty variable is an empty list.
std::vector<std::string> split_list(const std::string& text) {
  std::vector<std::string> values;
  for (const auto part : split(text, ','))
    if (const auto value = trim_ascii(part); !value.empty()) values.emplace_back(value);
  return values;
}

const Option* option_of_variable(const std::string& variable) {
  const auto found = std::ranges::find(all_options(), variable, &Option::variable);
  return found == all_options().end() ? nullptr : &*found;
}

/// Refuses a name of the environment or of the file; `spelled` is how options are named there.
[[noreturn]] void refuse_unknown(const std::string& name, const std::string& source, const std::string& problem,
                                 std::string (Option::*spelled)() const, std::vector<std::string> names = {}) {
  for (const auto& option : all_options())
    if (option.reach != OptionReach::command_line) names.push_back((option.*spelled)());
  const auto near = nearest(name, names);
  throw ConfigError(name, source, problem, near ? "did you mean " + *near + "?" : "nexusd.conf(5) lists all names");
}

[[noreturn]] void unknown_variable(const std::string& variable) {
  if (const auto* option = option_of_variable(variable))  // of the command line only
    throw ConfigError(std::string(option->name), variable, "is no setting but a flag",
                      "start nexusd with " + option->flag());
  refuse_unknown(variable, variable, "is no variable of nexusd", &Option::variable, {std::string(kFileVariable)});
}

GivenMap from_environment(const std::map<std::string, std::string>& environment) {
  GivenMap given;
  for (const auto& [variable, text] : environment) {
    if (!variable.starts_with(kPrefix) || variable == kFileVariable) continue;
    const auto* option = option_of_variable(variable);
    if (!option || option->reach == OptionReach::command_line) unknown_variable(variable);
    given[std::string(option->name)] = {{Origin::Kind::environment, variable, text},
                                        option->many ? split_list(text) : std::vector<std::string>{text}};
  }
  return given;
}

// ---- the file -----------------------------------------------------------------------------------------------------

// TOML cannot hold `blobs = "s3"` beside `[blobs]`, so the option has another key.
const Option* option_of_key(const std::string& key) {
  const auto* option = find_option(key == "blobs.backend" ? "blobs" : key);
  return option && option->reach != OptionReach::command_line ? option : nullptr;
}

[[noreturn]] void refuse_file(const std::string& source, const std::string& problem) {
  throw ConfigError("configuration file", source, problem, "correct it, or name another with --config");
}

/// The configuration file as a flat list of keys: `[limits]` `upload_bytes = "64MiB"` is `limits.upload_bytes`.
/// Strings, integers, booleans and arrays of them are taken as text.
class FileReader {
 public:
  explicit FileReader(std::string path) : path_(std::move(path)) {}

  void take(const toml::table& table, const std::string& prefix) {
    for (const auto& [key, node] : table) {
      const std::string name = prefix + std::string(key.str());
      if (const auto* inner = node.as_table())
        take(*inner, name + ".");
      else
        take_entry(name, node);
    }
  }

  GivenMap given;

 private:
  std::string source_of(const toml::node& node) const { return path_ + ":" + std::to_string(node.source().begin.line); }

  void take_entry(const std::string& key, const toml::node& node) {
    std::vector<std::string> texts;
    if (const auto* array = node.as_array())
      for (const auto& element : *array) texts.push_back(scalar(key, element));
    else
      texts.push_back(scalar(key, node));
    const std::string source = source_of(node);
    const auto* option = option_of_key(key);
    if (!option) refuse_unknown(key, source, "is no key of nexusd", &Option::key);
    if (node.is_array() && !option->many)
      throw ConfigError(key, source, "takes one value, not an array", "write it without brackets");
    const auto [old, fresh] =
        given.try_emplace(std::string(option->name), Given{{Origin::Kind::file, source, join(texts)}, texts});
    if (!fresh)
      throw ConfigError(key, source, "is there twice", "remove one; the other is " + old->second.origin.source);
  }

  std::string scalar(const std::string& key, const toml::node& node) const {
    if (const auto* text = node.as_string()) return text->get();
    if (const auto* number = node.as_integer()) return std::to_string(number->get());
    if (const auto* boolean = node.as_boolean()) return boolean->get() ? "true" : "false";
    refuse_file(source_of(node), key + " must be a string, an integer, a boolean or an array of them");
  }

  std::string path_;
};

GivenMap from_file(const std::filesystem::path& path) {
  FileReader reader(path.string());
  try {
    reader.take(toml::parse(read_file(path, kFileBytesMax), path.string()), "");
  } catch (const std::system_error& error) {
    refuse_file(path.string(), "cannot be read: " + error.code().message());
  } catch (const toml::parse_error& error) {
    refuse_file(path.string() + ":" + std::to_string(error.source().begin.line),
                "is not TOML: " + std::string(error.description()));
  }
  return std::move(reader.given);
}

// ---- the command line ---------------------------------------------------------------------------------------------

GivenMap from_flags(const std::multimap<std::string, std::string>& flags) {
  GivenMap given;
  for (const auto& [name, value] : flags) {
    const auto* option = find_option(name);
    if (!option || !option->has_flag())
      throw ConfigError(name, "--" + name, "is no flag of nexusd", "see nexusd --help");
    auto& entry = given[std::string(option->name)];
    if (!entry.values.empty() && !option->many)
      throw ConfigError(name, option->flag(), "is there twice", "give it once");
    entry.values.push_back(value);
    entry.origin = {Origin::Kind::flag, option->flag(), join(entry.values)};
  }
  return given;
}

// ---- all of them --------------------------------------------------------------------------------------------------

std::optional<std::filesystem::path> file_to_read(const ConfigSources& sources) {
  if (sources.file) return sources.file;
  if (const auto named = sources.environment.find(std::string(kFileVariable)); named != sources.environment.end())
    return named->second;
  std::error_code ignored;
  const bool development = sources.flags.contains("dev");
  if (!development && std::filesystem::exists(sources.standard_file, ignored)) return sources.standard_file;
  return std::nullopt;
}

/// What each source gives.
struct AllGiven {
  explicit AllGiven(const ConfigSources& sources)
      : file(file_to_read(sources)),
        by_rank{from_flags(sources.flags), from_environment(sources.environment),
                file ? from_file(*file) : GivenMap{}} {}

  /// The sources of an option; the first one wins.
  std::vector<const Given*> of(const Option& option) const {
    std::vector<const Given*> found;
    for (const GivenMap& source : by_rank)
      if (const auto given = source.find(std::string(option.name)); given != source.end())
        found.push_back(&given->second);
    return found;
  }

  std::optional<std::filesystem::path> file;
  std::array<GivenMap, 3> by_rank;
};

Origin standard_of(const Option& option) { return {Origin::Kind::standard, "default", std::string(option.standard)}; }

void assign(const Option& option, const Given& given, Resolved& resolved) {
  const auto refuse = [&](const std::string& problem) {
    // A malformed address may hold a password anywhere.
    const bool is_shown = option.name != "database";
    throw ConfigError(std::string(option.name), given.origin.source, problem,
                      is_shown ? "it is \"" + shown_value(given.origin.text) + "\"" : "nexusd.conf(5) tells more");
  };
  if (given.values.empty() && (option.name == "listen" || option.name == "gates.strict_envs"))
    refuse("must not be empty");
  try {
    option.assign(resolved.config, given.values);
  } catch (const BadValue& bad) {
    refuse(bad.what());
  }
  resolved.origins[std::string(option.name)] = given.origin;
}

void set_data_dir(const std::map<std::string, std::string>& environment, Resolved& resolved) {
  auto& origin = resolved.origins["data-dir"];
  if (resolved.config.ephemeral) {
    if (origin.kind == Origin::Kind::flag)
      throw ConfigError("ephemeral", "--ephemeral", "has a directory of its own",
                        "leave out --data-dir or --ephemeral");
    resolved.config.data_dir.clear();
    origin = {Origin::Kind::flag, "--ephemeral", "a temporary directory"};
    return;
  }
  if (!resolved.config.data_dir.empty()) return;
  const auto absolute = [&](const char* name) {
    const auto found = environment.find(name);
    return found != environment.end() && found->second.starts_with('/') ? std::filesystem::path(found->second)
                                                                        : std::filesystem::path();
  };
  const auto xdg = absolute("XDG_DATA_HOME");
  const auto home = absolute("HOME");
  if (xdg.empty() && home.empty())
    throw ConfigError("data-dir", "default", "cannot be found: neither XDG_DATA_HOME nor HOME is set",
                      "give --data-dir");
  resolved.config.data_dir = (xdg.empty() ? home / ".local/share" : xdg) / "nexusd";
  origin.text = resolved.config.data_dir.string();
}

// ---- combinations of options --------------------------------------------------------------------------------------

bool is_given(const Resolved& resolved, const std::string& name) {
  return resolved.origins.at(name).kind != Origin::Kind::standard;
}

[[noreturn]] void refuse(const Resolved& resolved, const std::string& name, const std::string& problem,
                         const std::string& remedy) {
  throw ConfigError(name, resolved.origins.at(name).source, problem, remedy);
}

void check_loopback(const Resolved& resolved, const std::string& name, const Address& address) {
  require_safe_listener(resolved.config, name, resolved.origins.at(name).source, address);
}

void check_listeners(const Resolved& resolved) {
  const auto& config = resolved.config;
  if (config.port && resolved.origins.at("listen").kind == Origin::Kind::flag)
    refuse(resolved, "port", "and --listen exclude each other", "put the port into --listen");
  for (const auto& address : config.listen) {
    check_loopback(resolved, "listen", address);
    if (address.port != 0 && std::count(config.listen.begin(), config.listen.end(), address) > 1)
      refuse(resolved, "listen", "has " + address.text() + " twice", "remove one");
  }
  if (!config.metrics_listen) return;
  check_loopback(resolved, "metrics-listen", *config.metrics_listen);
  if (std::find(config.listen.begin(), config.listen.end(), *config.metrics_listen) != config.listen.end())
    refuse(resolved, "metrics-listen", "is a listener of the API too", "choose another port");
}

void check_s3(const Resolved& resolved) {
  if (resolved.config.blobs != BlobBackend::s3) return;
  for (const std::string name : {"s3-endpoint", "s3-access-key-file", "s3-secret-key-file"})
    if (!is_given(resolved, name)) refuse(resolved, "blobs", "is s3, but " + name + " is not set", "give --" + name);
}

/// The file of the data directory may also be named as what it is.
void check_file_address(Resolved& resolved) {
  auto& config = resolved.config;
  constexpr std::string_view scheme = "sqlite:";
  if (!config.database.starts_with(scheme)) return;
  const auto own = config.data_dir / "nexus.db";
  const std::filesystem::path named = config.database.substr(scheme.size());
  if (!named.empty() && (config.ephemeral || named.lexically_normal() != own))
    refuse(resolved, "database", "is a file, and the only one that nexusd opens is nexus.db in the data directory",
           "leave it out, and name the directory with --data-dir");
  config.database.clear();
}

void check_database(const Resolved& resolved) {
  const auto& config = resolved.config;
  if (!config.uses_postgres()) {
    if (is_given(resolved, "database-password-file"))
      refuse(resolved, "database-password-file", "belongs to a database of PostgreSQL", "give --database");
    if (config.require_sync)
      refuse(resolved, "store.require_sync", "is on, and a file has no standby", "name a PostgreSQL with database");
    return;
  }
  const bool has_password = holds_password(config.database);
  if (has_password && resolved.origins.at("database").kind == Origin::Kind::flag)
    refuse(resolved, "database", "holds a password, which everybody sees in the list of processes",
           "leave it out: --database-password-file, ~/.pgpass, PGPASSFILE or a service file may hold it");
  if (has_password && is_given(resolved, "database-password-file"))
    refuse(resolved, "database-password-file", "and a password in database exclude each other", "remove one");
}

void check_development(const Resolved& resolved) {
  if (resolved.config.dev) return;
  for (const std::string name : {"ephemeral", "print-env"})
    if (is_given(resolved, name)) refuse(resolved, name, "belongs to --dev", "add --dev");
}

/// What a daemon that shares its database needs beside it.
void check_shared(const Resolved& resolved) {
  const auto& config = resolved.config;
  if (config.uses_postgres() && config.blobs == BlobBackend::local && !config.dev)
    refuse(resolved, "blobs", "is local, and daemons that share a database must share the files too",
           "give --blobs s3; only --dev, with one daemon, may do without");
}

/// Throws ConfigError, for example for an unintended open listener, an incomplete set of S3 options, or flags that need
/// --dev.
void check_together(Resolved& resolved, bool database_alone) {
  check_listeners(resolved);
  if (!database_alone) check_s3(resolved);
  check_file_address(resolved);
  check_database(resolved);
  if (!database_alone) check_shared(resolved);
  check_development(resolved);
}

}  // namespace

void require_safe_listener(const Config& config, const std::string& name, const std::string& source,
                           const Address& address) {
  if (address.is_loopback()) return;
  if (config.dev)
    throw ConfigError(name, source, "is " + address.text() + ", but --dev stays on loopback", "leave out --dev");
  if (config.insecure_listen) return;
  throw ConfigError(name, source, "is " + address.text() + ", beyond loopback, where tokens would travel unencrypted",
                    "put a TLS proxy before a loopback address, or say --insecure-listen");
}

Resolved resolve(const ConfigSources& sources) {
  Resolved resolved;
  const AllGiven given(sources);
  resolved.file = given.file;
  for (const auto& option : all_options()) {
    resolved.origins[std::string(option.name)] = standard_of(option);
    if (const auto all = given.of(option); !all.empty()) assign(option, *all.front(), resolved);
  }
  set_data_dir(sources.environment, resolved);
  check_together(resolved, sources.database_alone);
  if (resolved.config.port)
    resolved.origins["listen"] = {Origin::Kind::flag, "--port", resolved.config.listen.front().text()};
  return resolved;
}

Gathered gather(const ConfigSources& sources) {
  const AllGiven given(sources);
  Gathered gathered{{}, given.file};
  for (const auto& option : all_options()) {
    auto& origins = gathered.origins[std::string(option.name)];
    for (const Given* one : given.of(option)) origins.push_back(one->origin);
    origins.push_back(standard_of(option));
  }
  return gathered;
}

std::map<std::string, std::string> config_environment(const char* const* environment) {
  std::map<std::string, std::string> found;
  for (; environment && *environment; ++environment) {
    const std::string_view line(*environment);
    const auto equals = line.find('=');
    if (equals == std::string_view::npos) continue;
    const auto name = line.substr(0, equals);
    if (name.starts_with(kPrefix) || std::ranges::find(kShared, name) != std::end(kShared))
      found.emplace(name, line.substr(equals + 1));
  }
  return found;
}

}  // namespace nexus
