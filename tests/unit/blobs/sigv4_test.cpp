// Signature Version 4 against the vectors that AWS publishes and against what boto3 signs for the same clock.
#include "daemon/base/bytes.hpp"
#include "daemon/base/text.hpp"
#include "daemon/blobs/presign.hpp"
#include "daemon/blobs/verify.hpp"
#include "tests/unit/blobs/support.hpp"

namespace nexus::blobs {
namespace {

using testing::refusal_of;
using testing::slurp;

const Credentials kAws{"AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"};
const std::string kFixtures = std::string(NEXUS_SOURCE_DIR) + "/tests/fixtures/blobs/";

TEST_CASE("AWS's POST vector: signing key and signature") {
  const std::string policy(trim_ascii(slurp(kFixtures + "aws_post_policy.b64")));
  CHECK(hex(signing_key(kAws.secret, "20151229", "us-east-1", "s3")) ==
        "cbcef1ebeaefc82cce6530b9f0a9ae598846065f5c5bae0674bd5ebc4ba52d28");
  const auto scope = Scope::parse("AKIAIOSFODNN7EXAMPLE/20151229/us-east-1/s3/aws4_request");
  REQUIRE(scope);
  CHECK(signature(kAws.secret, *scope, policy) == "8afdbf4008c03f22c2cd3cdb72e4afbb1f6a588f3255ac628749a66d7f09699e");
}

TEST_CASE("AWS's POST form holds before our verifier in all but its key, which is none of ours") {
  const Fields fields = {
      {"key", "user/user1/${filename}"},
      {"acl", "public-read"},
      {"success_action_redirect", "http://sigv4examplebucket.s3.amazonaws.com/successful_upload.html"},
      {"Content-Type", "image/jpeg"},
      {"x-amz-meta-uuid", "14365123651274"},
      {"x-amz-server-side-encryption", "AES256"},
      {"X-Amz-Credential", "AKIAIOSFODNN7EXAMPLE/20151229/us-east-1/s3/aws4_request"},
      {"X-Amz-Algorithm", "AWS4-HMAC-SHA256"},
      {"X-Amz-Date", "20151229T000000Z"},
      {"x-amz-meta-tag", ""},
      {"Policy", std::string(trim_ascii(slurp(kFixtures + "aws_post_policy.b64")))},
      {"X-Amz-Signature", "8afdbf4008c03f22c2cd3cdb72e4afbb1f6a588f3255ac628749a66d7f09699e"}};
  const auto verify = [&](const char* at) {
    return refusal_of([&] { verify_post_form(fields, {kAws, "us-east-1"}, "sigv4examplebucket", *parse_rfc3339(at)); });
  };
  const auto refusal = verify("2015-12-29T12:00:00Z");
  CHECK(refusal.code == "blob.policy_violation");
  CHECK(refusal.detail == "The form field 'key' is not a key of this store.");
  CHECK(verify("2015-12-30T12:00:01Z").code == "blob.form_expired");
}

struct HeaderVector {
  const char* name;
  CanonicalRequest request;
  const char* signature;
};

TEST_CASE("AWS's request vectors") {
  const Credentials aws{"AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"};
  const std::string empty = sha256_hex("");
  const Fields headers = {
      {"Host", "examplebucket.s3.amazonaws.com"}, {"x-amz-content-sha256", empty}, {"x-amz-date", "20130524T000000Z"}};
  Fields with_range = headers;
  with_range.emplace_back("Range", "bytes=0-9");
  const std::vector<HeaderVector> vectors = {
      {"GET object",
       {"GET", "/test.txt", {}, with_range, empty},
       "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"},
      {"GET lifecycle",
       {"GET", "/", {{"lifecycle", ""}}, headers, empty},
       "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"},
      {"list objects",
       {"GET", "/", {{"prefix", "J"}, {"max-keys", "2"}}, headers, empty},
       "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"},
  };
  const Scope scope{aws.access_key_id, "20130524", "us-east-1"};
  for (const auto& vector : vectors) {
    INFO(vector.name);
    CHECK(signature(aws.secret, scope, string_to_sign(vector.request, scope, "20130524T000000Z")) == vector.signature);
  }
}

TEST_CASE("AWS's presigned GET vector") {
  const GetRequest request{"https://examplebucket.s3.amazonaws.com", "/test.txt", "", "", 86'400 * kSecond};
  const std::string url = presign_get(request, kAws, "us-east-1", *parse_rfc3339("2013-05-24T00:00:00Z"));
  CHECK(url ==
        "https://examplebucket.s3.amazonaws.com/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256"
        "&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"
        "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
        "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404");
}

TEST_CASE("a scope has five parts") {
  CHECK(Scope::parse("k/20260101/r/s3/aws4_request")->str() == "20260101/r/s3/aws4_request");
  for (const auto text : {"", "k", "k/d/r/s3", "k/d/r/s3/aws4", "k/d/r/s3/aws4_request/", "k//r/s3/aws4_request",
                          "/d/r/s3/aws4_request", "a/k/d/r/s3/aws4_request"})
    CHECK_FALSE(Scope::parse(text));
}

TEST_CASE("the host is signed as clients send it") {
  CHECK(authority_of("http://LOCALHOST:7700") == "localhost:7700");
  CHECK(authority_of("https://nexus.example:443/") == "nexus.example");
  CHECK(authority_of("http://nexus.example:80") == "nexus.example");
  CHECK(authority_of("http://nexus.example:443") == "nexus.example:443");
  CHECK(authority_of("http://[::1]:7700") == "[::1]:7700");
}

struct Boto {
  Json json = parse_json(slurp(kFixtures + "boto3_presign.json"));
  Credentials credentials{json["access_key_id"], json["secret"]};
  std::string region = json["region"];
  std::string base = json["base"];
  Micros now = *parse_rfc3339(json["now"].get<std::string>());
  Trust trust() const { return {credentials, region}; }
};

std::map<std::string, std::string> as_map(const Fields& fields) { return {fields.begin(), fields.end()}; }

TEST_CASE("our form is boto3's, byte for byte, and boto3's verifies") {
  const Boto boto;
  for (const Json& row : boto.json["cases"]) {
    INFO(row["filename"]);
    PostRequest request{"nexus", row["key"], row["content_type"], row["bytes_max"]};
    if (row.contains("sha256")) request.sha256 = row["sha256"];
    const PostForm ours = sign_post_policy(request, boto.credentials, boto.region, boto.now);
    const auto theirs = row["post"]["fields"].get<std::map<std::string, std::string>>();
    CHECK(as_map(ours.fields) == theirs);
    CHECK(row["post"]["url"] == boto.base + "/blobs/nexus");
    CHECK(ours.expires_at == boto.now + kPresignLifetime);

    const VerifiedForm form =
        verify_post_form({theirs.begin(), theirs.end()}, boto.trust(), "nexus", boto.now + kMinute);
    CHECK(row["key"] == form.key.str());
    CHECK(row["content_type"] == form.content_type);
    CHECK(form.bytes_min == 0);
    CHECK(row["bytes_max"] == form.bytes_max);
    CHECK(form.sha256 == request.sha256);
  }
}

/// `http://host:port/path?query` in pieces.
SentGet sent(std::string_view method, std::string_view url) {
  url.remove_prefix(std::string_view("http://").size());
  const std::size_t slash = url.find('/');
  const std::size_t mark = url.find('?');
  return {method, url.substr(0, slash), url.substr(slash, mark - slash), url.substr(mark + 1)};
}

TEST_CASE("our links carry boto3's signature, and boto3's links verify") {
  const Boto boto;
  for (const Json& row : boto.json["cases"]) {
    INFO(row["filename"]);
    const std::string theirs = row["get"];
    const GetRequest request{boto.base, "/blobs/nexus/" + row["key"].get<std::string>(), row["disposition"],
                             row["content_type"]};
    const std::string ours = presign_get(request, boto.credentials, boto.region, boto.now);
    CHECK(ours.substr(ours.size() - 64) == theirs.substr(theirs.size() - 64));
    CHECK(ours.size() == theirs.size());
    for (const std::string& url : {ours, theirs})
      for (const auto method : {"GET", "HEAD"}) {
        const auto get = verify_presigned_get(sent(method, url), boto.trust(), "/blobs/nexus/", boto.now);
        CHECK(row["key"] == get.key.str());
        CHECK(row["disposition"] == get.content_disposition);
        CHECK(row["content_type"] == get.content_type);
      }
    const std::string head = row["head"];
    CHECK(row["key"] == verify_presigned_get(sent("HEAD", head), boto.trust(), "/blobs/nexus/", boto.now).key.str());
    CHECK(refusal_of([&] { verify_presigned_get(sent("GET", head), boto.trust(), "/blobs/nexus/", boto.now); }).code ==
          "blob.signature_invalid");
  }
}

}  // namespace
}  // namespace nexus::blobs
