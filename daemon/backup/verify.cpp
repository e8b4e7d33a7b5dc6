#include "daemon/backup/verify.hpp"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <set>
#include <stdexcept>
#include <system_error>

#include "daemon/audit/succession.hpp"
#include "daemon/audit/verify_store.hpp"
#include "daemon/backup/facts.hpp"
#include "daemon/backup/object_list.hpp"
#include "daemon/backup/tar.hpp"
#include "daemon/base/bytes.hpp"
#include "daemon/base/crypto.hpp"
#include "daemon/base/thread.hpp"
#include "daemon/blobs/local_layout.hpp"
#include "store/rows.hpp"
#include "store/sqlite/migrations.hpp"

namespace nexus::backup {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kManifestMax = 64 << 20;
constexpr std::size_t kSidecarMax = 16 << 10;
constexpr std::size_t kFaultsMax = 20;

/// The object or the sidecar that an entry is.
struct ObjectEntry {
  std::string bucket;
  blobs::StorageKey key;
  bool is_sidecar = false;
};

/// Nothing for a name that no object can have: so no name leads out of the place.
std::optional<ObjectEntry> parse_object(std::string_view name) {
  if (!name.starts_with(kObjectsPrefix)) return std::nullopt;
  name.remove_prefix(kObjectsPrefix.size());
  const std::size_t slash = std::min(name.find('/'), name.size());
  const std::string_view bucket = name.substr(0, slash);
  std::string key(name.substr(std::min(slash + 1, name.size())));
  const std::size_t last = key.rfind('/') + 1;
  const bool is_sidecar = std::string_view(key).substr(last).starts_with(blobs::kSidecarPrefix);
  if (is_sidecar) key.erase(last, blobs::kSidecarPrefix.size());
  auto parsed = blobs::StorageKey::parse(key);
  if (!parsed || !blobs::is_bucket_name(bucket)) return std::nullopt;
  return ObjectEntry{std::string(bucket), std::move(*parsed), is_sidecar};
}

/// A directory that is removed at the end, with all that is in it.
class TemporaryDirectory {
 public:
  explicit TemporaryDirectory(const fs::path& parent) {
    remove_left(parent);
    std::string pattern = (parent / kScratchPrefix).string() + std::to_string(::getpid()) + "-" + std::string(6, 'X');
    if (::mkdtemp(pattern.data()) == nullptr)
      throw std::system_error(errno, std::generic_category(), "cannot make a directory in " + parent.string());
    path_ = pattern;
  }
  ~TemporaryDirectory() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

/// Kind and name of each thing of a schema; of what runs by itself the text too. (SQLite rewrites the text of a table.)
std::vector<std::string> schema_of(const store::Reader& reader) {
  return store::all(reader.query("SELECT type || ' ' || name || ' ' || tbl_name || ' ' || "
                                 "CASE WHEN type IN ('trigger', 'view') THEN coalesce(sql, '') ELSE '' END "
                                 "FROM sqlite_schema WHERE name NOT LIKE 'sqlite_stat%' ORDER BY 1"),
                    store::only_text);
}

struct Sum {
  std::string sha256;
  std::int64_t bytes = 0;
};

class Judge {
 public:
  Judge(const ReadBackup& read, const Place& place) : tar_(read), place_(place) {}

  Verdict run() {
    try {
      read_all();
    } catch (const std::system_error&) {
      throw;
    } catch (const store::Error& error) {
      fault(std::string("its database cannot be read: ") + error.what());
    } catch (const store::SchemaError& error) {
      fault(error.what());
    } catch (const std::runtime_error& error) {
      fault(error.what());
    }
    return std::move(verdict_);
  }

 private:
  void fault(std::string what) {
    if (verdict_.faults.size() < kFaultsMax) verdict_.faults.push_back(std::move(what));
  }

  void read_all() {
    const auto first = tar_.next();
    if (!first || first->name != kDatabaseEntry)
      throw std::runtime_error("this is no backup: it begins with no database");
    const Sum database = take_content(open_file(place_.directory / "nexus.db", O_CREAT | O_EXCL | O_WRONLY));
    judge_database();
    bool whole = false;
    while (const auto entry = tar_.next()) {
      if (whole) throw std::runtime_error("this is no backup: something follows the manifest");
      if (entry->name == kManifestEntry) {
        judge_manifest(database, tar_.text(kManifestMax));
        whole = true;
      } else if (entry->name == kKeysEntry) {
        keys_ = take_content(
            place_.keeps_objects ? open_file(place_.directory / "keys.age", O_CREAT | O_EXCL | O_WRONLY) : Fd());
      } else {
        judge_object(*entry);
      }
    }
    if (!whole) throw std::runtime_error("the backup is cut: it has no manifest");
  }

