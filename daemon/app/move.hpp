// `nexusd migrate --from … --to …`: an installation's store goes from the file of a data directory to a database of
// PostgreSQL, or back. Nobody uses either meanwhile. Instance id, epoch and keys stay, so receipts, checkpoints,
// cursors and tokens go on being valid.
//
// All rows go into one transaction of the target (store/tables.hpp says which). There the sums of each table are
// compared with those of what was read, and every chain, note and checkpoint is verified, before it commits. Then the
// old store notes where the new one is, and is refused from then on (moved_store.hpp). Whatever breaks off before that
// COMMIT leaves the target without an installation and the source as it was; after it, the same command completes the
// move.
//
// Refused: to copy under a daemon and to follow its changes. A store of a million rows takes a minute.
#pragma once
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "daemon/app/open_store.hpp"
#include "daemon/base/json.hpp"
#include "store/table_copy.hpp"

namespace nexus::app {

struct MoveOptions {
  StorePlace from, to;         // one is a file, the other is not
  Config config = {};          // where the objects are to be after the move
  bool objects_moved = false;  // they were copied there by the operator
  /// Takes a line about what is being done now.
  std::function<void(const std::string&)> progress = [](const std::string&) {};
  /// Called after each step of the transaction: the name of a table, then `cards`, `verified` and `committed`.
  std::function<void(std::string_view)> on_step = [](std::string_view) {};
  bool commits_each_table = false;  // the control of the test: rows stay where it breaks off
};

struct MoveReport {
  std::string from, to;  // for people
  std::string instance_id;
  bool completed_earlier = false;  // an earlier move had copied all, and only its last step was missing
  struct Copied {
    std::string table;
    store::RowSum sum;
  };
  std::vector<Copied> tables = {};
  std::int64_t rows = 0, cards = 0, chains = 0, audit_rows = 0, checkpoints = 0;
  std::vector<store::Replaced> replaced = {};
  double copy_seconds = 0, verify_seconds = 0, seconds = 0;  // with those of cards; in all
  std::vector<std::string> keys = {};                        // the files that the daemon needs beside the store
  bool files_stay = false;  // objects are on record, and are files that the data directory of the target lacks
};

/// Throws ConfigError for ends that must not be moved, std::runtime_error for what does not verify, and what opening
/// and the statements throw: one line for the operator each.
MoveReport move_store(const MoveOptions& options);

std::vector<std::string> lines_of(const MoveReport& report);
Json json_of(const MoveReport& report);

}  // namespace nexus::app
