#include "daemon/blobs/s3_store.hpp"

#include <charconv>

#include "daemon/base/bytes.hpp"
#include "daemon/blobs/problems.hpp"

namespace nexus::blobs {
namespace {

constexpr std::size_t kRangeBytes = 4u << 20;  // held in memory for each object being read
// The smallest part that S3 accepts. A call has 4 seconds, and smaller parts suit slower links. 5 GiB make 1024 parts;
// S3 accepts 10 000.
constexpr std::size_t kPartBytes = 5u << 20;
constexpr std::size_t kGrownBytes = 256 * 1024;

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
  return hex(*bytes);
}

Fields query_for(std::string_view version) {
  if (version.empty()) return {};
  return {{"versionId", std::string(version)}};
}

/// AWS answers 405 for a version that is a marker of deletion.
bool is_absent(const S3Answer& answer, std::string_view version) {
  return answer.status == 404 || (answer.status == 405 && !version.empty());
}

/// The version id in an answer; "" when the server keeps no versions.
std::string version_of(const S3Answer& answer) {
  const std::string version = answer.header("x-amz-version-id");
  return version == "null" ? "" : version;
}

/// Sends HEAD. Returns nothing when there is no such object or version.
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

std::string parts_document(const std::vector<std::string>& etags) {
  std::string xml = "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">";
  for (std::size_t i = 0; i < etags.size(); ++i)
    xml += "<Part><PartNumber>" + std::to_string(i + 1) + "</PartNumber><ETag>" + etags[i] + "</ETag></Part>";
  return xml + "</CompleteMultipartUpload>";
}

/// Writes one object as its bytes come: a single PUT if it fits into one part, else a multipart upload that keeps one
/// part in memory. Nothing is visible before commit. Without commit the sent parts are removed.
class S3Writer : public ObjectWriter {
 public:
  S3Writer(S3Client& client, UploadTerms terms) : client_(client), terms_(std::move(terms)) {}
  ~S3Writer() override {
    if (upload_id_.empty()) return;
    try {
      client_.call({.method = "DELETE", .key = terms_.key.str(), .query = {{"uploadId", upload_id_}}});
    } catch (const std::exception&) {
      // The server keeps the parts until its own rule for stale uploads removes them. They never became an object.
    }
  }
  S3Writer(const S3Writer&) = delete;
  S3Writer& operator=(const S3Writer&) = delete;

  void append(std::string_view chunk) override {
    size_ += chunk.size();
    if (size_ > terms_.bytes_max) throw Problem(problems::blob_size_out_of_range);
    hash_.update(chunk);
    // For a large object, reserves the memory of a whole part at once: growth by doubling would take three times as
    // much.
    if (buffer_.size() + chunk.size() > kGrownBytes) buffer_.reserve(kPartBytes);
    while (!chunk.empty()) {
      const std::size_t taken = std::min(chunk.size(), kPartBytes - buffer_.size());
      buffer_.append(chunk.substr(0, taken));
      chunk.remove_prefix(taken);
      if (buffer_.size() == kPartBytes && !chunk.empty()) send_part();
    }
  }

  ObjectInfo commit() override {
    if (size_ < terms_.bytes_min) throw Problem(problems::blob_size_out_of_range);
    const Digest digest = hash_.finish();
    // We computed the digest over the sent bytes, and the server checked each part against the part's own digest.
    ObjectInfo info{
        .size = size_, .sha256 = hex(digest), .content_type = terms_.content_type, .created_at = now_micros()};
    if (terms_.sha256 && *terms_.sha256 != info.sha256) throw Problem(problems::blob_digest_mismatch);
    return upload_id_.empty() ? put_whole(std::move(info)) : complete(std::move(info));
  }

 private:
  void send_part() {
    if (upload_id_.empty()) {
      const S3Answer begun = expect({.method = "POST",
                                     .key = terms_.key.str(),
                                     .query = {{"uploads", ""}},
                                     .headers = {{"content-type", terms_.content_type}}});
      upload_id_ = xml_text(begun.body, "UploadId");
      if (upload_id_.empty()) client_.refuse("POST without UploadId", begun);
    }
    S3Call call{.method = "PUT",
                .key = terms_.key.str(),
                .query = {{"partNumber", std::to_string(etags_.size() + 1)}, {"uploadId", upload_id_}},
                .body = std::move(buffer_)};
    const S3Answer sent = client_.call_keeping(call);
    buffer_ = std::move(call.body);
    buffer_.clear();
    if (sent.status != 200 || sent.header("etag").empty()) client_.refuse("PUT of a part", sent);
    etags_.push_back(sent.header("etag"));
  }

  ObjectInfo put_whole(ObjectInfo info) {
    const auto bytes = unhex(info.sha256);
    const S3Answer answer =
        expect({.method = "PUT",
                .key = terms_.key.str(),
                .headers = {{"content-type", terms_.content_type}, {"x-amz-checksum-sha256", base64(*bytes)}},
                .body = std::move(buffer_)});
    const std::string checksum = answer.header("x-amz-checksum-sha256");
    if (!checksum.empty() && checksum != base64(*bytes)) client_.refuse("PUT of other bytes than sent", answer);
    info.etag = answer.header("etag");
    info.version = version_of(answer);
    return info;
  }

  ObjectInfo complete(ObjectInfo info) {
    send_part();
    // The call must not run twice, and 200 may still carry an error: the document in the answer decides.
    const S3Answer answer = expect({.method = "POST",
                                    .key = terms_.key.str(),
                                    .query = {{"uploadId", upload_id_}},
                                    .headers = {{"content-type", "application/xml"}},
                                    .body = parts_document(etags_)});
    if (answer.body.find("<CompleteMultipartUploadResult") == std::string::npos)
      client_.refuse("POST that completed nothing", answer);
    upload_id_.clear();
    info.version = version_of(answer);
    // Some servers leave the ETag in that document empty (Ceph 16 does). HEAD also verifies the size, which a lost part
    // would change.
    const auto stored = look_at(client_, terms_.key, info.version);
    if (!stored || stored->size != size_) client_.refuse("POST that completed another size", answer);
    info.etag = stored->etag;
    return info;
  }

  /// Returns a 2xx answer, or throws storage.unavailable.
  S3Answer expect(S3Call call) {
    const std::string method = call.method;
    S3Answer answer = client_.call(std::move(call));
    if (answer.status / 100 != 2) client_.refuse(method, answer);
    return answer;
  }

  S3Client& client_;
  UploadTerms terms_;
  std::string buffer_;
  Sha256 hash_;
  std::uint64_t size_ = 0;
  std::string upload_id_;           // of the running multipart upload
  std::vector<std::string> etags_;  // of its parts
};

}  // namespace

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
