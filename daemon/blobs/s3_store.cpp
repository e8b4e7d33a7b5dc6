#include "daemon/blobs/s3_store.hpp"

#include <charconv>

#include "daemon/base/bytes.hpp"
#include "daemon/base/problem.hpp"
#include "daemon/blobs/problems.hpp"
#include "daemon/blobs/s3_writer.hpp"

namespace nexus::blobs {
namespace {

constexpr std::size_t kRangeBytes = 4u << 20;  // held in memory for each object being read

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return value;
}

/// The digest of a whole object. A multipart object has a digest of digests, `…-3`, which proves nothing about the
/// content.
std::string sha256_of(const S3Answer& answer) {
  if (answer.header("x-amz-checksum-type") == "COMPOSITE") return {};
  const auto bytes = unbase64(answer.header("x-amz-checksum-sha256"));
  if (!bytes || bytes->size() != 32) return {};
  return hex(std::span(reinterpret_cast<const std::uint8_t*>(bytes->data()), bytes->size()));
}

Fields query_for(std::string_view version) {
  if (version.empty()) return {};
  return {{"versionId", std::string(version)}};
}

/// AWS answers 405 for a version that is a marker of deletion.
bool is_absent(const S3Answer& answer, std::string_view version) {
  return answer.status == 404 || (answer.status == 405 && !version.empty());
}

bool remove_one(S3Client& client, const StorageKey& key, std::string_view version) {
  const S3Answer answer = client.call({.method = "DELETE", .key = key.str(), .query = query_for(version)});
  if (is_absent(answer, version)) return false;
  if (answer.status / 100 != 2) client.refuse("DELETE", answer);
  return true;
}

/// Reads range by range, each bound to the ETag of the first look: an object that changes meanwhile is raw.changed.
class S3Reader : public ObjectReader {
 public:
  S3Reader(S3Client& client, const StorageKey& key, ObjectInfo info, std::string_view version)
      : client_(client), key_(key), info_(std::move(info)), version_(version) {}

  const ObjectInfo& info() const override { return info_; }

  std::string_view read(std::size_t most) override {
    if (at_ == held_.size() && asked_ < info_.size) fetch();
    const std::size_t taken = std::min(most, held_.size() - at_);
    const std::string_view piece = std::string_view(held_).substr(at_, taken);
    at_ += taken;
    return piece;
  }

 private:
  void fetch() {
    const std::uint64_t wanted = std::min<std::uint64_t>(kRangeBytes, info_.size - asked_);
    S3Answer answer = client_.call(
        {.method = "GET",
         .key = key_.str(),
         .query = query_for(version_),
         .headers = {{"if-match", info_.etag},
                     {"range", "bytes=" + std::to_string(asked_) + "-" + std::to_string(asked_ + wanted - 1)}},
         .answer_bytes_max = kRangeBytes});  // an error may be longer than a short range
    if (answer.status == 412 || answer.status == 416 || is_absent(answer, version_))
      throw Problem(problems::raw_changed, "the stored object changed while it was read");
    // A server without ranges returns the whole object, which is right only when we asked for the whole.
    if ((answer.status != 206 && answer.status != 200) || answer.body.size() != wanted) client_.refuse("GET", answer);
    held_ = std::move(answer.body);
    at_ = 0;
    asked_ += wanted;
  }

  S3Client& client_;
  StorageKey key_;
  ObjectInfo info_;
  std::string version_;
  std::string held_;
  std::size_t at_ = 0;
  std::uint64_t asked_ = 0;
};

}  // namespace

std::string version_of(const S3Answer& answer) {
  const std::string version = answer.header("x-amz-version-id");
  return version == "null" ? "" : version;
}

std::optional<ObjectInfo> look_at(S3Client& client, const StorageKey& key, std::string_view version) {
  const S3Answer answer = client.call({.method = "HEAD",
                                       .key = key.str(),
                                       .query = query_for(version),
                                       .headers = {{"x-amz-checksum-mode", "ENABLED"}}});
  if (is_absent(answer, version)) return std::nullopt;
  const auto size = number(answer.header("content-length"));
  if (answer.status != 200 || !size || answer.header("etag").empty()) client.refuse("HEAD", answer);
  return ObjectInfo{.size = *size,
                    .sha256 = sha256_of(answer),
                    .content_type = answer.header("content-type"),
                    .etag = answer.header("etag"),
                    .version = version_of(answer)};
}

UploadGrant S3BlobStore::presign_upload(const UploadRequest& upload, Micros now, std::string_view) {
  const S3Options& options = client_.options();
  const PostRequest request{options.bucket, upload.key.str(), upload.content_type, upload.bytes_max, upload.sha256};
  PostForm form = sign_post_policy(request, options.credentials, options.region, now);
  return {s3_base(options), std::move(form.fields), form.expires_at};
}

std::string S3BlobStore::presign_download(const DownloadRequest& download, Micros now, std::string_view) {
  const S3Options& options = client_.options();
  const GetRequest request{.base = s3_origin(options),
                           .path = s3_path(options, download.key.str()),
                           .content_disposition = content_disposition(download.filename),
                           .content_type = download.content_type,
                           .version = download.version};
  return presign_get(request, options.credentials, options.region, now);
}

std::optional<ObjectInfo> S3BlobStore::head(const StorageKey& key, std::string_view version) {
  return look_at(client_, key, version);
}

std::unique_ptr<ObjectWriter> S3BlobStore::write(UploadTerms terms) {
  return std::make_unique<S3Writer>(client_, std::move(terms));
}

std::unique_ptr<ObjectReader> S3BlobStore::read(const StorageKey& key, std::string_view version) {
  auto info = look_at(client_, key, version);
  if (!info) return nullptr;
  return std::make_unique<S3Reader>(client_, key, std::move(*info), version);
}

/// In a versioned bucket, a removal without a version only hides the object, again at each call.
bool S3BlobStore::remove(const StorageKey& key, std::string_view version) {
  if (version.empty()) return remove_one(client_, key, {});
  const bool removed = remove_one(client_, key, version);
  return (look_at(client_, key, {}) && remove_one(client_, key, {})) || removed;
}

}  // namespace nexus::blobs
