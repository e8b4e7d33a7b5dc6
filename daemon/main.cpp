// nexusd's command line: commands and flags to a Config; everything else is daemon/app's.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <csignal>
#include <cstdio>
#include <exception>
#include <iostream>
#include <string>
#include <vector>

#include "daemon/app/backup_commands.hpp"
#include "daemon/app/commands.hpp"
#include "daemon/app/process.hpp"
#include "daemon/base/build_info.hpp"
#include "daemon/base/escape.hpp"
#include "daemon/base/file.hpp"
#include "daemon/base/nearest.hpp"
#include "daemon/config/explain.hpp"

extern char** environ;  // NOLINT: POSIX has no header for it

namespace {

using namespace nexus;

constexpr int kUsage = 2;

struct CommandLine {
  CLI::App app{"nexusd: the Nexus control-plane daemon. Without a command it serves.", "nexusd"};
  std::string config_file;
  std::map<std::string, std::vector<std::string>> values;
  std::map<std::string, bool> switches;
  CLI::App* serve = nullptr;
  CLI::App* migrate = nullptr;
  CLI::App* prepare_database = nullptr;
  CLI::App* check = nullptr;
  CLI::App* doctor = nullptr;
  CLI::App* rotate_root = nullptr;
  CLI::App* rotate_signing = nullptr;
  CLI::App* list_signing = nullptr;
  CLI::App* rotate_checkpoint = nullptr;
  CLI::App* replace_lost = nullptr;
  CLI::App* config_explain = nullptr;
  CLI::App* config_env = nullptr;
  CLI::App* routes = nullptr;
  CLI::App* backup_create = nullptr;
  CLI::App* backup_verify = nullptr;
  CLI::App* backup_restore = nullptr;
  std::string role, retire, confirm, key, output = "text";
  app::BackupRequest backup;
  bool objects_referenced = false, deep = false;
  std::vector<std::string> backup_files;
  app::RestoreRequest restore;
  app::MoveRequest move;