  /// Reads the content of an entry, into the file where there is one.
  Sum take_content(Fd file) {
    Sha256 hash;
    Sum sum;
    for (auto piece = tar_.content(); !piece.empty(); piece = tar_.content()) {
      hash.update(piece);
      sum.bytes += static_cast<std::int64_t>(piece.size());
      if (file) write_all(file.get(), piece);
    }
    if (file && place_.keeps_objects) sync_file(file.get());
    sum.sha256 = hex(hash.finish());
    return sum;
  }

  void judge_database() {
    store::Connection connection({.path = place_.directory / "nexus.db", .read_only = true, .offline = true});
    const std::string damage = store::find_damage(connection, true);
    if (!damage.empty()) return fault("its database is damaged: " + damage);
    const store::Reader reader(connection);
    const auto known = static_cast<std::int64_t>(store::embedded_migrations().size());
    const std::int64_t schema = store::integer_of(reader.query("PRAGMA user_version"));
    if (schema < 1 || schema > known)
      return fault("its database has schema " + std::to_string(schema) + ", and this nexusd knows " +
                   std::to_string(known) + ": use the version that made it");
    if (!has_own_schema(reader, schema)) return fault("its database holds tables, views or triggers that are not ours");
    facts_ = facts_of(reader);
    judge_chains(reader);
    is_read_ = true;
    if (schema < known) {
      verdict_.notes.push_back(
          "its schema is older than this nexusd: what it registered was not held against its objects");
      return;
    }
    expected_ = std::make_unique<ObjectList>(reader, place_.directory);
    awaited_ = expected_->next();
  }

  /// Whether the file holds exactly what the migrations to that version make. Others' triggers would run when a restore
  /// writes, and a view could stand for a table.
  bool has_own_schema(const store::Reader& reader, std::int64_t schema) {
    const fs::path file = place_.directory / "schema.db";
    std::vector<std::string> own;
    {
      store::Connection made({.path = file, .synchronous = store::Synchronous::off});
      store::migrate(made, store::embedded_migrations().first(static_cast<std::size_t>(schema)));
      own = schema_of(store::Reader(made));
    }
    fs::remove(file);
    return schema_of(reader) == own;
  }

  void judge_chains(const store::Reader& reader) {
    const auto keys = audit::list_checkpoint_keys(reader);
    if (keys.empty()) verdict_.notes.push_back("no key signed its audit log yet, so no signature was judged");
    for (const auto& each : audit::verify_store(reader, facts_.instance_id, keys, {}, {}, [](std::int64_t) {})) {
      const bool over_all = each.chain.tenant.empty();
      if (!over_all) ++verdict_.chains;
      if (!over_all) verdict_.audit_rows += each.report.rows;
      if (!each.report.ok())
        fault("the audit log of " + (over_all ? "all chains" : each.chain.tenant + "/" + each.chain.env) +
              " is broken: " + std::string(audit::to_string(each.report.findings.front().fault)) + " at row " +
              std::to_string(each.report.findings.front().seq));
    }
  }

  fs::path place_of(const ObjectEntry& object, std::string_view name) {
    const fs::path path = place_.directory / name;
    if (object.is_sidecar) fs::create_directories(path.parent_path());
    return path;
  }

  void judge_object(const TarEntry& entry) {
    const auto object = parse_object(entry.name);
    if (!object) throw std::runtime_error("this is no backup: it holds " + entry.name);
    Fd file;
    if (place_.keeps_objects) file = open_file(place_of(*object, entry.name), O_CREAT | O_EXCL | O_WRONLY);
    if (object->is_sidecar) {
      const std::string text = tar_.text(kSidecarMax);
      sidecar_ = blobs::parse_sidecar(text);
      sidecar_key_ = object->key.str();
      if (file) write_all(file.get(), text);
      if (file) sync_file(file.get());
      return;
    }
    const Sum sum = take_content(std::move(file));
    const std::string& key = object->key.str();
    all_objects_.update(sum.sha256 + " " + std::to_string(sum.bytes) + " " + key + "\n");
    ++verdict_.objects;
    bytes_ += sum.bytes;
    if (!sidecar_ || sidecar_key_ != key || sidecar_->sha256 != sum.sha256)
      fault("the object " + key + " is not what its sidecar says");
    meet_record(key, sum);
  }

  /// Both sides are in the order of keys.
  void meet_record(const std::string& key, const Sum& sum) {
    if (!expected_) return;
    pass_until(key);
    if (!awaited_ || awaited_->key != key)
      return fault("it holds the object " + key + ", which its database does not name");
    if (awaited_->size != sum.bytes || (!awaited_->sha256.empty() && awaited_->sha256 != sum.sha256))
      fault("the object " + key + " is not the one that was registered");
    awaited_ = expected_->next();
  }

