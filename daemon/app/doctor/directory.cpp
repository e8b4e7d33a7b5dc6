// The data directory: parts, owners, modes, locks, and the files that the daemon has open.
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/app/doctor/probes.hpp"
#include "daemon/app/own_client.hpp"
#include "daemon/app/swap.hpp"
#include "daemon/limits.hpp"

namespace nexus::app::doctor {
namespace {

namespace fs = std::filesystem;

constexpr const char* kDirectory = "data directory";

/// The files whose reader could read every tenant, and those whose writer could stop the daemon.
std::vector<fs::path> private_files(const fs::path& data_dir) {
  std::vector<fs::path> files{data_dir};
  for (const char* name : {"lock", "nexus.db", "nexus.db-wal", "nexus.db-shm", "root.token", "root.token.next",
                           "reserve", "backup.json", "blobs", "keys"})
    files.push_back(data_dir / name);
  std::error_code missing;
  for (fs::directory_iterator at(data_dir / "keys", missing), end; at != end; at.increment(missing))
    files.push_back(at->path());
  return files;
}

std::string octal(mode_t mode) {
  char text[8];
  std::snprintf(text, sizeof text, "%04o", static_cast<unsigned>(mode & 07777));
  return text;
}

/// The user to whom everything must belong: the owner of the directory.
uid_t owner_of(const fs::path& data_dir) {
  struct stat status {};
  return ::stat(data_dir.c_str(), &status) == 0 ? status.st_uid : ::geteuid();
}

std::string process_text(pid_t pid) { return program_of(pid) + " (pid " + std::to_string(pid) + ")"; }

std::string processes_text(const std::vector<pid_t>& pids) {
  std::string text;
  for (const pid_t pid : pids) text += (text.empty() ? "" : " and ") + process_text(pid);
  return text;
}

std::size_t own_descriptor_limit() {
  rlimit limit{};
  return ::getrlimit(RLIMIT_NOFILE, &limit) == 0 ? static_cast<std::size_t>(limit.rlim_max) : 0;
}

}  // namespace

bool probe_parts_without_store(const fs::path& data_dir, Findings& findings) {
  if (fs::is_directory(data_dir / "keys")) return true;
  findings.error("directory.empty", kDirectory, data_dir.string() + " is of no installation: keys is not there",
                 "name the one you mean with --data-dir");
  return false;
}

bool probe_parts(const fs::path& data_dir, Findings& findings) {
  if (is_swap_cut(data_dir)) {
    findings.error("directory.restore_cut", "restore", "was cut before its end: the next start of nexusd completes it",
                   "nexusd serve");
    return false;
  }
  if (!fs::exists(data_dir / "nexus.db")) {
    findings.error("directory.empty", kDirectory, data_dir.string() + " holds no installation: nexus.db is not there",
                   "name the one you mean with --data-dir, or restore it from a backup");
    return false;
  }
  for (const char* part : {"keys", "blobs"})
    if (!fs::is_directory(data_dir / part))
      findings.error("directory.part_missing", kDirectory, (data_dir / part).string() + " is not there",
                     "restore it from the backup that belongs to this database");
  return true;
}

bool probe_owners_and_modes(const fs::path& data_dir, Findings& findings) {
  const uid_t owner = owner_of(data_dir);
  std::size_t sound = 0, faulty = 0;
  for (const auto& file : private_files(data_dir)) {
    struct stat status {};
    if (::stat(file.c_str(), &status) != 0) continue;
    const bool closed = (status.st_mode & (S_IRWXG | S_IRWXO)) == 0, owned = status.st_uid == owner;
    if (!closed)
      findings.error("directory.mode", kDirectory,
                     "others than its owner may open " + file.string() + ", mode " + octal(status.st_mode),
                     std::string("chmod ") + (S_ISDIR(status.st_mode) ? "700 " : "600 ") + file.string());
    if (!owned)
      findings.error("directory.owner", kDirectory,
                     file.string() + " belongs to uid " + std::to_string(status.st_uid) + ", the directory to uid " +
                         std::to_string(owner),
                     "chown " + std::to_string(owner) + " " + file.string());
    closed&& owned ? ++sound : ++faulty;
  }
  if (owner != ::geteuid()) {
    findings.error("directory.user", kDirectory,
                   data_dir.string() + " belongs to uid " + std::to_string(owner) + ", and this is uid " +
                       std::to_string(::geteuid()) + ": nothing in it was read, because that may make files",
                   "ask as the user who owns it: sudo -u '#" + std::to_string(owner) + "' nexusd doctor ...");
    return false;
  }
  if (faulty == 0)
    findings.ok("directory.files", kDirectory,
                std::to_string(sound) + " files and directories belong to uid " + std::to_string(owner) +
                    " and are closed to others");
  return true;
}

void probe_use(const Use& use, const StorePlace& place, Findings& findings) {
  if (use.holders().size() > 1)
    return findings.error("lock.holder", kDirectory,
                          "its locks are held by " + processes_text(use.holders()) + ": two may write one database",
                          "find out which one serves, and end the other by its pid");
  if (!use.in_use()) return findings.ok("lock.holder", kDirectory, "not in use");
  const auto pid = use.pid();
  if (!pid)
    return findings.note("lock.holder", kDirectory,
                         "in use by a running nexusd that cannot be seen from here, nor its files be compared");
  const std::string serves = "in use by a running nexusd (pid " + std::to_string(*pid) + ")";
  if (!place.is_file()) return findings.ok("lock.holder", kDirectory, serves);
  const OpenFile database = open_file_of(*pid, place.file);
  if (*pid != use.named() && database == OpenFile::unseen)
    return findings.error("lock.holder", kDirectory,
                          "its lock is held by " + process_text(*pid) + ", which does not have the database open",
                          "end it, if it is no nexusd: kill " + std::to_string(*pid));
  findings.ok("lock.holder", kDirectory, serves);
  if (database == OpenFile::other)
    findings.error("database.replaced", "database",
                   "nexus.db is another file than the one that nexusd (pid " + std::to_string(*pid) +
                       ") has open: what it writes is not in it",
                   "stop nexusd, and put the file back that it held: kill " + std::to_string(*pid));
  else if (database == OpenFile::unseen)
    findings.note("database.replaced", "database",
                  "whether nexusd has this nexus.db open cannot be seen: ask as its user, or as root");
  else
    findings.ok("database.replaced", "database", "nexusd has the nexus.db open that stands there");
}

void probe_answer(const Use& use, Findings& findings) {
  if (!use.in_use()) return;
  if (use.address().empty() || use.pid() != use.named())
    return findings.note("daemon.answers", "daemon", "not asked: its lock does not tell where it answers");
  if (answers(use.address())) return findings.ok("daemon.answers", "daemon", "it answers at " + use.address());
  findings.error("daemon.answers", "daemon", "it does not answer at " + use.address() + " within five seconds",
                 "look at its log, and start it again if it hangs");
}

void probe_descriptors(const Use& use, Findings& findings) {
  const auto pid = use.pid();
  const auto told = pid ? descriptor_limit_of(*pid) : std::optional(own_descriptor_limit());
  if (!told)
    return findings.note("descriptors.limit", "descriptors", "how many the daemon may open cannot be seen from here");
  constexpr std::size_t wanted = limits::connections_max;
  const std::string figures = (pid ? "nexusd (pid " + std::to_string(*pid) + ")" : "a nexusd started from here") +
                              " may open " + std::to_string(*told) + " files, for up to " + std::to_string(wanted) +
                              " connections";
  if (*told >= wanted) return findings.ok("descriptors.limit", "descriptors", figures);
  findings.warning("descriptors.limit", "descriptors", figures,
                   "set LimitNOFILE=" + std::to_string(2 * wanted) + " in the unit, or ulimit -Hn " +
                       std::to_string(2 * wanted) + " before the start");
}

}  // namespace nexus::app::doctor
