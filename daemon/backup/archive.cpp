#include "daemon/backup/archive.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <future>
#include <system_error>

#include "daemon/backup/facts.hpp"
#include "daemon/backup/tar.hpp"
#include "daemon/base/bytes.hpp"
#include "daemon/base/problem.hpp"
#include "daemon/base/uuid.hpp"
#include "daemon/blobs/local_layout.hpp"
#include "store/identity.hpp"
#include "store/sqlite/online_copy.hpp"

namespace nexus::backup {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kPiece = 256 << 10;
constexpr std::string_view kCopyPrefix = ".copy-";
constexpr std::chrono::microseconds kTurn{500};  // of the writer: what a write waits for it at most

/// A file that is removed at the end, unless its name was taken away before.
class TemporaryFile {
 public:
  explicit TemporaryFile(const fs::path& directory) : path_(directory / (std::string(kCopyPrefix) + uuid_v7())) {}
  ~TemporaryFile() {
    for (const char* suffix : {"", "-wal", "-shm"}) {
      std::error_code ignored;
      fs::remove(path_.string() + suffix, ignored);
    }
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

/// One copy under way, on the writer's thread. Its end without a result is told as a failure.
struct Copying {
  explicit Copying(fs::path file_) : file(std::move(file_)) {}
  fs::path file;
  std::optional<store::OnlineCopy> copy;
  std::promise<Micros> done;  // everything acknowledged until then is in it

  bool turn(store::Connection& source) {
    try {
      if (!copy) copy.emplace(source, file);
      const Micros now = now_micros();  // on the writer's thread: nothing is acknowledged before the step ends
      if (copy->step(kTurn)) return true;
      done.set_value(now);
    } catch (...) {
      done.set_exception(std::current_exception());
    }
    copy.reset();
    return false;
  }
};

/// A new backup of this store.
Manifest new_manifest(const store::Reader& reader, Micros made_at) {
  Manifest manifest = facts_of(reader);
  manifest.backup_id = uuid_v7();
  manifest.made_at = made_at;
  manifest.nexusd = NEXUS_VERSION;
  return manifest;
}
/// Marks the copy as closed, reads what it says of itself, and takes its name away.
DatabaseCopy take(const TemporaryFile& copied, const fs::path& directory, Micros made_at) {
  DatabaseCopy out;
  {
    store::Connection connection({.path = copied.path(), .synchronous = store::Synchronous::off});
    connection.execute("BEGIN IMMEDIATE");
    store::Tx tx(connection);
    store::put_meta(tx, "in_use", "");
    out.manifest = new_manifest(tx, made_at);
    connection.execute("COMMIT");
    out.objects = std::make_unique<ObjectList>(store::Reader(connection), directory);
  }
  out.file = open_file(copied.path(), O_RDONLY);
  out.manifest.database_bytes = static_cast<std::int64_t>(fs::file_size(copied.path()));
  return out;
}

std::size_t read_some(int fd, char* out, std::size_t size) {
  for (;;) {
    const ssize_t got = ::read(fd, out, size);
    if (got >= 0) return static_cast<std::size_t>(got);
    if (errno != EINTR) throw std::system_error(errno, std::generic_category(), "read for the backup");
  }
}

}  // namespace

void remove_left_copies(const fs::path& directory) {
  for (const auto& entry : fs::directory_iterator(directory))
    if (entry.path().filename().string().starts_with(kCopyPrefix)) fs::remove(entry.path());
}

DatabaseCopy copy_online(store::SqliteDatabase& database, const fs::path& directory) {
  const TemporaryFile file(directory);
  auto copying = std::make_shared<Copying>(file.path());
  auto done = copying->done.get_future();
  // The chore alone keeps it, so that the chore's end breaks a promise that is not kept.
  const bool begun = database.writer().begin_chore(
      [copying = std::move(copying)](store::Connection& source) { return copying->turn(source); });
  if (!begun) throw std::runtime_error("the writer stops, or makes another copy");
  Micros made_at = 0;
  try {
    made_at = done.get();
  } catch (const std::future_error&) {
    throw std::runtime_error("the writer stopped before the copy was complete");
  }
  return take(file, directory, made_at);
}

DatabaseCopy copy_offline(const fs::path& database, const fs::path& directory) {
  remove_left_copies(directory);
  const TemporaryFile file(directory);
  store::Connection source({.path = database, .read_only = true, .offline = true});
  store::OnlineCopy copy(source, file.path());
  const Micros made_at = now_micros();
  while (copy.step(std::chrono::milliseconds(1000))) {
  }
  return take(file, directory, made_at);
}

Archive::Archive(DatabaseCopy copy, ObjectHome home, StillNamed still_named)
    : database_(std::move(copy.file)),
      manifest_(std::move(copy.manifest)),
      objects_(std::move(copy.objects)),
      home_(std::move(home)),
      still_named_(std::move(still_named)) {
  manifest_.objects.included = home_.store != nullptr;
  manifest_.objects.where = home_.where;
  if (!manifest_.objects.included) objects_.reset();
}

bool Archive::pull(std::string& out) {
  if (!begun_) {
    begun_ = true;
    begin_file(out, std::move(database_), std::string(kDatabaseEntry),
               static_cast<std::uint64_t>(manifest_.database_bytes), manifest_.made_at);
    return true;
  }
  if (file_) {
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(left_, kPiece));
    out.resize(size);
    for (std::size_t have = 0; have < size;) {
      const std::size_t got = read_some(file_.get(), out.data() + have, size - have);
      if (got == 0) throw std::runtime_error("a file became shorter while it was read");
      have += got;
    }
    digest_->update(out);
    left_ -= size;
    if (left_ == 0) end_file(out);
    return true;
  }
  if (objects_) {
    next_object(out);
    return true;
  }
  manifest_.objects.sha256 = hex(all_objects_.finish());
  const std::string text = to_text(manifest_);
  out = tar_header(kManifestEntry, text.size(), manifest_.made_at) + text + tar_padding(text.size()) + tar_end();
  return false;
}

void Archive::begin_file(std::string& out, Fd file, const std::string& name, std::uint64_t size, Micros modified) {
  file_ = std::move(file);
  size_ = left_ = size;
  digest_.emplace();
  out += tar_header(name, size, modified);
  if (size == 0) end_file(out);
}

void Archive::end_file(std::string& out) {
  const std::string sha256 = hex(digest_->finish());
  out += tar_padding(size_);
  file_.close();
  if (key_.empty()) {
    manifest_.database_sha256 = sha256;
    return;
  }
  all_objects_.update(sha256 + " " + std::to_string(size_) + " " + key_ + "\n");
  ++manifest_.objects.count;
  manifest_.objects.bytes += static_cast<std::int64_t>(size_);
}

void Archive::next_object(std::string& out) {
  const auto record = objects_->next();
  if (!record) return objects_.reset();
  const auto key = blobs::StorageKey::parse(record->key);
  if (!key) throw std::runtime_error("the database names an object by no key of ours: " + record->key);
  auto object = find(*key);
  if (!object) return lost(*key);
  key_ = record->key;
  const std::string place = std::string(kObjectsPrefix) + home_.bucket + "/";
  const std::string sidecar = blobs::sidecar_text(object->info);
  const std::size_t slash = key_.rfind('/') + 1;
  out += tar_header(place + key_.substr(0, slash) + blobs::sidecar_name(key_.substr(slash)), sidecar.size(),
                    object->info.created_at) +
         sidecar + tar_padding(sidecar.size());
  begin_file(out, std::move(object->file), place + key_, object->info.size, object->info.created_at);
}

/// An object that its store cannot serve, because its sidecar is lost or wrong, is lost as well.
std::optional<blobs::OpenObject> Archive::find(const blobs::StorageKey& key) const {
  try {
    return home_.store->open(home_.bucket, key);
  } catch (const Problem&) {
    return std::nullopt;
  }
}

void Archive::lost(const blobs::StorageKey& key) {
  (still_named_(key) ? manifest_.objects.lost : manifest_.objects.deleted_meanwhile).push_back(key.str());
}

}  // namespace nexus::backup
