#include "daemon/app/backup_commands.hpp"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <system_error>

#include "daemon/app/age.hpp"
#include "daemon/app/backup_record.hpp"
#include "daemon/app/installation.hpp"
#include "daemon/app/moved_store.hpp"
#include "daemon/app/object_storage.hpp"
#include "daemon/app/own_client.hpp"
#include "daemon/app/swap.hpp"
#include "daemon/backup/archive.hpp"
#include "daemon/backup/backups.hpp"
#include "daemon/backup/steady_file.hpp"
#include "daemon/backup/tar.hpp"
#include "daemon/backup/verify.hpp"
#include "daemon/base/crypto.hpp"
#include "daemon/base/file.hpp"
#include "daemon/base/text.hpp"
#include "daemon/base/thread.hpp"
#include "daemon/base/uuid.hpp"
#include "daemon/config/resolve.hpp"
#include "store/identity.hpp"
#include "store/sqlite/directory.hpp"

namespace nexus::app {
namespace {

namespace fs = std::filesystem;
using Take = std::function<void(std::string_view)>;

/// A new file that gets its name when it is complete: what breaks off leaves nothing, and an existing file is never
/// replaced. Until then its name is random, so that nobody can have made it before.
class NewFile {
 public:
  explicit NewFile(fs::path path) : path_(std::move(path)) {
    if (fs::exists(fs::symlink_status(path_))) refuse();
    std::string pattern =
        (parent() / backup::kPartPrefix).string() + std::to_string(::getpid()) + "-" + std::string(6, 'X');
    fd_ = Fd(::mkstemp(pattern.data()));  // mode 0600
    if (!fd_) throw std::system_error(errno, std::generic_category(), "cannot write into " + parent().string());
    part_ = pattern;
  }
  ~NewFile() {
    std::error_code ignored;
    fs::remove(part_, ignored);
  }
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;

  const Fd& fd() const { return fd_; }
  const fs::path& path() const { return path_; }
  fs::path parent() const { return path_.has_parent_path() ? path_.parent_path() : fs::path("."); }
  void keep() {
    sync_file(fd_.get());
    if (::link(part_.c_str(), path_.c_str()) != 0) {
      if (errno == EEXIST) refuse();
      fs::rename(part_, path_);  // a file system without links
    }
    sync_directory(parent());
  }

 private:
  [[noreturn]] void refuse() const {
    throw ConfigError("FILE", "command line", "is " + path_.string() + ", which exists", "name a new file");
  }

