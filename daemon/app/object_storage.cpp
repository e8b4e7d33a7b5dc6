#include "daemon/app/object_storage.hpp"

#include "daemon/app/secret_file.hpp"
#include "daemon/log.hpp"

namespace nexus::app {

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

unsigned storage_threads(const Config& config) { return config.blobs == BlobBackend::s3 ? 32 : 4; }

ObjectStorage::ObjectStorage(const Config& config, const store::DataDirectory& directory) {
  if (config.blobs == BlobBackend::s3) {
    blobs::S3Options options = s3_options(config);
    options.complain = [](const std::string& why) { log::warn("the object store failed", {{"call", why}}); };
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