  bool moves() const { return migrate->parsed() && !(move.from.empty() && move.to.empty()); }
};

void add_options(CommandLine& line) {
  line.app.add_option("--config", line.config_file, "Configuration file (TOML)");
  for (const auto& option : all_options()) {
    if (!option.has_flag()) continue;
    std::string doc(option.doc);
    if (!option.standard.empty()) doc.append(" [").append(option.standard).append("]");
    const std::string name(option.name);
    if (option.value.empty()) {
      line.app.add_flag(option.flag(), line.switches[name], doc);
    } else {
      auto* added = line.app.add_option(option.flag(), line.values[name], doc)->type_name(std::string(option.value));
      if (!option.many)
        added->expected(1)->allow_extra_args(false)->multi_option_policy(CLI::MultiOptionPolicy::Throw);
      else
        added->expected(1, -1)->allow_extra_args(false);
    }
  }
}

void add_migrate_command(CommandLine& line) {
  line.migrate = line.app.add_subcommand("migrate", "Bring the database to this version's schema, then end");
  line.migrate->add_option("--from", line.move.from, "Move the store: out of this data directory, or of this database")
      ->type_name("END");
  line.migrate->add_option("--to", line.move.to, "into this one: a directory, or postgresql://HOST/NAME")
      ->type_name("END");
  line.migrate->add_flag("--objects-moved", line.move.objects_moved,
                         "The files were copied to where the options say that they are");
  line.migrate->add_option("-o,--output", line.output, "How the result of a move is printed")
      ->type_name("FORM")
      ->check(CLI::IsMember({"text", "json"}));
}

CLI::App* add_backup_commands(CommandLine& line) {
  auto* backup = line.app.add_subcommand("backup", "Make backups of the installation, prove them, and restore one");
  backup->require_subcommand(1);
  auto* create = line.backup_create =
      backup->add_subcommand("create", "Make a backup: of a running daemon by asking it, else of its files");
  create->add_option("TARGET", line.backup.target, "A directory, which gets a new file; a new file; or - for stdout")
      ->required();
  create->add_flag("--objects-referenced", line.objects_referenced,
                   "Leave the objects where they are, and name the place");
  create->add_flag("--with-keys", line.backup.with_keys, "Add the files of keys/, encrypted by age");
  create->add_option("--recipient", line.backup.recipients, "Who may decrypt the keys: age1…, or an SSH public key")
      ->type_name("AGE")
      ->expected(1, -1)
      ->allow_extra_args(false);
  create->add_flag("--verify", line.backup.verify, "Prove it at once, as `backup verify` does");
  create->add_option("--keep", line.backup.keep, "Prove it, then keep so many backups of the directory, the newest")
      ->type_name("COUNT")
      ->check(CLI::Range(1, 10000));
  auto* verify = line.backup_verify =
      backup->add_subcommand("verify", "Prove backups: every page, every audit chain, the digest of every object");
  verify->add_option("FILE", line.backup_files, "A backup; - for standard input")->required();
  auto* restore = line.backup_restore =
      backup->add_subcommand("restore", "Verify a backup and put it in the place of the data directory's store");
  restore->add_option("FILE", line.restore.file, "A backup; - for standard input")->required();
  restore->add_flag("--plan", line.restore.plan, "Change nothing; tell what would be lost and taken over");
  restore->add_flag("--as-it-was", line.restore.as_it_was,
                    "Take over nothing that was revoked since, and block nothing");
  restore->add_flag("--without-living", line.restore.without_living,
                    "Count a living store that cannot be read as none");
  restore->add_option("--keys", line.restore.keys, "A directory with the key files")->type_name("DIR");
  restore->add_option("--identity", line.restore.identity, "Who decrypts the keys of the backup, as age -i takes it")
      ->type_name("FILE");
  restore->add_option("-o,--output", line.output, "How the report is printed")->check(CLI::IsMember({"text", "json"}));
  for (auto* command : {backup, create, verify, restore}) command->fallthrough();
  return backup;
}

void add_database_command(CommandLine& line) {
  auto* database = line.app.add_subcommand("database", "Prepare a database of PostgreSQL for daemons");
  database->require_subcommand(1);
  auto* prepare = line.prepare_database = database->add_subcommand(
      "prepare", "As its owner: bring it to this version's schema, and let a role serve with it");
  prepare->add_option("--role", line.role, "The role of the daemons: it cannot change or delete audit rows")
      ->type_name("NAME")
      ->required();
  for (auto* command : {database, prepare}) command->fallthrough();
}

void add_commands(CommandLine& line) {
  line.app.set_version_flag("--version", "nexusd " NEXUS_VERSION,
                            "Show the version; with -o json behind it, all about the build");
  line.app.fallthrough();
  line.app.require_subcommand(0, 1);
  line.serve = line.app.add_subcommand("serve", "Serve (the default)");
  add_migrate_command(line);
  line.check = line.app.add_subcommand("check", "Look at configuration, files, database and audit heads, then end");
  line.doctor = line.app.add_subcommand("doctor", "Find what is wrong with an installation, and what mends it");
  line.doctor->add_flag("--deep", line.deep, "Compare every stored file with its digest, not a sample alone");
  line.doctor->add_option("-o,--output", line.output, "Form of the findings: text or json")
      ->type_name("FORM")
      ->check(CLI::IsMember({"text", "json"}));
  auto* token = line.app.add_subcommand("token", "Change the secrets behind tokens, or list them");
  token->require_subcommand(1);
  line.rotate_root = token->add_subcommand("rotate-root", "Write a new system token to root.token");
  line.rotate_signing = token->add_subcommand("rotate-signing", "Make a new key for signing tokens");
  line.rotate_signing->add_option("--retire", line.retire, "Also remove this key: its tokens end at once")
      ->type_name("KID");
  line.list_signing = token->add_subcommand("keys", "List the keys that sign tokens, oldest first");
  auto* key = line.app.add_subcommand("key", "Change the keys of the audit log, while no daemon runs");
  key->require_subcommand(1);
  line.rotate_checkpoint = key->add_subcommand("rotate-checkpoint", "Make a new key for signing checkpoints");
  line.replace_lost = key->add_subcommand("replace-lost", "Make new keys in the place of lost ones, for good");
  line.replace_lost->add_option("--confirm", line.confirm, "The id of the installation")
      ->type_name("INSTANCE_ID")
      ->required();
  auto* config = line.app.add_subcommand("config", "Tell what configures a start with these flags and variables");
  config->require_subcommand(1);
  line.config_explain = config->add_subcommand("explain", "Tell each value, where it comes from and what it beat");
  line.config_explain->add_option("KEY", line.key, "One option: its name, its key in the file, or its variable");
  line.config_env = config->add_subcommand("env", "Tell each variable that is read, its state and its meaning");
  add_backup_commands(line);
  add_database_command(line);
  line.routes = line.app.add_subcommand("routes", "List what the daemon answers: method, path, role, action, gates");
  line.routes->add_option("-o,--output", line.output, "text, or json, which has the limits too")
      ->check(CLI::IsMember({"text", "json"}));
  for (auto* command : {line.serve, line.migrate, line.check, line.doctor, token, line.rotate_root, line.rotate_signing,
                        line.list_signing, key, line.rotate_checkpoint, line.replace_lost, config, line.config_explain,
                        line.config_env, line.routes})
    command->fallthrough();
}

ConfigSources sources_of(const CommandLine& line) {
  ConfigSources sources;
  for (const auto& [name, given] : line.values)
    for (const auto& value : given) sources.flags.emplace(name, value);
  for (const auto& [name, given] : line.switches)
    if (given) sources.flags.emplace(name, "true");
  sources.environment = config_environment(environ);
  if (!line.config_file.empty()) sources.file = line.config_file;
  return sources;
}

/// The command that was named, as far as it was understood; without one, nexusd itself.
const CLI::App& named_command(const CLI::App& app) {
  const auto parsed = app.get_subcommands();
  return parsed.empty() ? app : named_command(*parsed.back());
}

/// The commands right below, and by their whole path those below these.
std::vector<std::string> command_names(const CLI::App& app) {
  std::vector<std::string> names;
  const auto commands = app.get_subcommands({});
  for (const auto* command : commands) names.push_back(command->get_name());
  for (const auto* command : commands)
    for (const auto* below : command->get_subcommands({}))
      names.push_back(command->get_name() + " " + below->get_name());
  return names;
}

/// The names below the path that are near to the word: `rotate-root` is the end of `token rotate-root`.
std::vector<std::string> near_commands(const std::string& word, const std::vector<std::string>& names) {
  std::vector<std::string> ends;
  for (const auto& name : names) ends.push_back(name.substr(name.find(' ') + 1));
  const auto near = all_nearest(word, ends);
  std::vector<std::string> found;
  for (std::size_t i = 0; i < names.size(); ++i)
    if (std::ranges::find(near, ends[i]) != near.end()) found.push_back(names[i]);
  return found;
}

/// What is wrong with a line that is not understood: the first unknown word, and the known ones that it is near to; or
/// that a command is missing.
std::string misunderstanding(const CLI::App& app) {
  const CLI::App& command = named_command(app);
  const std::vector<std::string> words = app.remaining(true);
  if (words.empty()) return command.get_name() + " wants a command: " + either_of(command_names(command));
  const std::string word = words.front().substr(0, words.front().find('='));
  const bool is_option = word.starts_with('-');
  std::vector<std::string> options;
  for (const auto* option : app.get_options()) options.push_back(option->get_name());
  if (&command != &app)
    for (const auto* option : command.get_options()) options.push_back(option->get_name());
  const auto near = is_option ? all_nearest(word, options) : near_commands(word, command_names(command));
  return (is_option ? "there is no option " : "there is no command ") + word +
         (near.empty() ? "" : "; did you mean " + either_of(near) + "?");
}

/// `nexusd token --help`.
std::string help_line(const CLI::App& app) {
  std::string path = app.get_name();
  for (const CLI::App* at = &app; !at->get_subcommands().empty();) {
    at = at->get_subcommands().back();
    path += " " + at->get_name();
  }
  return path + " --help";
}

int run(const CommandLine& line) {
  ConfigSources sources = line.moves() ? app::move_sources(line.move, sources_of(line)) : sources_of(line);
  if (line.config_explain->parsed())
    return app::tell(explain_config(sources, line.key.empty() ? std::nullopt : std::optional(line.key)));
  if (line.config_env->parsed()) return app::tell(explain_environment(sources));
  sources.database_alone = line.prepare_database->parsed();
  const Resolved resolved = resolve(sources);
  const Config& config = resolved.config;
  if (line.prepare_database->parsed()) return app::prepare_database(config, line.role);
  if (line.check->parsed()) return app::check(config);
  if (line.backup_create->parsed()) {
    app::BackupRequest request = line.backup;
    request.objects = !line.objects_referenced;
    return app::create_backup(config, request);
  }
  if (line.backup_verify->parsed()) return app::verify_backups(config, line.backup_files);
  if (line.backup_restore->parsed()) {
    app::RestoreRequest request = line.restore;
    request.json = line.output == "json";
    return app::restore_from_backup(config, request);
  }
  if (line.routes->parsed()) return app::list_routes(config, line.output == "json");
  if (line.doctor->parsed()) return app::examine(config, line.deep, line.output == "json");
  if (line.moves()) {
    app::MoveRequest request = line.move;
    request.json = line.output == "json";
    return app::move_between(config, request);
  }
  if (line.migrate->parsed()) return app::migrate(config);
  if (line.rotate_root->parsed()) return app::rotate_root(config);
  if (line.rotate_signing->parsed())
    return app::rotate_signing(config, line.retire.empty() ? std::nullopt : std::optional(line.retire));
  if (line.list_signing->parsed()) return app::list_signing_keys(config);
  if (line.rotate_checkpoint->parsed()) return app::rotate_checkpoint(config);
  if (line.replace_lost->parsed()) return app::replace_lost(config, line.confirm);
  const int code = app::serve(sources, resolved);
  std::clearerr(stdout);  // who read the lines of --print-env may have gone
  return code;
}

int not_understood(const CLI::App& app, const std::string& what) {
  std::fprintf(stderr, "nexusd: %s\ntry: %s\n", what.c_str(), help_line(app).c_str());
  return kUsage;
}

/// `--version` in the form of programs: with `-o json` behind it.
bool asks_build_info(const std::vector<std::string>& words) {
  return words == std::vector<std::string>{"--version", "-o", "json"} ||
         words == std::vector<std::string>{"--version", "--output", "json"};
}

/// Parses the command line and runs its command; returns the exit code.
int run_line(int argc, char** argv) {
  if (asks_build_info({argv + std::min(argc, 1), argv + argc})) {
    std::puts(build_info_json("nexusd", kBuildInfo).c_str());
    return 0;
  }
  CommandLine line;
  add_options(line);
  add_commands(line);
  try {
    line.app.parse(argc, argv);
  } catch (const CLI::CallForHelp& help) {
    return line.app.exit(help);
  } catch (const CLI::CallForVersion& version) {
    return line.app.exit(version);
  } catch (const CLI::ExtrasError&) {
    return not_understood(line.app, misunderstanding(line.app));
  } catch (const CLI::RequiredError& error) {
    const bool wants_command = !named_command(line.app).get_subcommands({}).empty();
    return not_understood(line.app, wants_command ? misunderstanding(line.app) : error.what());
  } catch (const CLI::ParseError& error) {
    return not_understood(line.app, error.what());
  }
  try {
    return run(line);
  } catch (const ConfigError& error) {
    std::fprintf(stderr, "nexusd: %s\n", escape_controls(error.what()).c_str());
    return kUsage;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "nexusd: %s\n", escape_controls(error.what()).c_str());
    return 1;
  }
}

/// What was said may still be in a buffer, and the disk full.
bool all_is_written() {
  std::cout.flush();
  return std::fflush(stdout) == 0 && std::ferror(stdout) == 0 && std::cout.good();
}

}  // namespace

int main(int argc, char** argv) {
  occupy_standard_descriptors();
  // TLS towards S3 writes without MSG_NOSIGNAL: a socket that closes is an error, not a death.
  ::signal(SIGPIPE, SIG_IGN);
  app::hold_hangups();
  const int code = run_line(argc, argv);
  if (all_is_written()) return code;
  std::fprintf(stderr, "nexusd: standard output cannot be written\n");
  return code == 0 ? 1 : code;
}