  fs::path path_, part_;
  Fd fd_;
};

/// A store that was left in use and has lost its log lacks acknowledged rows: no backup of it may say that it is whole.
void require_log(const fs::path& database, bool had_log) {
  const bool has_frames = had_log && fs::file_size(database.string() + "-wal") > 0;
  store::Connection connection({.path = database, .read_only = true, .offline = true});
  if (!has_frames && is_left_in_use(store::Reader(connection)))
    throw std::runtime_error("the log of " + database.string() +
                             " is lost, and what was acknowledged last with it: nexusd check tells more; a start of "
                             "nexusd goes on with what is there");
}

/// Copies the files of an installation that no daemon uses. The caller holds its lock.
void copy_files(const Config& config, const store::DataDirectory& directory, bool objects, const Take& take) {
  if (is_swap_cut(directory.path()))
    throw std::runtime_error("a restore was cut here, and no store is whole: start nexusd, which completes it");
  require_not_moved({directory.database()});
  const store::NoTrace trace(directory.database());
  require_log(directory.database(), trace.had_log());
  std::optional<blobs::LocalStore> files;
  if (objects && config.blobs == BlobBackend::local) files.emplace(directory.blobs());
  backup::Archive archive(
      backup::copy_offline(directory.database(), directory.path()),
      {.store = files ? &*files : nullptr, .bucket = config.s3_bucket, .where = object_place(config, directory.path())},
      [](const blobs::StorageKey&) { return true; });
  for (bool more = true; more;) {
    std::string piece;
    more = archive.pull(piece);
    take(piece);
  }
}

void make_archive(const Config& config, bool objects, const Take& take) {
  require_installation(store_place(config, config.data_dir));
  try {
    const store::DataDirectory directory(config.data_dir, store::MissingParts::stay);
    copy_files(config, directory, objects, take);
  } catch (const store::DirectoryInUse& running) {
    post_to_daemon(config.data_dir, running.address, objects ? "/backup" : "/backup?objects=referenced",
                   "nexusd backup create on the machine", take);
  }
}

/// Puts the encrypted keys before the manifest, and says so in it.
void add_keys(const Fd& file, const Config& config, const std::vector<std::string>& recipients) {
  auto [manifest, manifest_at] = backup::read_manifest(file);
  manifest.keys_recipients = static_cast<std::int64_t>(recipients.size());
  const std::string keys = encrypt_keys(config.data_dir / "keys", recipients);
  manifest.keys_sha256 = sha256_hex(keys);
  const std::string text = to_text(manifest);
  if (::ftruncate(file.get(), manifest_at) != 0 || ::lseek(file.get(), 0, SEEK_END) < 0)
    throw std::system_error(errno, std::generic_category(), "cannot write the backup");
  write_all(file.get(), backup::tar_header(backup::kKeysEntry, keys.size(), manifest.made_at) + keys +
                            backup::tar_padding(keys.size()) +
                            backup::tar_header(backup::kManifestEntry, text.size(), manifest.made_at) + text +
                            backup::tar_padding(text.size()) + backup::tar_end());
}

/// Removes all but the newest backups that `create` named in the directory of the new one, which stays. Those that say
/// to be newer than it were made by a wrong clock: they are neither counted nor removed.
void remove_older(const fs::path& made, int keep) {
  std::vector<fs::path> older;
  for (const auto& entry : fs::directory_iterator(made.parent_path())) {
    const std::string name = entry.path().filename().string();
    if (entry.is_regular_file() && name.size() == backup::archive_name(0).size() &&
        name.starts_with(backup::kArchivePrefix) && name.ends_with(backup::kArchiveSuffix) &&
        name < made.filename().string())
      older.push_back(entry.path());
  }
  std::ranges::sort(older, std::greater<>());  // the name tells the time
  for (std::size_t i = static_cast<std::size_t>(keep) - 1; i < older.size(); ++i) {
    const fs::path going =
        made.parent_path() / (std::string(backup::kPartPrefix) + std::to_string(::getpid()) + "-old");
    fs::rename(older[i], going);  // a name of a backup never leads to a part of one
    backup::remove_steadily(going);
    std::printf("removed %s\n", older[i].c_str());
  }
}

/// A backup that is not whole gets a name under which it is never counted as one.
int set_aside(const fs::path& path) {
  fs::rename(path, path.string() + ".failed");
  std::printf("kept as %s.failed\n", path.c_str());
  return 1;
}

/// Tells what is not in it. Returns whether it is whole.
bool tell(const fs::path& path, const backup::Manifest& manifest) {
  std::printf("%s: backup %s of installation %s, %zu audit chains, %lld objects\n", path.c_str(),
              manifest.backup_id.c_str(), manifest.instance_id.c_str(), manifest.chains.size(),
              static_cast<long long>(manifest.objects.count));
  if (!manifest.objects.included) std::printf("note: the objects stay in %s\n", manifest.objects.where.c_str());
  if (manifest.keys_recipients == 0)
    std::printf("note: the keys are not in it: keep %s elsewhere, or use --with-keys --recipient AGE\n", "keys/");
  for (const auto& key : manifest.objects.lost) std::printf("FAIL the store had lost the object %s\n", key.c_str());
  return manifest.objects.lost.empty();
}

void require_keys_request(const BackupRequest& request) {
  if (request.with_keys && request.recipients.empty())
    throw ConfigError("with-keys", "command line", "has no --recipient: keys never leave in the clear",
                      "name one: age1…, or an SSH public key");
  if (!request.with_keys && !request.recipients.empty())
    throw ConfigError("recipient", "command line", "has no use without --with-keys", "add --with-keys");
  for (const auto& recipient : request.recipients)
    if (lower_ascii(recipient).starts_with("age-secret-key"))
      throw ConfigError("recipient", "command line", "is a secret key, which belongs in no command line",
                        "name its public half, as age-keygen -y tells it; this one was in the list of processes");
  const bool to_stdout = request.target == "-";
  if (to_stdout && (request.with_keys || request.verify || request.keep))
    throw ConfigError("FILE", "command line", "is standard output, which cannot be read again",
                      "name a file or a directory");
}

/// The lines of a verdict. Returns whether it is whole.
bool tell(const std::string& file, const backup::Verdict& verdict) {
  for (const auto& fault : verdict.faults) std::printf("FAIL %s: %s\n", file.c_str(), fault.c_str());
  for (const auto& note : verdict.notes) std::printf("note %s: %s\n", file.c_str(), note.c_str());
  if (!verdict.faults.empty()) return false;
  std::printf(
      "ok   %s: backup %s, made %s: %lld audit rows in %lld chains verify, %lld objects are what was registered\n",
      file.c_str(), verdict.manifest.backup_id.c_str(), to_rfc3339(verdict.manifest.made_at).c_str(),
      static_cast<long long>(verdict.audit_rows), static_cast<long long>(verdict.chains),
      static_cast<long long>(verdict.objects));
  return true;
}

std::string instance_of(const fs::path& database) {
  store::Connection connection({.path = database, .read_only = true, .offline = true});
  return store::find_meta(store::Reader(connection), "instance_id").value_or("");
}

/// The id of the installation of the data directory; empty without one that can be read. Leaves no trace there.
std::string own_instance(const Config& config) {
  const fs::path database = config.data_dir / "nexus.db";
  try {
    if (!fs::exists(database)) return {};
    try {
      const store::DataDirectory locked(config.data_dir, store::MissingParts::stay);
      const store::NoTrace trace(database);
      return instance_of(database);
    } catch (const store::DirectoryInUse&) {
      return instance_of(database);
    }
  } catch (const std::exception&) {
    return {};
  }
}

/// Whether this process is the data directory's user. A file of another one would stop that user's next backup.
bool owns(const fs::path& directory) {
  struct stat status {};
  return ::stat(directory.c_str(), &status) == 0 && status.st_uid == ::geteuid();
}

/// Keeps the verdict where it is about a whole backup of this installation.
void remember(const Config& config, const std::string& file, const backup::Verdict& verdict) {
  if (!fs::exists(config.data_dir)) return;
  if (!owns(config.data_dir)) {
    std::printf("note the result is not kept for readiness: %s belongs to another user\n", config.data_dir.c_str());
    return;
  }
  const std::string own = own_instance(config);
  if (own.empty() || verdict.manifest.instance_id != own) return;
  if (!verdict.manifest.objects.included && config.blobs == BlobBackend::local) {
    std::printf("note it does not count as the backup of this store: the files are not in it\n");
    return;
  }
  BackupRecord record = find_backup_record(config.data_dir).value_or(BackupRecord{});
  if (verdict.faults.empty()) {
    if (record.verified_at && record.made_at > verdict.manifest.made_at) return;  // an older one proves nothing newer
    record = {
        .backup_id = verdict.manifest.backup_id, .made_at = verdict.manifest.made_at, .verified_at = now_micros()};
  } else {
    if (record.backup_id.empty()) {
      record.backup_id = verdict.manifest.backup_id;
      record.made_at = verdict.manifest.made_at;
    }
    record.failed_at = now_micros();
    record.failure = file + ": " + verdict.faults.front();
  }
  keep_backup_record(config.data_dir, record);
}

}  // namespace

void require_file_store(const Config& config) {
  if (config.uses_postgres())
    throw ConfigError("database", "configuration", "is no file", std::string(backup::kElsewhere));
}

int create_backup(const Config& config, const BackupRequest& request) {
  require_file_store(config);
  require_keys_request(request);
  work_in_background();
  if (request.target == "-") {
    make_archive(config, request.objects, [](std::string_view piece) { write_all(STDOUT_FILENO, piece); });
    return 0;
  }
  const bool is_directory = fs::is_directory(request.target);
  if (request.keep && !is_directory)
    throw ConfigError("keep", "command line", "counts the backups of a directory, and this is none",
                      "name a directory");
  NewFile file(is_directory ? fs::path(request.target) / backup::archive_name(now_micros()) : fs::path(request.target));
  backup::remove_left(file.parent());
  backup::SteadyFile steady(file.fd().get());
  make_archive(config, request.objects, [&](std::string_view piece) { steady.write(piece); });
  if (request.with_keys) add_keys(file.fd(), config, request.recipients);
  const bool whole = tell(file.path(), backup::read_manifest(file.fd()).manifest);
  file.keep();
  // Older ones were proved, so nothing goes for one that was not.
  const bool proves = request.verify || request.keep;
  const int verified = proves ? verify_backups(config, {file.path().string()}) : 0;
  if (!whole || verified != 0) return set_aside(file.path());
  if (request.keep) remove_older(file.path(), *request.keep);
  return 0;
}

int verify_backups(const Config& config, const std::vector<std::string>& files) {
  bool whole = true;
  for (const auto& file : files) {
    const auto verdict = backup::prove(file);
    whole = tell(file, verdict) && whole;
    try {
      remember(config, file, verdict);
    } catch (const std::exception& error) {
      std::printf("note the result is not kept for readiness: %s\n", error.what());
    }
  }
  return whole ? 0 : 1;
}

}  // namespace nexus::app
