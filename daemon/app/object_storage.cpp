#include "daemon/app/object_storage.hpp"

#include "daemon/app/secret_file.hpp"
#include "daemon/blobs/storage_key.hpp"
#include "daemon/config/resolve.hpp"
#include "daemon/log.hpp"
#include "store/identity.hpp"
#include "store/objects.hpp"

namespace nexus::app {
namespace {

constexpr std::string_view kHome = "object_home";

/// `backend bucket`, as recorded.
std::string home_of(const Config& config, const std::string& bucket) {
  return (config.blobs == BlobBackend::s3 ? "s3 " : "local ") + bucket;
}

/// A store of an older build records no home: its objects name the bucket, and the configured backend is trusted.
std::optional<std::string> home_on_record(const store::Reader& reader, const Config& config) {
  if (auto home = store::find_meta(reader, kHome)) return home;
  const auto object = blobs::StorageKey::parse_uri(store::find_any_object_uri(reader));
  if (!object) return std::nullopt;
  return home_of(config, object->bucket);
}

std::string spoken(const std::string& home) {
  const std::size_t blank = home.find(' ');
  return "bucket " + home.substr(blank + 1) + " (blobs=" + home.substr(0, blank) + ")";
}

std::optional<std::string> fault_of(const store::Reader& reader, const Config& config,
                                    const std::optional<std::string>& home) {
  if (!home || *home == home_of(config, config.s3_bucket) || !store::has_objects(reader)) return std::nullopt;
  return "the objects on record lie in " + spoken(*home) + ", not in " + spoken(home_of(config, config.s3_bucket));
}

}  // namespace

bool has_local_files(const std::filesystem::path& data_dir) {
  const auto blobs = data_dir / "blobs";
  return std::filesystem::is_directory(blobs) && !std::filesystem::is_empty(blobs);
}

blobs::S3Options s3_options(const Config& config) {
  return {.endpoint = config.s3_endpoint,
          .region = config.s3_region,
          .bucket = config.s3_bucket,
          .virtual_host = config.s3_virtual_host,
          .credentials = {read_secret_text("s3-access-key-file", config.s3_access_key_file),
                          read_secret_text("s3-secret-key-file", config.s3_secret_key_file)}};
}

bool refuses_prod(const Config& config) { return config.blobs == BlobBackend::local && !config.allow_local_in_prod; }

std::string storage_words(const Config& config) {
  if (config.blobs == BlobBackend::s3)
    return "s3: bucket " + config.s3_bucket + " at " + config.s3_endpoint + ", region " + config.s3_region;
  return refuses_prod(config) ? "local; writes of env prod are refused (storage.local_in_prod)"
                              : "local; env prod allowed by blobs.allow_local_in_prod";
}

std::string object_place(const Config& config, const std::filesystem::path& data_dir) {
  return config.blobs == BlobBackend::local ? (data_dir / "blobs" / config.s3_bucket).string() : storage_words(config);
}

unsigned storage_threads(const Config& config) { return config.blobs == BlobBackend::s3 ? 32 : 4; }

std::optional<std::string> object_home_fault(const store::Reader& reader, const Config& config) {
  return fault_of(reader, config, home_on_record(reader, config));
}

std::optional<std::string> moved_objects_fault(const store::Reader& reader, const Config& config,
                                               const std::filesystem::path& data_dir) {
  auto home = home_on_record(reader, config);
  const bool is_unrecorded = !store::find_meta(reader, kHome);
  if (home && is_unrecorded && has_local_files(data_dir)) home = "local" + home->substr(home->find(' '));
  return fault_of(reader, config, home);
}

void change_object_home(store::Tx& tx, const Config& config) {
  store::put_meta(tx, kHome, home_of(config, config.s3_bucket));
}

void keep_object_home(store::Database& database, const Config& config) {
  if (config.blobs == BlobBackend::local && database.leadership().daemons() > 1)
    log::warn(
        "objects are kept in the data directory, and other daemons serve from this database: what one stores, the "
        "others do not find, unless blobs/ is one directory for all; give all of them --blobs s3",
        {{"daemons", database.leadership().daemons()}});
  std::optional<std::string> recorded;
  {
    auto lease = database.read();
    if (const auto fault = object_home_fault(lease.reader(), config))
      throw ConfigError("s3-bucket", "configuration", *fault,
                        "start with the bucket and the backend that hold them; in another one every file is absent");
    recorded = store::find_meta(lease.reader(), kHome);
  }
  if (recorded == home_of(config, config.s3_bucket)) return;
  database.writer().apply([&](store::Tx& tx) { change_object_home(tx, config); });
}

ObjectStorage::ObjectStorage(const Config& config, const store::DataDirectory& directory,
                             std::function<void(const blobs::S3Report&)> report) {
  if (config.blobs == BlobBackend::s3) {
    blobs::S3Options options = s3_options(config);
    options.complain = [](const std::string& why) { log::warn("the object store failed", {{"call", why}}); };
    options.report = std::move(report);
    s3_.emplace(std::move(options));
    return;
  }
  files_.emplace(directory.blobs());
  local_.emplace(*files_, blobs::load_or_create_credentials(directory.keys() / "local-s3.key"), config.s3_bucket);
}

blobs::BlobStore& ObjectStorage::blobs() {
  if (local_) return *local_;
  return *s3_;
}

void ObjectStorage::sweep(const std::function<bool()>& goes_on) {
  if (files_) files_->sweep(std::chrono::seconds(0), goes_on);
}

void ObjectStorage::stop() {
  if (s3_) s3_->stop();
}

}  // namespace nexus::app
