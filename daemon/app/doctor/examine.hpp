// Examines an installation: configuration, data directory, disk, database, audit log, keys, objects, clock, backups and
// the service around it. It changes nothing and makes nothing, but one small object on S3, which it removes.
//
// Refused: asking a running daemon for what it knows. An operator asks when something is wrong, and then the daemon may
// not answer. So all is read from files and /proc, and the daemon itself runs the same code.
#pragma once
#include <filesystem>
#include <functional>

#include "daemon/app/doctor/finding.hpp"
#include "daemon/config/config.hpp"

namespace nexus::app::doctor {

/// What only a running daemon knows of itself.
struct Within {
  std::filesystem::path data_dir;       // also that of --ephemeral
  bool is_damaged = false;              // SQLite met a damaged page since the start
  bool lost_its_log = false;            // the start found the database in use, and no log
  std::function<bool()> stopping = {};  // ends an examination early
};

struct Terms {
  bool deep = false;               // compares every object with its digest; else a sample
  const Within* within = nullptr;  // set where the daemon examines itself
};

/// What `nexusd check` prints: whether a start succeeds, and whether what is on record is there.
Findings check_installation(const Config& config);

/// All findings. Threads: any, one at a time; blocks for as long as it takes to read the database (not within a daemon,
/// which reads its heads alone) and the objects of a sample.
Findings examine(const Config& config, const Terms& terms);

}  // namespace nexus::app::doctor
