// Objects on an S3-compatible server. Clients upload and download by presigned forms and links. The daemon itself looks
// up (HEAD), reads (ranges, each bound to the first ETag), writes (one PUT, or parts for larger objects) and removes.
// No byte touches the local disk, and nothing falls back to it.
//
// A digest is reported only when the server computed it (`x-amz-checksum-sha256` of a whole object): metadata is only
// the client's claim.
#pragma once
#include "daemon/blobs/backend.hpp"
#include "daemon/blobs/s3_client.hpp"

namespace nexus::blobs {

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
  /// The fault of the last call; "" when it succeeded.
  std::string trouble() { return client_.trouble(); }
  /// Ends the running calls. Further calls fail at once.
  void stop() { client_.stop(); }

 private:
  S3Client client_;
};

}  // namespace nexus::blobs
