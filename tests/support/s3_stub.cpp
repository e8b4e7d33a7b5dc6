// What the stub understands of S3. Its sockets and its faults are s3_stub_server.cpp's.
#include "tests/support/s3_stub.hpp"

#include <algorithm>
#include <fstream>

#include "daemon/base/bytes.hpp"
#include "daemon/base/crypto.hpp"
#include "daemon/base/problem.hpp"
#include "daemon/base/text.hpp"
#include "daemon/blobs/form_parser.hpp"
#include "daemon/blobs/verify.hpp"

namespace nexus::test {
namespace {

constexpr std::string_view kBucket = "nexus", kRegion = "us-east-1";

std::string value_of(const blobs::Fields& fields, std::string_view name) {
  const auto found = std::ranges::find(fields, name, [](const auto& field) { return std::string_view(field.first); });
  return found == fields.end() ? std::string() : found->second;
}

StubAnswer refusal(int status, const std::string& code) {
  return {.status = status,
          .headers = {{"Content-Type", "application/xml"}},
          .body = "<?xml version=\"1.0\"?><Error><Code>" + code + "</Code><Message>the stub says no</Message></Error>"};
}

std::string base64_sha256(std::string_view content) { return base64(as_text(sha256(content))); }

}  // namespace

std::string StubRequest::header(std::string_view name) const { return value_of(headers, name); }
std::string StubRequest::parameter(std::string_view name) const { return value_of(query, name); }
bool StubRequest::has(std::string_view parameter) const {
  return std::ranges::any_of(query, [&](const auto& field) { return field.first == parameter; });
}

DaemonOptions S3Stub::daemon(DaemonOptions base) const {
  const auto id = keys_.path() / "id", secret = keys_.path() / "secret";
  for (const std::string& argument :
       {std::string("--blobs"), std::string("s3"), std::string("--s3-endpoint"), endpoint(),
        std::string("--s3-access-key-file"), id.string(), std::string("--s3-secret-key-file"), secret.string()})
    base.arguments.push_back(argument);
  return base;
}

std::optional<StubObject> S3Stub::object(const std::string& key) {
  const std::lock_guard lock(mutex_);
  const auto found = objects_.find(key);
  if (found == objects_.end()) return std::nullopt;
  return found->second.back();
}

std::size_t S3Stub::objects() {
  const std::lock_guard lock(mutex_);
  return objects_.size();
}

std::size_t S3Stub::open_uploads() {
  const std::lock_guard lock(mutex_);
  return uploads_.size();
}

void S3Stub::put(const std::string& key, const std::string& content) {
  const std::lock_guard lock(mutex_);
  store(key, content, "text/plain", options_.digests);
}

void S3Stub::erase(const std::string& key) {
  const std::lock_guard lock(mutex_);
  objects_.erase(key);
}

/// Nothing when the caller is who he says he is, and may.
std::optional<StubAnswer> S3Stub::judge_signature(const StubRequest& request) const {
  const bool presigned = request.has("X-Amz-Signature");
  const std::string authorization = request.header("authorization");
  const auto field = [&](const std::string& name) {
    const std::size_t at = authorization.find(name + "=");
    if (at == std::string::npos) return std::string();
    const std::size_t begin = at + name.size() + 1;
    return authorization.substr(begin, authorization.find(',', begin) - begin);
  };
  const auto scope = blobs::Scope::parse(presigned ? request.parameter("X-Amz-Credential") : field("Credential"));
  if (!scope || scope->access_key_id != credentials_.access_key_id) return refusal(403, "InvalidAccessKeyId");
  if (scope->region != kRegion) return refusal(400, "AuthorizationHeaderMalformed");
  blobs::CanonicalRequest canonical{request.method, request.path, {}, {}};
  for (const auto& [name, value] : request.query)
    if (name != "X-Amz-Signature") canonical.query.emplace_back(name, value);
  const std::string signed_names = presigned ? request.parameter("X-Amz-SignedHeaders") : field("SignedHeaders");
  for (const auto name : split(signed_names, ';')) canonical.headers.emplace_back(name, request.header(name));
  if (!presigned) canonical.payload_hash = request.header("x-amz-content-sha256");
  const std::string date = presigned ? request.parameter("X-Amz-Date") : request.header("x-amz-date");
  const std::string ours =
      blobs::signature(credentials_.secret, *scope, blobs::string_to_sign(canonical, *scope, date));
  if (ours != (presigned ? request.parameter("X-Amz-Signature") : field("Signature")))
    return refusal(403, "SignatureDoesNotMatch");
  if (!presigned && canonical.payload_hash != sha256_hex(request.body))
    return refusal(400, "XAmzContentSHA256Mismatch");
  return std::nullopt;
}

StubAnswer S3Stub::serve(const StubRequest& request) {
  const std::lock_guard lock(mutex_);
  if (!request.path.starts_with("/" + std::string(kBucket))) return refusal(404, "NoSuchBucket");
  if (request.method == "POST" && request.key.empty()) return take_form(request);
  if (auto refused = judge_signature(request)) return *refused;
  if (request.has("uploads") || request.has("uploadId")) return take_upload(request);
  if (request.method == "PUT") {
    const std::string claimed = request.header("x-amz-checksum-sha256");
    if (!claimed.empty() && claimed != base64_sha256(request.body)) return refusal(400, "BadDigest");
    return store(request.key, request.body, request.header("content-type"), !claimed.empty());
  }
  if (request.method == "DELETE") {
    const auto found = objects_.find(request.key);
    if (found != objects_.end() && request.has("versionId"))
      std::erase_if(found->second,
                    [&](const StubObject& object) { return object.version == request.parameter("versionId"); });
    if (found != objects_.end() && (found->second.empty() || !request.has("versionId"))) objects_.erase(found);
    return {.status = 204};
  }
  return show(request);
}

StubAnswer S3Stub::store(const std::string& key, std::string content, const std::string& type, bool told) {
  StubObject object{.size = content.size(),
                    .etag = "\"" + sha256_hex(content + std::to_string(next_)).substr(0, 32) + "\"",
                    .sha256 = base64_sha256(content),
                    .content_type = type,
                    .told = told};
  if (options_.versions) object.version = "v" + std::to_string(++next_);
  if (options_.keeps_content) object.content = std::move(content);
  auto& kept = objects_[key];
  if (!options_.versions) kept.clear();
  kept.push_back(object);
  StubAnswer answer{.status = 200, .headers = {{"ETag", object.etag}}};
  if (options_.versions) answer.headers.emplace_back("x-amz-version-id", object.version);
  if (told) answer.headers.emplace_back("x-amz-checksum-sha256", object.sha256);
  return answer;
}

StubAnswer S3Stub::take_form(const StubRequest& request) {
  const auto boundary = blobs::boundary_of(request.header("content-type"));
  if (!boundary) return refusal(400, "MalformedPOSTRequest");
  std::string content;
  std::optional<blobs::VerifiedForm> form;
  try {
    blobs::FormParser* parser = nullptr;
    blobs::FormParser reader(
        *boundary,
        {.on_file =
             [&] {
               form = blobs::verify_post_form(parser->fields(), {credentials_, kRegion}, kBucket, now_micros());
             },
         .on_bytes = [&](std::string_view bytes) { content += bytes; }});
    parser = &reader;
    reader.feed(request.body);
    reader.finish();
  } catch (const Problem& problem) {
    return refusal(info(problem.code).status, "AccessDenied");
  }
  if (content.size() > form->bytes_max) return refusal(400, "EntityTooLarge");
  StubAnswer answer = store(form->key.str(), std::move(content), form->content_type, options_.digests);
  answer.status = 204;
  return answer;
}

StubObject* S3Stub::find(const StubRequest& request) {
  const auto found = objects_.find(request.key);
  if (found == objects_.end()) return nullptr;
  if (!request.has("versionId")) return &found->second.back();
  const auto version = std::ranges::find(found->second, request.parameter("versionId"), &StubObject::version);
  return version == found->second.end() ? nullptr : &*version;
}

StubAnswer S3Stub::show(const StubRequest& request) {
  const StubObject* object = find(request);
  if (object == nullptr) return refusal(404, "NoSuchKey");
  const std::string if_match = request.header("if-match"), range = request.header("range");
  if (!if_match.empty() && if_match != object->etag) return refusal(412, "PreconditionFailed");
  StubAnswer answer{.status = 200, .headers = {{"ETag", object->etag}, {"Content-Type", object->content_type}}};
  if (!object->version.empty()) answer.headers.emplace_back("x-amz-version-id", object->version);
  if (object->told && request.header("x-amz-checksum-mode") == "ENABLED")
    answer.headers.emplace_back("x-amz-checksum-sha256", object->sha256);
  for (const char* name : {"response-content-type", "response-content-disposition"})
    if (request.has(name)) answer.headers.emplace_back(std::string(name).substr(9), request.parameter(name));
  if (request.method == "HEAD") {
    answer.headers.emplace_back("Content-Length", std::to_string(object->size));
    answer.whole_length_of_head = true;
    return answer;
  }
  answer.body = object->content;
  if (range.starts_with("bytes=")) {
    const std::size_t dash = range.find('-');
    const std::size_t from = std::stoull(range.substr(6, dash - 6)), to = std::stoull(range.substr(dash + 1));
    answer.status = 206;
    answer.body = object->content.substr(from, to - from + 1);
  }
  return answer;
}

StubAnswer S3Stub::take_upload(const StubRequest& request) {
  if (request.has("uploads")) {
    const std::string id = "upload-" + std::to_string(++next_);
    uploads_[id] = {request.key, request.header("content-type"), {}, 0};
    return {.body = "<InitiateMultipartUploadResult><UploadId>" + id + "</UploadId></InitiateMultipartUploadResult>"};
  }
  const auto upload = uploads_.find(request.parameter("uploadId"));
  if (upload == uploads_.end() || upload->second.key != request.key) return refusal(404, "NoSuchUpload");
  if (request.method == "DELETE") {
    uploads_.erase(upload);
    return {.status = 204};
  }
  if (request.method == "PUT") {
    const int number = std::stoi(request.parameter("partNumber"));
    upload->second.size += request.body.size();
    upload->second.parts[number] = options_.keeps_content ? request.body : "";
    return {.headers = {{"ETag", "\"" + sha256_hex(request.body).substr(0, 32) + "\""}}};
  }
  std::string content;
  for (const auto& [number, part] : upload->second.parts) content += part;
  const std::string type = upload->second.type;
  const std::uint64_t size = upload->second.size;
  uploads_.erase(upload);
  StubAnswer answer = store(request.key, std::move(content), type, false);
  objects_[request.key].back().size = size;
  answer.body = "<CompleteMultipartUploadResult><ETag>" + objects_[request.key].back().etag +
                "</ETag></CompleteMultipartUploadResult>";
  return answer;
}

}  // namespace nexus::test
