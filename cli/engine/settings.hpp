// The source of every setting of a run: flag > environment > context, and for the server alone a default. A context
// that --context names is taken whole: variables that name another server, tenant or env are then ignored. `resolve` is
// a pure function of the three sources, so tests pass them by hand. It never reads a token; it only says where the
// token is.
#pragma once
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cli/engine/command.hpp"
#include "cli/engine/contexts.hpp"
#include "daemon/base/url.hpp"

namespace nexus::cli {

enum class Format { table, json, jsonl, yaml, name, tsv, csv };

/// A value and its source, in the words of a message: `--server`, `NEXUS_ADDR`, `context dev`, `default`.
struct Sourced {
  std::string value;
  std::string source;
};

/// Where the token is. A context's token is bound to the context's address: it is never sent to another server.
struct TokenPlace {
  enum class Kind { none, environment, file, context, wrong_server };
  Kind kind = Kind::none;
  std::string value;  // the token itself (environment), a path (file) or a context's name
  std::string source;
};

struct Settings {
  bool by_context_alone() const { return context_source == "--context"; }

  std::string context;         // empty: none
  std::string context_source;  // --context, NEXUS_CONTEXT or config.toml
  Sourced server;
  std::optional<Sourced> tenant;
  std::optional<Sourced> env;
  std::optional<Sourced> run;
  std::optional<Sourced> cacert;
  std::optional<std::string> proxy;
  TokenPlace token;
  std::vector<std::pair<std::string, std::string>> typed;  // options of this command line that say where it acts
  std::optional<Format> format;                            // nothing: table on a terminal, tsv in a pipe
  std::optional<std::string> field;
  std::string form;  // the option of this command line that asks for a form of the output; empty: none
  std::optional<std::string> reason;
  std::optional<std::string> idempotency_key;
  std::optional<std::chrono::milliseconds> timeout;
  bool quiet = false;
  bool verbose = false;
  bool print_curl = false;
  bool colour = true;
};

using Environment = std::function<std::optional<std::string>(const char*)>;

/// The process's environment; an empty variable counts as unset.
Environment process_environment();

/// Returns the variables among `names` that look like one of ours and are not, each as a sentence with the name that
/// was meant. Variables of other programs may begin with NEXUS_ too, so a name that is close to none of ours is
/// ignored.
std::vector<std::string> misspelt_variables(const std::vector<std::string>& names);

/// The options that every command takes.
std::vector<Parameter> global_parameters();

Settings resolve(const Values& flags, const Environment& environment, const ContextBook& book);

/// NEXUS_CONFIG_DIR, else $XDG_CONFIG_HOME/nexus, else ~/.config/nexus.
std::filesystem::path config_directory(const Environment& environment);

/// The address of a daemon, as people give it: a URL without query; slashes at its end are removed. Throws a usage
/// error naming `source`.
Url parse_address(std::string_view text, std::string_view source);

/// `500ms`, `10s`, `5m`, `12h`, `7d`; a bare number is seconds. Nothing for anything else, or more than ten years.
std::optional<std::chrono::milliseconds> find_duration(const std::string& text);
/// The same; throws a usage error naming `what`.
std::chrono::milliseconds parse_duration(const std::string& text, const std::string& what);

/// Whether `-o` accepts it.
bool is_format(std::string_view word);

/// The format asked for, found without parsing, so that even a usage error can be JSON.
bool wants_json(const std::vector<std::string>& argv, const Environment& environment);

/// How the token of the system begins.
constexpr std::string_view kSystemTokenPrefix = "nxr_";

/// Whether an argument is, or contains, a Nexus token: the system one or a JWT. Such a line is refused,
/// because `ps` shows command lines and shells keep them.
bool looks_like_token(std::string_view text);

}  // namespace nexus::cli