  void pass_until(std::string_view key) {
    for (; awaited_ && (key.empty() || awaited_->key < key); awaited_ = expected_->next())
      missing_.insert(awaited_->key);
  }

  void judge_manifest(const Sum& database, const std::string& text) {
    Manifest& manifest = verdict_.manifest;
    manifest = parse_manifest(text);
    if (manifest.database_bytes != database.bytes || manifest.database_sha256 != database.sha256)
      fault("its database is not the one of its manifest");
    if (manifest.keys_recipients > 0 ? !keys_ || keys_->sha256 != manifest.keys_sha256 : keys_.has_value())
      fault("its keys are not those of its manifest");
    if (!is_read_) return;  // told already
    if (manifest.instance_id != facts_.instance_id || manifest.epoch != facts_.epoch ||
        manifest.schema != facts_.schema || manifest.chains != facts_.chains ||
        manifest.checkpoint != facts_.checkpoint)
      fault("its manifest says something else than its database");
    judge_objects(manifest.objects);
  }

  void judge_objects(const Objects& objects) {
    if (!objects.included) {
      verdict_.notes.push_back("its objects stay in " + objects.where + " and were not read");
      return;
    }
    if (expected_) pass_until("");
    if (objects.count != verdict_.objects || objects.bytes != bytes_ || objects.sha256 != hex(all_objects_.finish()))
      fault("its objects are not those of its manifest");
    for (const auto& key : objects.deleted_meanwhile) missing_.erase(key);
    if (!objects.deleted_meanwhile.empty())
      verdict_.notes.push_back(std::to_string(objects.deleted_meanwhile.size()) +
                               " of its objects were deleted by their tenants while it was made");
    for (const auto& key : missing_) fault("the object " + key + " was registered and is not in it");
  }

  TarReader tar_;
  const Place& place_;
  Verdict verdict_;
  Manifest facts_;
  bool is_read_ = false;  // facts_ are those of the database
  std::optional<Sum> keys_;
  std::unique_ptr<ObjectList> expected_;
  std::optional<store::ObjectRecord> awaited_;
  std::set<std::string> missing_;
  std::optional<blobs::ObjectInfo> sidecar_;
  std::string sidecar_key_;
  Sha256 all_objects_;
  std::int64_t bytes_ = 0;
};

}  // namespace

FoundManifest read_manifest(const Fd& file) {
  off_t at = 0, entry_at = 0;
  TarReader tar([&](char* out, std::size_t size) {
    const ssize_t got = ::pread(file.get(), out, size, at);
    if (got < 0) throw std::system_error(errno, std::generic_category(), "cannot read the backup");
    at += got;
    return static_cast<std::size_t>(got);
  });
  while (const auto entry = tar.next()) {
    entry_at = at - static_cast<off_t>(kTarBlock);
    if (entry->name == kManifestEntry) return {parse_manifest(tar.text(kManifestMax)), entry_at};
  }
  throw std::runtime_error("the backup is cut: it has no manifest");
}

Verdict verify(const ReadBackup& read, const Place& place) {
  Verdict verdict = Judge(read, place).run();
  if (verdict.faults.empty() && verdict.manifest.keys_recipients == 0)
    verdict.notes.push_back("the keys are not in it: keep `keys/` of the data directory elsewhere");
  return verdict;
}

Verdict verify(const std::string& file, const Place& place) {
  const Fd fd(file == "-" ? ::dup(STDIN_FILENO) : ::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) throw std::system_error(errno, std::generic_category(), "cannot read " + file);
  return verify(
      [&](char* out, std::size_t size) {
        for (;;) {
          const ssize_t got = ::read(fd.get(), out, size);
          if (got >= 0) return static_cast<std::size_t>(got);
          if (errno != EINTR) throw std::system_error(errno, std::generic_category(), "cannot read " + file);
        }
      },
      place);
}

void remove_left(const fs::path& directory) {
  for (const auto& entry : fs::directory_iterator(directory)) {
    const std::string name = entry.path().filename().string();
    for (const std::string_view prefix : {kPartPrefix, kScratchPrefix}) {
      if (!name.starts_with(prefix)) continue;
      const pid_t maker = std::atoi(name.c_str() + prefix.size());
      std::error_code ignored;
      if (maker > 0 && ::kill(maker, 0) != 0 && errno == ESRCH) fs::remove_all(entry.path(), ignored);
    }
  }
}

Verdict prove(const std::string& file) {
  work_in_background();
  const fs::path path(file);
  const TemporaryDirectory scratch(file == "-"              ? fs::temp_directory_path()
                                   : path.has_parent_path() ? path.parent_path()
                                                            : fs::path("."));
  return verify(file, {.directory = scratch.path()});
}

}  // namespace nexus::backup
