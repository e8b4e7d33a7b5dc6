// The disk: free space, the reserve, the size of the log.
#include "daemon/app/doctor/probes.hpp"
#include "daemon/limits.hpp"
#include "store/sqlite/wal.hpp"

namespace nexus::app::doctor {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kNothingBytes = limits::MiB;  // less than one group of writes may need
constexpr std::uint64_t kLogBytesMax = store::WalLimits{}.refuse_bytes / 2;

std::string mib(std::uint64_t bytes) { return std::to_string(bytes / limits::MiB) + " MiB"; }

}  // namespace

void judge_free_space(std::uint64_t free_bytes, std::uint64_t reserve_bytes, const fs::path& data_dir,
                      Findings& findings) {
  const std::string remedy = "free some space there: df -h " + data_dir.string();
  const std::string figures = mib(free_bytes) + " are free, audit.reserve is " + mib(reserve_bytes);
  if (free_bytes < kNothingBytes)
    findings.error("disk.full", "disk", "the disk is full: " + std::to_string(free_bytes) + " bytes are free", remedy);
  else if (free_bytes < reserve_bytes)
    findings.error("disk.reserve", "disk", figures + ": changes are refused", remedy);
  else
    findings.ok("disk.free", "disk", figures);
}

void probe_disk(const Config& config, const fs::path& data_dir, Findings& findings) {
  judge_free_space(fs::space(data_dir).available, config.audit_reserve_bytes, data_dir, findings);
}

void probe_log_size(const fs::path& data_dir, Findings& findings) {
  std::error_code missing;
  const auto bytes = fs::file_size(data_dir / "nexus.db-wal", missing);
  const std::string figures = "nexus.db-wal has " + mib(missing ? 0 : bytes);
  if (missing || bytes < kLogBytesMax) return findings.ok("log.size", "log", figures);
  findings.warning("log.size", "log",
                   figures + "; over " + mib(store::WalLimits{}.refuse_bytes) +
                       " nothing is written any more. A program that reads nexus.db for long keeps it from shrinking",
                   "end what reads it: fuser -v " + (data_dir / "nexus.db").string() + "; without one, restart nexusd");
}

}  // namespace nexus::app::doctor
