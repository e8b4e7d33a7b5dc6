// What stands around the installation: its backups, and the unit that runs it.
#include <cstdio>
#include <memory>
#include <sstream>

#include "daemon/app/backup_record.hpp"
#include "daemon/app/doctor/probes.hpp"

namespace nexus::app::doctor {
namespace {

namespace fs = std::filesystem;

constexpr Micros kBackupAgeMax = 7 * kDay;
constexpr double kScoreMax = 1.2;  // of systemd-analyze security: 0 exposes nothing, 10 everything

constexpr const char* kProve = "make one, and prove it: nexusd backup create DIR --verify";
// No configuration of ours is in the line. 127: the shell found no such program.
constexpr const char* kAnalyze = "systemd-analyze security --offline=yes --no-pager nexusd.service 2>/dev/null";

std::string age_text(Micros span) {
  return span < 2 * kDay ? std::to_string(span / kHour) + " hours" : std::to_string(span / kDay) + " days";
}

/// What the command wrote; nothing if it failed.
std::optional<std::string> output_of(const char* command) {
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(::popen(command, "re"), [](FILE*) { return 0; });
  if (!pipe) return std::nullopt;
  std::string text;
  char piece[4096];
  while (const std::size_t got = std::fread(piece, 1, sizeof piece, pipe.get())) text.append(piece, got);
  return ::pclose(pipe.get()) == 0 ? std::optional(text) : std::nullopt;
}

/// From `→ Overall exposure level for nexusd.service: 1.1 OK`.
std::optional<double> score_in(const std::string& text) {
  const auto at = text.find("Overall exposure level");
  const auto colon = at == std::string::npos ? at : text.find(": ", at);
  if (colon == std::string::npos) return std::nullopt;
  std::istringstream rest(text.substr(colon + 2));
  double score = 0;
  return rest >> score ? std::optional(score) : std::nullopt;
}

std::string one_digit(double score) {
  char text[16];
  std::snprintf(text, sizeof text, "%.1f", score);
  return text;
}

}  // namespace

void probe_backup(const fs::path& data_dir, Micros now, Findings& findings) {
  const auto record = find_backup_record(data_dir);
  if (!record) return findings.note("backup.none", "backup", "no backup was ever verified here", kProve);
  const std::string backup = "backup " + record->backup_id;
  if (record->failed_at && record->failed_at >= record->verified_at.value_or(0))
    return findings.error("backup.unverifiable", "backup",
                          backup + " could not be verified " + age_text(now - *record->failed_at) +
                              " ago: " + record->failure.value_or("no reason is on record"),
                          kProve);
  if (!record->verified_at) return findings.warning("backup.stale", "backup", backup + " was never verified", kProve);
  const Micros age = now - *record->verified_at;
  const std::string found =
      backup + " was made " + age_text(now - record->made_at) + " ago and verified " + age_text(age) + " ago";
  if (age > kBackupAgeMax) return findings.warning("backup.stale", "backup", found, kProve);
  findings.ok("backup.verified", "backup", found);
}

void probe_unit(Findings& findings) {
  const auto said = output_of(kAnalyze);
  const auto score = said ? score_in(*said) : std::nullopt;
  if (!score)
    return findings.note("unit.score", "unit", "not judged: systemd-analyze or the unit nexusd.service is not here");
  const std::string found = "nexusd.service scores " + one_digit(*score) + " in systemd-analyze security";
  if (*score <= kScoreMax) return findings.ok("unit.score", "unit", found);
  findings.warning("unit.score", "unit", found + ", over " + one_digit(kScoreMax) + ": its sandbox was loosened",
                   "see what loosens it: systemctl cat nexusd.service");
}

}  // namespace nexus::app::doctor
