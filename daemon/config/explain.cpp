#include "daemon/config/explain.hpp"

#include <algorithm>
#include <vector>

#include "daemon/base/columns.hpp"
#include "daemon/base/nearest.hpp"
#include "daemon/config/reload.hpp"
#include "daemon/config/shown.hpp"

namespace nexus {
namespace {

/// An option, the source that decided it, and those that it beat.
struct Decided {
  const Option* option;
  Origin winner;
  std::vector<Origin> beaten;
};

struct Explained {
  std::vector<Decided> options;
  std::optional<std::filesystem::path> file;
  std::string fault;
};

/// What wins where the configuration is faulty is what would be judged first.
Explained explained(const ConfigSources& sources) {
  const Gathered gathered = gather(sources);
  Explained all{{}, gathered.file, {}};
  std::map<std::string, Origin> winners;
  try {
    winners = resolve(sources).origins;
  } catch (const ConfigError& error) {
    all.fault = error.what();
  }
  for (const Option& option : all_options()) {
    const auto& origins = gathered.origins.at(std::string(option.name));
    const auto found = winners.find(std::string(option.name));
    Decided decided{&option, found == winners.end() ? origins.front() : found->second, {}};
    for (const Origin& origin : origins)
      if (origin.source != decided.winner.source) decided.beaten.push_back(origin);
    all.options.push_back(std::move(decided));
  }
  return all;
}

std::string shown(const std::string& text) { return text.empty() ? "(none)" : shown_value(text); }

std::string with_value(const Origin& origin) {
  return shown_value(origin.source) + (origin.text.empty() ? " (none)" : " (" + shown(origin.text) + ")");
}

std::string file_line(const Explained& all, const ConfigSources& sources) {
  if (all.file) return "configuration file: " + shown_value(all.file->string()) + "\n";
  return "configuration file: none; " + sources.standard_file.string() + " would be read, if it were there" +
         (sources.flags.contains("dev") ? " and --dev were not given" : "") + "\n";
}

std::string text_of_all(const Explained& all) {
  std::vector<std::vector<std::string>> rows;
  for (const Decided& decided : all.options) {
    std::string from = shown_value(decided.winner.source);
    for (const Origin& beaten : decided.beaten)
      from.append(&beaten == &decided.beaten.front() ? ", not " : ", ").append(with_value(beaten));
    rows.push_back({decided.option->key(), shown(decided.winner.text), std::move(from)});
  }
  return in_columns(rows);
}

std::string text_of_one(const Decided& decided) {
  const Option& option = *decided.option;
  const std::string value = option.value.empty() ? std::string() : " " + std::string(option.value);
  std::vector<std::vector<std::string>> rows = {{option.key(), shown(decided.winner.text)},
                                                {"from", shown_value(decided.winner.source)}};
  for (const Origin& beaten : decided.beaten) rows.push_back({"not from", with_value(beaten)});
  rows.push_back({"meaning", std::string(option.doc)});
  rows.push_back({"takes effect", is_taken_live(option) ? "at SIGHUP" : "at the next start"});
  if (option.has_flag()) rows.push_back({"flag", option.flag() + value});
  if (option.reach != OptionReach::command_line) rows.push_back({"variable", option.variable()});
  if (option.reach != OptionReach::command_line)
    rows.push_back({"in the file", option.name == "blobs" ? "blobs or blobs.backend" : option.key()});
  return in_columns(rows);
}

bool is_named(const Option& option, const std::string& key) {
  const bool is_set_there = option.reach != OptionReach::command_line;
  return key == option.name || key == option.key() || (is_set_there && key == option.variable()) ||
         (option.name == "blobs" && key == "blobs.backend");
}

[[noreturn]] void refuse_key(const std::string& key) {
  std::vector<std::string> names;
  for (const Option& option : all_options()) names.push_back(option.key());
  const auto near = nearest(key, names);
  throw ConfigError(key, key, "is no option of nexusd",
                    near ? "did you mean " + *near + "?" : "nexusd config explain lists all of them");
}

/// A variable that no option has.
struct Variable {
  const char* name;
  const char* doc;
};
constexpr Variable kOthers[] = {
    {"NEXUSD_CONFIG", "the configuration file, unless --config names one"},
    {"XDG_DATA_HOME", "where data_dir is by default: $XDG_DATA_HOME/nexusd"},
    {"HOME", "where data_dir is without XDG_DATA_HOME: $HOME/.local/share/nexusd"},
    {"SSL_CERT_FILE", "certificates to trust instead of the system's, for the S3 server"},
    {"SSL_CERT_DIR", "a directory of such certificates"},
    {"PGPASSFILE", "passwords for PostgreSQL, instead of ~/.pgpass; its library reads its other variables too"},
    {"PGSERVICEFILE", "what service=NAME stands for in database, instead of ~/.pg_service.conf"},
};

std::string value_of(const ConfigSources& sources, const std::string& name) {
  const auto found = sources.environment.find(name);
  return found == sources.environment.end() ? "(not set)" : shown(found->second);
}

std::string state_of(const ConfigSources& sources, const Decided& decided) {
  const std::string name = decided.option->variable();
  const std::string value = value_of(sources, name);
  const bool is_beaten = sources.environment.contains(name) && decided.winner.source != name;
  return is_beaten ? value + ", beaten by " + decided.winner.source : value;
}

}  // namespace

ConfigText explain_config(const ConfigSources& sources, const std::optional<std::string>& key) {
  const Explained all = explained(sources);
  if (!key) return {file_line(all, sources) + text_of_all(all), all.fault};
  const auto found =
      std::ranges::find_if(all.options, [&](const Decided& decided) { return is_named(*decided.option, *key); });
  if (found == all.options.end()) refuse_key(*key);
  return {text_of_one(*found), all.fault};
}

ConfigText explain_environment(const ConfigSources& sources) {
  const Explained all = explained(sources);
  std::vector<std::vector<std::string>> rows;
  for (const Decided& decided : all.options)
    if (decided.option->reach != OptionReach::command_line)
      rows.push_back({decided.option->variable(), state_of(sources, decided), std::string(decided.option->doc)});
  for (const Variable& other : kOthers) rows.push_back({other.name, value_of(sources, other.name), other.doc});
  return {in_columns(rows), all.fault};
}

}  // namespace nexus
