// Presign, upload, look, download and remove through the face that the features use; and the key pair's file.
#include "daemon/blobs/backend.hpp"

#include <sys/stat.h>

#include "daemon/blobs/form_parser.hpp"
#include "tests/unit/blobs/support.hpp"

namespace nexus::blobs {
namespace {

using testing::key_of;
using testing::refusal_of;
using testing::TemporaryDirectory;

const Micros kNow = *parse_rfc3339("2026-11-23T01:02:03Z");

/// A browser's body for a grant.
std::string body_of(const UploadGrant& grant, const std::string& content) {
  std::string body;
  for (const auto& [name, value] : grant.fields)
    body += "--xyz\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n";
  return body +
         "--xyz\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\nContent-Type: text/plain\r\n\r\n" +
         content + "\r\n--xyz--\r\n";
}

/// What the route does: parse, verify when the file begins, stream, commit.
ObjectInfo upload(LocalBlobStore& blobs, const std::string& body, Micros now) {
  std::optional<Upload> running;
  FormParser* self = nullptr;
  FormParser parser("xyz", {[&] { running.emplace(blobs.begin(blobs.verify_upload("nexus", self->fields(), now))); },
                            [&](std::string_view bytes) { running->append(bytes); }});
  self = &parser;
  for (std::size_t at = 0; at < body.size(); at += 13) parser.feed(std::string_view(body).substr(at, 13));
  parser.finish();
  return running->commit();
}

TEST_CASE("from presign to removal") {
  TemporaryDirectory directory;
  LocalStore store(directory.path());
  LocalBlobStore blobs(store, {"nxl_k", "secret"});
  CHECK(blobs.name() == "local");
  CHECK(blobs.bucket() == "nexus");
  const auto key = key_of("Größe 1.txt");
  const auto grant = blobs.presign_upload({key, "text/plain", 100}, kNow, "http://127.0.0.1:7700/");
  CHECK(grant.url == "http://127.0.0.1:7700/blobs/nexus");
  CHECK(grant.expires_at == kNow + 15 * kMinute);
  CHECK_FALSE(blobs.head(key, {}));
  CHECK(upload(blobs, body_of(grant, "hello"), kNow).size == 5);
  REQUIRE(blobs.head(key, {}));
  CHECK(blobs.head(key, {})->sha256 == sha256_hex("hello"));
  CHECK(refusal_of([&] { upload(blobs, body_of(grant, "hello"), kNow); }).code == "blob.exists");

  const std::string url = blobs.presign_download({key, "Größe 1.txt", "text/plain"}, kNow, "http://127.0.0.1:7700");
  const std::string path = url.substr(21, url.find('?') - 21);
  CHECK(path == "/blobs/nexus/tenants/t_acme/dev/raw/asset-1/Gr%C3%B6%C3%9Fe%201.txt");
  const auto get = blobs.verify_download({"GET", "127.0.0.1:7700", path, url.substr(url.find('?') + 1)}, kNow);
  CHECK(get.key == key);
  CHECK(get.content_disposition == "attachment; filename=\"Grosse 1.txt\"; filename*=UTF-8''Gr%C3%B6%C3%9Fe%201.txt");
  CHECK(blobs.open(get.key)->info.size == 5);
  CHECK(blobs.remove(key, {}));
  CHECK_FALSE(blobs.head(key, {}));
}

TEST_CASE("an upload that breaks its form leaves nothing") {
  TemporaryDirectory directory;
  LocalStore store(directory.path());
  LocalBlobStore blobs(store, {"nxl_k", "secret"});
  const auto code = [&](const UploadRequest& request, const std::string& content, Micros now) {
    const auto grant = blobs.presign_upload(request, kNow, "http://x");
    return refusal_of([&] { upload(blobs, body_of(grant, content), now); }).code;
  };
  CHECK(code({key_of(), "text/plain", 4}, "hello", kNow) == "blob.size_out_of_range");
  CHECK(code({key_of(), "text/plain", 5, sha256_hex("other")}, "hello", kNow) == "blob.digest_mismatch");
  CHECK(code({key_of(), "text/plain", 5}, "hello", kNow + kHour) == "blob.form_expired");
  const auto grant = blobs.presign_upload({key_of(), "text/plain"}, kNow, "http://x");
  const std::string body = body_of(grant, "hello");
  CHECK(refusal_of([&] { upload(blobs, body.substr(0, body.size() - 6), kNow); }).code == "blob.form_invalid");
  CHECK(directory.files() == 0);
  CHECK(refusal_of([&] { blobs.verify_upload("other", grant.fields, kNow); }).code == "blob.not_found");
  CHECK(code({key_of(), "text/plain", 5, sha256_hex("hello")}, "hello", kNow).empty());
}

TEST_CASE("another daemon's form is refused") {
  TemporaryDirectory directory;
  LocalStore store(directory.path());
  LocalBlobStore ours(store, {"nxl_k", "secret"});
  LocalBlobStore theirs(store, {"nxl_k", "another"});
  const auto grant = theirs.presign_upload({key_of(), "text/plain"}, kNow, "http://x");
  CHECK(refusal_of([&] { upload(ours, body_of(grant, "x"), kNow); }).code == "blob.signature_invalid");
}

TEST_CASE("the key pair is made once, kept private, and read strictly") {
  TemporaryDirectory directory;
  const auto path = directory.path() / "local-s3.key";
  const Credentials made = load_or_create_credentials(path);
  CHECK(made.access_key_id.starts_with("nxl_"));
  CHECK(made.secret.size() == 43);
  struct stat status {};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
  const Credentials again = load_or_create_credentials(path);
  CHECK(again.access_key_id == made.access_key_id);
  CHECK(again.secret == made.secret);
  CHECK(load_or_create_credentials(directory.path() / "other").secret != made.secret);

  ::chmod(path.c_str(), 0640);
  CHECK_THROWS_AS(load_or_create_credentials(path), std::runtime_error);
  for (const auto text : {"", "nxl_a\n", "nxl_a\nshort\n", "AKIA\n0123456789012345678901234567890123456789012\n",
                          "nxl_a\n0123456789012345678901234567890123456789012",
                          "nxl_a\n0123456789012345678901234567890123456789012\nx\n"}) {
    ::chmod(path.c_str(), 0600);
    std::ofstream(path, std::ios::trunc) << text;
    CHECK_THROWS_AS(load_or_create_credentials(path), std::runtime_error);
  }
  std::filesystem::remove(path);
  std::filesystem::create_symlink(directory.path() / "other", path);
  CHECK_THROWS(load_or_create_credentials(path));
}

}  // namespace
}  // namespace nexus::blobs
