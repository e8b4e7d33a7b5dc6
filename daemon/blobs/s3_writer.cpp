#include "daemon/blobs/s3_writer.hpp"

#include "daemon/base/bytes.hpp"
#include "daemon/base/problem.hpp"
#include "daemon/blobs/problems.hpp"
#include "daemon/blobs/s3_store.hpp"

namespace nexus::blobs {
namespace {

constexpr std::size_t kGrownBytes = 256 * 1024;

std::string parts_document(const std::vector<std::string>& etags) {
  std::string xml = "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">";
  for (std::size_t i = 0; i < etags.size(); ++i)
    xml += "<Part><PartNumber>" + std::to_string(i + 1) + "</PartNumber><ETag>" + etags[i] + "</ETag></Part>";
  return xml + "</CompleteMultipartUpload>";
}

}  // namespace

S3Writer::~S3Writer() {
  if (upload_id_.empty()) return;
  try {
    client_.call({.method = "DELETE", .key = terms_.key.str(), .query = {{"uploadId", upload_id_}}});
  } catch (const std::exception&) {
    // The server keeps the parts until its own rule for stale uploads removes them. They never became an object.
  }
}

/// Returns a 2xx answer, or throws storage.unavailable.
S3Answer S3Writer::expect(S3Call call) {
  const std::string method = call.method;
  S3Answer answer = client_.call(std::move(call));
  if (answer.status / 100 != 2) client_.refuse(method, answer);
  return answer;
}

void S3Writer::append(std::string_view chunk) {
  size_ += chunk.size();
  if (size_ > terms_.bytes_max) throw Problem(problems::blob_size_out_of_range);
  hash_.update(chunk);
  // For a large object, reserves the memory of a whole part at once: growth by doubling would take three times as much.
  if (buffer_.size() + chunk.size() > kGrownBytes) buffer_.reserve(kPartBytes);
  while (!chunk.empty()) {
    const std::size_t taken = std::min(chunk.size(), kPartBytes - buffer_.size());
    buffer_.append(chunk.substr(0, taken));
    chunk.remove_prefix(taken);
    if (buffer_.size() == kPartBytes && !chunk.empty()) send_part();
  }
}

void S3Writer::send_part() {
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

ObjectInfo S3Writer::commit() {
  if (size_ < terms_.bytes_min) throw Problem(problems::blob_size_out_of_range);
  const Digest digest = hash_.finish();
  // We computed the digest over the sent bytes, and the server checked each part against the part's own digest.
  ObjectInfo info{
      .size = size_, .sha256 = hex(digest), .content_type = terms_.content_type, .created_at = now_micros()};
  if (terms_.sha256 && *terms_.sha256 != info.sha256) throw Problem(problems::blob_digest_mismatch);
  return upload_id_.empty() ? put_whole(std::move(info)) : complete(std::move(info));
}

ObjectInfo S3Writer::put_whole(ObjectInfo info) {
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

ObjectInfo S3Writer::complete(ObjectInfo info) {
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

}  // namespace nexus::blobs
