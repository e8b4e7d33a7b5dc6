// The probes of an examination. Each adds its findings, and changes nothing. What one throws, its caller reports.
#pragma once
#include <sys/types.h>

#include <optional>

#include "daemon/app/doctor/examine.hpp"
#include "daemon/app/doctor/holders.hpp"
#include "daemon/app/keys.hpp"
#include "store/daemons.hpp"
#include "store/postgres/server_standing.hpp"

namespace nexus::app::doctor {

// ---- directory.cpp: the files themselves
// -----------------------------------------------------------------------------

/// Returns false, with a finding, where no installation is.
bool probe_parts(const std::filesystem::path& data_dir, Findings& findings);
/// The same where the store is on a server.
bool probe_parts_without_store(const std::filesystem::path& data_dir, Findings& findings);
/// Owners and modes, as a start demands them. Returns false where the directory is another user's: a reader of the
/// database may leave files of its own there, which stop the next start.
bool probe_owners_and_modes(const std::filesystem::path& data_dir, Findings& findings);
/// Who holds the locks, and whether that process has the store's file open that stands there now.
void probe_use(const Use& use, const StorePlace& place, Findings& findings);
/// Asks the daemon that uses the directory for a sign of life, with a time limit.
void probe_answer(const Use& use, Findings& findings);
/// Descriptors of the process that serves; of this one, if none does.
void probe_descriptors(const Use& use, Findings& findings);

// ---- disk.cpp
// --------------------------------------------------------------------------------------------------------

/// Judges free bytes of the disk against audit.reserve. Apart from probe_disk, so that any disk can be judged.
void judge_free_space(std::uint64_t free_bytes, std::uint64_t reserve_bytes, const std::filesystem::path& data_dir,
                      Findings& findings);
void probe_disk(const Config& config, const std::filesystem::path& data_dir, Findings& findings);
void probe_log_size(const std::filesystem::path& data_dir, Findings& findings);

// ---- database.cpp
// ----------------------------------------------------------------------------------------------------

/// How the database is read, and what was beside it before.
struct Reading {
  const Config& config;
  std::filesystem::path data_dir;
  const Within* within = nullptr;
  bool in_use = false;
  bool had_log = false;  // before it was opened
};
/// Whether nexus.db-wal is a log of this nexus.db. For a database that no daemon uses.
void probe_foreign_log(const std::filesystem::path& database, Findings& findings);
/// Reads every page; within a daemon, tells what it met.
void probe_soundness(const Reading& reading, store::Connection& connection, Findings& findings);
void probe_lost_log(const Reading& reading, const store::Reader& reader, Findings& findings);
/// Whether it was moved, and every start is refused (moved_store.hpp). Tells nothing of a store that was not.
void probe_moved(const store::Reader& reader, Findings& findings);
/// Both return whether all tables of this version are there. The first is of a file.
bool probe_schema(const store::Reader& reader, Findings& findings);
bool probe_server_schema(const store::Reader& reader, Findings& findings);

// ---- server.cpp
// ------------------------------------------------------------------------------------------------------

/// These three stand apart from probe_server, so that any server can be judged.
void judge_standing(const store::ServerStanding& standing, bool require_sync, Findings& findings);
/// How many daemons serve, and which of them leads at `now`, which is of the server's clock.
void judge_daemons(const std::vector<store::Daemon>& daemons, const std::optional<store::LeaseRow>& lease, Micros now,
                   Findings& findings);
/// Whether so many daemons find places; at least one must.
void judge_places(std::int64_t places, std::int64_t daemons, Findings& findings);
/// What the server promises, its clock, who serves from it, its places, and what our role may do. All tables of this
/// version are there.
void probe_server(const store::Reader& reader, const Config& config, Findings& findings);

// ---- audit.cpp
// -------------------------------------------------------------------------------------------------------

/// Each chain's last row must hash to its head. An audit verification walks the whole chain.
void probe_heads(const store::Reader& reader, Findings& findings);
/// The newest note of each chain must be signed by a key of this installation, and cover no more rows than exist.
void probe_notes(const store::Reader& reader, Findings& findings);
void probe_keys(const store::Reader& reader, const KeyPlace& place, Findings& findings);
void probe_root_token(const store::Reader& reader, const std::filesystem::path& data_dir, Findings& findings);
/// When somebody last asked for a checkpoint to keep outside.
void probe_anchor(const store::Reader& reader, Micros now, Findings& findings);
/// The wall clock against the newest row: time never falls within a chain.
void probe_clock(const store::Reader& reader, Micros now, Findings& findings);

// ---- objects.cpp
// -----------------------------------------------------------------------------------------------------

/// Where objects are kept; with S3, a round trip.
void probe_storage(const Config& config, Findings& findings);
/// Each object on record must be there in its size. Returns false where objects cannot be compared.
bool probe_objects(const store::Reader& reader, const Config& config, const std::filesystem::path& data_dir,
                   Findings& findings);
/// Digests of a sample, or of all; and files that no row names. For a local store.
void probe_contents(const store::Reader& reader, const std::filesystem::path& bucket, const Terms& terms, Micros now,
                    Findings& findings);

// ---- surroundings.cpp
// ------------------------------------------------------------------------------------------------

void probe_backup(const std::filesystem::path& data_dir, Micros now, Findings& findings);
/// The score of the installed unit, by systemd-analyze(1).
void probe_unit(Findings& findings);

}  // namespace nexus::app::doctor
