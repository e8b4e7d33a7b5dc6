// What the S3 store decides without a server: where objects are addressed, and what stands in a link.
#include "daemon/blobs/problems.hpp"
#include "daemon/blobs/s3_store.hpp"

#include "daemon/base/problem.hpp"
#include "tests/catch.hpp"

namespace nexus::blobs {
namespace {

S3Options options(const std::string& endpoint, bool virtual_host) {
  return {.endpoint = endpoint,
          .region = "eu-central-1",
          .bucket = "acme-blobs",
          .virtual_host = virtual_host,
          .credentials = {"AKIDEXAMPLE", "secret"}};
}

StorageKey key() { return *StorageKey::parse("tenants/t_a/dev/raw/x1/report.pdf"); }

}  // namespace

TEST_CASE("a bucket is addressed in the path or in the host, as configured") {
  const auto path = options("https://s3.example:9000", false), host = options("https://s3.example:9000", true);
  CHECK(s3_base(path) == "https://s3.example:9000/acme-blobs");
  CHECK(s3_base(host) == "https://acme-blobs.s3.example:9000");
  CHECK(s3_path(path, "a/b") == "/acme-blobs/a/b");
  CHECK(s3_path(host, "a/b") == "/a/b");
}

TEST_CASE("forms and links lead to the server, whatever name nexusd was called by") {
  for (const bool virtual_host : {false, true}) {
    const auto chosen = options("https://s3.example", virtual_host);
    S3BlobStore store(chosen);
    const auto grant =
        store.presign_upload({.key = key(), .content_type = "application/pdf"}, now_micros(), "http://127.0.0.1:7700");
    CHECK(grant.url == s3_base(chosen));
    const std::string link =
        store.presign_download({key(), "report.pdf", "application/pdf"}, now_micros(), "http://127.0.0.1:7700");
    CHECK(link.starts_with(s3_base(chosen) + "/" + key().str() + "?"));
    CHECK(link.find("response-content-disposition=attachment") != std::string::npos);
    CHECK(link.find("versionId") == std::string::npos);
  }
}

TEST_CASE("a link asks for the version that was registered, under the signature") {
  S3BlobStore store(options("https://s3.example", false));
  const Micros now = now_micros();
  const auto link = [&](const std::string& version) {
    return store.presign_download({key(), "report.pdf", "application/pdf", version}, now, "");
  };
  CHECK(link("v+1/=").find("&versionId=v%2B1%2F%3D&X-Amz-Signature=") != std::string::npos);
  CHECK(link("v1").substr(link("v1").rfind('=')) != link("v2").substr(link("v2").rfind('=')));
}

TEST_CASE("a server that is not there is storage.unavailable within the deadline, named for the operator alone") {
  auto chosen = options("http://127.0.0.1:1", false);
  std::vector<std::string> complaints;
  chosen.complain = [&](const std::string& why) { complaints.push_back(why); };
  S3BlobStore store(chosen);
  try {
    store.head(key(), {});
    FAIL("it answered");
  } catch (const Problem& problem) {
    CHECK(problem.code == problems::storage_unavailable);
    CHECK(problem.retry_after);
    CHECK(std::string(problem.what()).find("127.0.0.1") == std::string::npos);
  }
  CHECK(complaints == std::vector<std::string>{"HEAD: no whole answer (nobody listens there)"});
  CHECK(store.trouble() == complaints.front());
}

TEST_CASE("what a server refused is told with its code and a remedy, and with no other text of the server's") {
  const auto words = [](int status, const std::string& code) {
    return words_for({status, {}, "<Error><Code>" + code + "</Code><Message>secret text</Message></Error>"});
  };
  CHECK(words(403, "SignatureDoesNotMatch").starts_with("status 403 SignatureDoesNotMatch (the secret key is wrong"));
  CHECK(words(404, "NoSuchThing") == "status 404 NoSuchThing");
  CHECK(words(500, "two words\n") == "status 500");
  CHECK(words_for({301, {{"x-amz-bucket-region", "eu-west-1"}}, ""}) ==
        "status 301 (the bucket is in region eu-west-1)");
  CHECK(words_for({}) == "no whole answer");
}

TEST_CASE("an element's text is read from an answer, once") {
  CHECK(xml_text("<Error><Code>NoSuchKey</Code></Error>", "Code") == "NoSuchKey");
  CHECK(xml_text("<Error><Code>NoSuchKey", "Code").empty());
  CHECK(xml_text("", "Code").empty());
}

}  // namespace nexus::blobs
