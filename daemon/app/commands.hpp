// The commands of nexusd. Each returns the process's exit code. Messages of exceptions are one line for the operator.
#pragma once
#include <optional>
#include <string>

#include "daemon/app/move_request.hpp"
#include "daemon/config/explain.hpp"

namespace nexus::app {

/// Serves until a signal ends it. SIGHUP has `sources` read again, of which `start` was made. Throws ConfigError for a
/// socket that it inherited and must not use.
int serve(const ConfigSources& sources, const Resolved& start);

/// Examines an installation without serving or changing it. Prints one line per finding on stdout: what is well, what
/// is not, and what could not be compared. Returns 0 when everything that was compared is well, else 1.
int check(const Config& config);

/// `nexusd doctor`: prints every finding, as text or as one JSON object, each with what mends it. Changes nothing.
/// `deep` compares every stored file with its digest. Returns 1 if there is a warning or an error, else 0.
int examine(const Config& config, bool deep, bool json);

/// Prints what `nexusd config` tells. Returns 0; 2, with the fault on stderr, where the daemon does not start with it.
int tell(const ConfigText& told);

/// Prints what the daemon answers, to whom, through which gates and within which limits: a table, or with `as_json` the
/// same JSON as `nexusctl routes`.
int list_routes(const Config& config, bool as_json);

// The others change an installation, print what they did, and end. Except where noted, they need an existing one.

/// Also makes a missing installation, as the first start would.
int migrate(const Config& config);

/// `nexusd migrate --from … --to …` (move.hpp): tells progress on stderr, the result on stdout.
int move_between(const Config& config, const MoveRequest& request);

/// Brings a database of PostgreSQL to this version's schema, as its owner, and grants `role` what serving takes and no
/// more. It looks at no data directory.
int prepare_database(const Config& config, const std::string& role);

/// These three may run beside a daemon, which loads their changes at SIGHUP.
int rotate_root(const Config& config);
int rotate_signing(const Config& config, const std::optional<std::string>& retire);
int list_signing_keys(const Config& config);

int rotate_checkpoint(const Config& config);
/// `confirm` must be the installation's id.
int replace_lost(const Config& config, const std::string& confirm);

}  // namespace nexus::app
