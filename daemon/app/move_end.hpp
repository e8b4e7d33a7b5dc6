// One end of a move (move.hpp): the store in the file of a data directory, or in a database of PostgreSQL. It is held
// against every daemon as long as this lives, and has this program's schema.
//
// Threads: one.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "daemon/app/open_store.hpp"
#include "store/table_copy.hpp"

namespace nexus::app {

class MoveEnd {
 public:
  MoveEnd() = default;
  virtual ~MoveEnd() = default;
  MoveEnd(const MoveEnd&) = delete;
  MoveEnd& operator=(const MoveEnd&) = delete;

  /// Begins a transaction. What is not committed is undone, at the latest by the end of this object.
  virtual void begin(bool writes) = 0;
  virtual void commit() = 0;
  virtual void roll_back() noexcept = 0;
  /// Inside of a transaction, or each statement for itself.
  virtual store::Tx& tx() = 0;
  virtual std::vector<store::Table> tables() = 0;
  /// Passes the rows of a table that a move copies. Inside of a transaction.
  virtual void scan(const store::MovedTable& table, const std::function<void(store::OwnedRow)>& take) = 0;
  /// How many rows of so many columns one statement inserts.
  virtual std::size_t rows_per_statement(std::size_t columns) const = 0;
  /// Tells the engine's planner of what was written. In the writing transaction.
  virtual void tell_planner() {}
};

/// Opens the store of an installation as `serve` would: it completes a restore that was cut, and migrates, with the
/// copy before. Throws as Installation does, and SchemaError while another daemon has the database.
std::unique_ptr<MoveEnd> open_move_source(const StorePlace& place, bool copies);
/// The same for a source whose rows were copied already: as it is.
std::unique_ptr<MoveEnd> open_copied_source(const StorePlace& place);
/// Throws ConfigError for a source that an earlier move left.
[[noreturn]] void refuse_moved_source(const StorePlace& place, const std::string& moved_to);
/// Makes what is missing of a store. Throws ConfigError, and has changed nothing, where an installation is.
std::unique_ptr<MoveEnd> open_move_target(const StorePlace& place);

}  // namespace nexus::app
