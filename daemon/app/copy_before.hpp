// The copy of a store before a migration rewrites its rows: `nexus.db.before-NNNN`, where NNNN is the first migration
// that it has not seen. Only the newest copy is kept. It goes back by its name: it is a whole database.
#pragma once
#include <cstdint>
#include <filesystem>

namespace nexus::app {

/// Makes the copy if a pending migration rewrites rows; else does nothing. Returns its name; empty if none was made.
/// `free_bytes` are those of the disk. Throws std::runtime_error, one line with the remedy, when they do not suffice;
/// the store is unchanged then. Also throws SchemaError and store::Error. The caller holds the directory's lock.
std::filesystem::path copy_before_migration(const std::filesystem::path& data_dir, std::uintmax_t free_bytes);

}  // namespace nexus::app
