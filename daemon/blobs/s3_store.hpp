// Objects on an S3-compatible server. Clients upload to it and download from it by presigned forms and links; the
// daemon itself looks (HEAD), reads (ranges, each bound to the ETag it began with), writes (one PUT, or parts when
// there is more than one part's worth) and removes. No byte touches the local disk, and nothing falls back to it.
//
// A digest is told only when the server says that it computed one (`x-amz-checksum-sha256` of a whole object): metadata
// is the client's word.
#pragma once
#include "daemon/blobs/backend.hpp"
#include "daemon/blobs/s3_client.hpp"

namespace nexus::blobs {

/// Of a version that the server made; "" where it keeps none.
std::string version_of(const S3Answer& answer);
/// HEAD. Nothing when there is no such object, or no such version of it.
std::optional<ObjectInfo> look_at(S3Client& client, const StorageKey& key, std::string_view version);

class S3BlobStore : public BlobStore {
 public:
  explicit S3BlobStore(S3Options options) : client_(std::move(options)) {}

  std::string_view name() const override { return "s3"; }
  const std::string& bucket() const override { return client_.options().bucket; }
  UploadGrant presign_upload(const UploadRequest& upload, Micros now, std::string_view public_base_url) override;
  std::string presign_download(const DownloadRequest& download, Micros now, std::string_view public_base_url) override;
  std::optional<ObjectInfo> head(const StorageKey& key, std::string_view version) override;
  std::unique_ptr<ObjectWriter> write(UploadTerms terms) override;
  std::unique_ptr<ObjectReader> read(const StorageKey& key, std::string_view version) override;
  bool remove(const StorageKey& key, std::string_view version) override;
  bool is_write_once() const override { return false; }

  const S3Options& options() const { return client_.options(); }
  /// What was wrong with the last call; "" when nothing was.
  std::string trouble() { return client_.trouble(); }
  /// Ends the calls under way; further ones fail at once.
  void stop() { client_.stop(); }

 private:
  S3Client client_;
};

}  // namespace nexus::blobs
