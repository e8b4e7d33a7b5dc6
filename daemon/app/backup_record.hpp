// The record of the last backup that was verified, or that could not be: the file `backup.json` of the data directory,
// mode 0600. `nexusd backup verify` writes it; findings, metrics and readiness read it. It is no part of the database,
// because a backup must not change what it copies.
//
// The file is one JSON object: {"backup_id": text, "made_at": time, "verified_at": time, "failed_at": time,
// "failure": text}. Times are RFC 3339 with a zone. A field without a value is absent, or null.
#pragma once
#include <filesystem>
#include <optional>
#include <string>

#include "daemon/base/clock.hpp"

namespace nexus::app {

struct BackupRecord {
  std::string backup_id;
  Micros made_at = 0;
  std::optional<Micros> verified_at = std::nullopt;
  std::optional<Micros> failed_at = std::nullopt;
  std::optional<std::string> failure = std::nullopt;  // one line for the operator

  bool operator==(const BackupRecord&) const = default;
};

/// `backup.json` of this data directory.
std::filesystem::path backup_record_file(const std::filesystem::path& data_dir);

/// The record; nothing if no backup was ever verified here. Throws std::runtime_error, one line that names the file,
/// for a file that is no such record, and std::system_error for one that cannot be read. Threads: any.
std::optional<BackupRecord> find_backup_record(const std::filesystem::path& data_dir);

/// The line of readiness: when the last backup was verified, or why that failed. Reads the file; never throws.
std::string backup_words(const std::filesystem::path& data_dir);
/// Prometheus text: how old the last verified backup is; no sample where there is none. Reads the file; never throws.
std::string backup_metrics_text(const std::filesystem::path& data_dir);

/// Replaces the record. It survives a crash once the call returns. Throws std::system_error. Threads: any.
void keep_backup_record(const std::filesystem::path& data_dir, const BackupRecord& record);

}  // namespace nexus::app
