#include "daemon/app/backup_record.hpp"

#include <stdexcept>

#include "daemon/base/file.hpp"
#include "daemon/base/json.hpp"
#include "daemon/base/metrics_page.hpp"

namespace nexus::app {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kRecordBytesMax = 64 * 1024;

[[noreturn]] void refuse_record(const fs::path& file, const std::string& why) {
  throw std::runtime_error(file.string() + " is no record of a backup (" + why +
                           "): run nexusd backup verify, which writes it anew");
}

std::optional<std::string> record_text(const fs::path& file, const Json& record, const char* name) {
  const auto found = record.find(name);
  if (found == record.end() || found->is_null()) return std::nullopt;
  if (!found->is_string()) refuse_record(file, std::string(name) + " is no text");
  return found->get<std::string>();
}

std::optional<Micros> record_time(const fs::path& file, const Json& record, const char* name) {
  const auto text = record_text(file, record, name);
  if (!text) return std::nullopt;
  const auto at = parse_rfc3339(*text);
  if (!at) refuse_record(file, std::string(name) + " is no time");
  return at;
}

Json record_object(const fs::path& file) {
  const Json record = parse_or_discard(read_file(file, kRecordBytesMax));
  if (!record.is_object()) refuse_record(file, "it holds no JSON object");
  return record;
}

}  // namespace

fs::path backup_record_file(const fs::path& data_dir) { return data_dir / "backup.json"; }

std::optional<BackupRecord> find_backup_record(const fs::path& data_dir) {
  const fs::path file = backup_record_file(data_dir);
  if (!fs::exists(file)) return std::nullopt;
  const Json record = record_object(file);
  const auto id = record_text(file, record, "backup_id");
  const auto made = record_time(file, record, "made_at");
  if (!id || !made) refuse_record(file, "backup_id or made_at is not there");
  return BackupRecord{.backup_id = *id,
                      .made_at = *made,
                      .verified_at = record_time(file, record, "verified_at"),
                      .failed_at = record_time(file, record, "failed_at"),
                      .failure = record_text(file, record, "failure")};
}

void keep_backup_record(const fs::path& data_dir, const BackupRecord& record) {
  Json json = {{"backup_id", record.backup_id}, {"made_at", to_rfc3339(record.made_at)}};
  if (record.verified_at) json["verified_at"] = to_rfc3339(*record.verified_at);
  if (record.failed_at) json["failed_at"] = to_rfc3339(*record.failed_at);
  if (record.failure) json["failure"] = *record.failure;
  replace_file(backup_record_file(data_dir), to_text(json) + "\n");
}

std::string backup_words(const std::filesystem::path& data_dir) {
  try {
    const auto record = find_backup_record(data_dir);
    if (!record) return "none was ever verified here: nexusd backup create --verify";
    const bool failed = record->failed_at && record->failed_at.value() > record->verified_at.value_or(0);
    if (failed) return "the last one could not be verified: " + record->failure.value_or("");
    return "the last verified one was made at " + to_rfc3339(record->made_at);
  } catch (const std::exception& error) {
    return error.what();
  }
}

std::string backup_metrics_text(const std::filesystem::path& data_dir) {
  MetricsPage page;
  page.gauge("nexus_backup_verified_age_seconds", "Time since the newest backup that was verified here was made");
  try {
    const auto record = find_backup_record(data_dir);
    if (record && record->verified_at) page.sample(static_cast<double>(now_micros() - record->made_at) / kSecond);
  } catch (const std::exception&) {
    // The same is told by backup_words; a scrape goes on without the sample.
  }
  return page.text();
}

}  // namespace nexus::app
