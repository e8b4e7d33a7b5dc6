// What a daemon says of itself: the checks of readiness, and the first lines of its log.
#pragma once
#include <string>
#include <vector>

#include "daemon/app/disk.hpp"
#include "daemon/app/installation.hpp"
#include "daemon/app/object_storage.hpp"
#include "daemon/audit/checkpoints.hpp"
#include "daemon/system/routes.hpp"

namespace nexus::app {

/// The check of a store on a server. Strangers are told neither where that is nor what it said.
system::Check server_check(const store::Database& database, const std::string& engine);

/// The lines of `/readyz?verbose`. Reads a small file. Threads: any.
std::vector<system::Check> readiness_of(Installation& installation, const Disk& disk,
                                        const audit::Checkpoints& checkpoints, ObjectStorage& storage,
                                        const Config& config);

/// What the log says of a failure of the store that ends the daemon.
const char* fatal_words(const store::Error& error);

/// Logs where it listens, what it found at its start, and what of its settings is dangerous. `inherited`: its sockets
/// were opened by the service manager.
void tell_start(const Config& config, const Installation& installation, const Disk& disk, const std::string& listening,
                bool inherited);

}  // namespace nexus::app
