// The interface of a blob store: presign, head, write, read, remove. The local store implements it here, the store on
// an S3-compatible server in s3_store. Calls may block on a file or the network: keep them off the event loop. Threads:
// any.
#pragma once
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "daemon/blobs/local_store.hpp"
#include "daemon/blobs/verify.hpp"

namespace nexus::blobs {

struct UploadGrant {
  std::string url;
  Fields fields;
  Micros expires_at = 0;
};

/// What a presigned upload must allow.
struct UploadRequest {
  StorageKey key;
  std::string content_type;
  std::uint64_t bytes_max = kObjectBytesMax;
  std::optional<std::string> sha256 = std::nullopt;
};

/// What a presigned link must return: the object as an attachment named `filename`.
struct DownloadRequest {
  StorageKey key;
  std::string filename;
  std::string content_type;
  std::string version = {};  // empty: the newest
};

/// An object that the daemon itself reads, from the beginning.
class ObjectReader {
 public:
  virtual ~ObjectReader() = default;
  virtual const ObjectInfo& info() const = 0;
  /// Up to `most` further bytes; an empty view at the end. Valid until the next call.
  virtual std::string_view read(std::size_t most) = 0;
};

class BlobStore {
 public:
  virtual ~BlobStore() = default;
  virtual std::string_view name() const = 0;  // `local` or `s3`
  virtual const std::string& bucket() const = 0;
  /// Whether a stored object can never change, only be removed, so that it always is the object that was registered.
  virtual bool is_write_once() const = 0;
  /// `public_base_url`: `http://host[:port]` of the daemon. The S3 store uses its own endpoint instead.
  virtual UploadGrant presign_upload(const UploadRequest& upload, Micros now, std::string_view public_base_url) = 0;
  virtual std::string presign_download(const DownloadRequest& download, Micros now,
                                       std::string_view public_base_url) = 0;
  // `version` is that of an ObjectInfo; empty: the newest. The local store has one version of each object.
  virtual std::optional<ObjectInfo> head(const StorageKey& key, std::string_view version) = 0;
  virtual std::unique_ptr<ObjectWriter> write(UploadTerms terms) = 0;
  /// Null when there is no such object; the caller decides whether that is blob.not_found.
  virtual std::unique_ptr<ObjectReader> read(const StorageKey& key, std::string_view version) = 0;
  /// Removes the version and any other versions found under the key. False when there was none.
  virtual bool remove(const StorageKey& key, std::string_view version) = 0;
  /// Whether remove_owner needs no filename. If so, the filename of a deleted object need not be kept for its sweeps.
  virtual bool finds_by_owner() const { return false; }
  /// Removes all objects of the key's owner. A store that cannot list them removes the key's own object.
  virtual void remove_owner(const StorageKey& key, std::string_view version) { remove(key, version); }
};

/// The local store behind `/blobs/{bucket}`, with a key pair of its own.
class LocalBlobStore : public BlobStore {
 public:
  LocalBlobStore(LocalStore& store, Credentials credentials, std::string bucket = "nexus",
                 std::string region = "local");

  std::string_view name() const override { return "local"; }
  const std::string& bucket() const override { return bucket_; }
  UploadGrant presign_upload(const UploadRequest& upload, Micros now, std::string_view public_base_url) override;
  std::string presign_download(const DownloadRequest& download, Micros now, std::string_view public_base_url) override;
  std::optional<ObjectInfo> head(const StorageKey& key, std::string_view) override { return store_.stat(bucket_, key); }
  std::unique_ptr<ObjectWriter> write(UploadTerms terms) override {
    return std::make_unique<Upload>(begin(std::move(terms)));
  }
  std::unique_ptr<ObjectReader> read(const StorageKey& key, std::string_view version) override;
  bool remove(const StorageKey& key, std::string_view) override { return store_.remove(bucket_, key); }
  bool is_write_once() const override { return true; }
  bool finds_by_owner() const override { return true; }
  void remove_owner(const StorageKey& key, std::string_view) override { store_.remove_owner(bucket_, key); }

  /// For the routes under /blobs. Throw blob.not_found for a bucket that is not ours.
  VerifiedForm verify_upload(std::string_view bucket_in_path, const Fields& fields, Micros now) const;
  VerifiedGet verify_download(const SentGet& sent, Micros now) const;
  Upload begin(UploadTerms terms) { return store_.begin(bucket_, std::move(terms)); }
  std::optional<OpenObject> open(const StorageKey& key) { return store_.open(bucket_, key); }

 private:
  std::string object_prefix() const { return "/blobs/" + bucket_ + "/"; }

  LocalStore& store_;
  Credentials credentials_;
  std::string bucket_;
  std::string region_;
};

/// The local key pair: a file of two lines, access key id (`nxl_…`) and secret, mode 0600. Created when missing. Throws
/// std::runtime_error when the file is not two such lines or is open to others, std::system_error on I/O.
Credentials load_or_create_credentials(const std::filesystem::path& path);

}  // namespace nexus::blobs
