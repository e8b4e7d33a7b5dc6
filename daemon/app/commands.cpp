#include "daemon/app/commands.hpp"

#include <cstdio>

#include "daemon/app/installation.hpp"
#include "daemon/app/keys.hpp"
#include "daemon/app/restore.hpp"
#include "daemon/app/serve.hpp"
#include "daemon/base/columns.hpp"
#include "daemon/base/escape.hpp"
#include "daemon/base/route_list.hpp"
#include "daemon/config/resolve.hpp"
#include "daemon/config/shown.hpp"
#include "daemon/guard/keyring.hpp"

namespace nexus::app {
namespace {

InstallationOptions existing(const Config& config, StoreUse use = StoreUse::beside) {
  InstallationOptions options = InstallationOptions::of(config);
  options.may_found = false;
  options.use = use;
  return options;
}

/// Keys are files of one machine, and the daemons of a database accept each other's tokens.
void tell_others(const Config& config, const std::string& what, const std::string& then) {
  if (config.uses_postgres())
    std::printf("each daemon that serves from %s needs %s in its own data directory%s\n",
                shown_value(config.database).c_str(), what.c_str(), then.c_str());
}

/// Prints how to make a running daemon load the change.
void tell_hangup(const store::DirectoryInUse& busy) {
  std::printf("nexusd (pid %s) runs and takes it when it is told to: kill -HUP %s\n", busy.pid.c_str(),
              busy.pid.c_str());
}

}  // namespace

int tell(const ConfigText& told) {
  std::printf("%s", told.text.c_str());
  if (told.fault.empty()) return 0;
  std::fflush(stdout);
  std::fprintf(stderr, "nexusd: with this it does not start: %s\n", escape_controls(told.fault).c_str());
  return 2;
}

int list_routes(const Config& config, bool as_json) {
  const std::vector<Json> routes = routes_of(parse_own_json(openapi_document(config)));
  if (as_json) {
    std::puts(Json{{"items", routes}, {"next_cursor", nullptr}}.dump(2).c_str());
    return 0;
  }
  std::vector<std::vector<std::string>> rows = {{"METHOD", "PATH", "ROLE", "ACTION", "GATES"}};
  for (const Json& route : routes) {
    std::string gates;
    for (const Json& gate : route.at("gates")) gates.append(gates.empty() ? "" : ",").append(gate.get<std::string>());
    const Json& action = route.at("action");
    rows.push_back({route.at("method"), route.at("path"), route.at("role"),
                    action.is_null() ? "-" : action.get<std::string>(), gates.empty() ? "-" : gates});
  }
  std::printf("%s", in_columns(rows).c_str());
  return 0;
}

int migrate(const Config& config) {
  const Installation installation(InstallationOptions::of(config));
  std::printf("schema version %d (was %d)\n", installation.store().schema_after, installation.store().schema_before);
  return 0;
}

int move_between(const Config& config, const MoveRequest& request) {
  MoveOptions options = move_options(config, request);
  options.progress = [](const std::string& line) { std::fprintf(stderr, "%s\n", escape_controls(line).c_str()); };
  const MoveReport report = move_store(options);
  if (request.json) std::printf("%s\n", to_text(json_of(report)).c_str());
  if (!request.json)
    for (const auto& line : lines_of(report)) std::printf("%s\n", line.c_str());
  return 0;
}

int prepare_database(const Config& config, const std::string& role) {
  if (!config.uses_postgres())
    throw ConfigError("database", "configuration", "names no server", "give --database postgresql://…");
  const store::MigrationReport report = prepare_server_store(store_place(config, {}), role);
  std::printf("schema version %d (was %d); %s may serve with it, and can neither change nor delete an audit row\n",
              report.version_after, report.version_before, role.c_str());
  return 0;
}

int rotate_root(const Config& config) {
  try {
    Installation installation(existing(config));
    write_next_root(config.data_dir);
    installation.take_next_root();
    std::printf("wrote a new system token to %s; the old one is refused from now on\n",
                installation.directory().root_token().c_str());
  } catch (const store::DirectoryInUse& busy) {
    write_next_root(config.data_dir);
    std::printf("wrote a new system token, which will stand in root.token; until then the old one is good\n");
    tell_hangup(busy);
  }
  return 0;
}

int rotate_signing(const Config& config, const std::optional<std::string>& retire) {
  const auto rotate = [&] {
    const std::string kid = Keyring::rotate(config.data_dir / "keys", retire);
    std::printf("new signing key %s\n", kid.c_str());
    const std::string remove = retire ? ", remove keys/jwt-" + *retire + ".key" : "";
    tell_others(config, "keys/jwt-" + kid + ".key", ": copy it there" + remove + ", and send each SIGHUP");
  };
  try {
    Installation installation(existing(config));
    rotate();
  } catch (const store::DirectoryInUse& busy) {
    rotate();
    tell_hangup(busy);
  }
  return 0;
}

int list_signing_keys(const Config& config) {
  require_installation(store_place(config, config.data_dir));
  const auto kids = Keyring::kids(config.data_dir / "keys");
  const char* newest = config.uses_postgres() ? "  signs new tokens once all daemons have it" : "  signs new tokens";
  for (const auto& kid : kids) std::printf("%s%s\n", kid.c_str(), kid == kids.back() ? newest : "");
  if (kids.empty()) std::printf("no signing key is there\n");
  tell_others(config, "the same files keys/jwt-KID.key", "");
  if (!config.jwt_secret_file.empty())
    std::printf("and the one shared with another issuer: %s\n", config.jwt_secret_file.c_str());
  return kids.empty() ? 1 : 0;
}

int rotate_checkpoint(const Config& config) {
  Installation installation(existing(config, StoreUse::alone));
  const auto place = key_place(config, installation.directory().path(), installation.instance_id());
  const auto key = succeed_checkpoint_key(installation, place);
  std::printf("checkpoints are signed by %s from now on; tell those who verify them\n", key.text().c_str());
  return 0;
}

int replace_lost(const Config& config, const std::string& confirm) {
  Installation installation(existing(config, StoreUse::alone));
  if (confirm != installation.instance_id())
    throw ConfigError("confirm", "--confirm", "is not the id of this installation",
                      "look which one you mean; this is " + installation.instance_id());
  const auto place = key_place(config, installation.directory().path(), installation.instance_id());
  const auto made = replace_lost_keys(installation, place);
  if (made.empty()) {
    std::printf("no key is lost: nothing was changed\n");
    return 1;
  }
  for (const auto& key : made) std::printf("made anew: %s\n", key.c_str());
  std::printf("a row in every audit chain says so\n");
  return 0;
}

int restore_backup(RestoreSite& site, const Config& config, const backup::Manifest& manifest,
                   const RestoreOptions& options, bool as_json) {
  const RestoreReport report = restore(site, config, manifest, options);
  if (as_json) std::printf("%s\n", report.json.dump(2).c_str());
  if (!as_json)
    for (const auto& line : report.lines) std::printf("%s\n", line.c_str());
  return 0;
}

}  // namespace nexus::app
