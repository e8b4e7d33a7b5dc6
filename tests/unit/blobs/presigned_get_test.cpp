// The presigned link under attack: each row changes one thing about a good link and names the refusal.
#include "daemon/blobs/verify.hpp"
#include "tests/unit/blobs/support.hpp"

namespace nexus::blobs {
namespace {

using testing::key_of;
using testing::Refusal;
using testing::refusal_of;

const Credentials kOurGet{"nxl_ours", "our-secret-our-secret-our-secret"};
const Micros kGetNow = *parse_rfc3339("2026-11-23T01:02:03Z");
const std::string kPrefix = "/blobs/nexus/";

/// What arrives, owned.
struct Link {
  std::string method = "GET", host = "nexus.example:7700", path, query;
};

Link link_to(const std::string& path, std::string disposition = "attachment; filename*=UTF-8''a.txt") {
  const GetRequest request{"http://nexus.example:7700", path, std::move(disposition), "text/plain"};
  const std::string url = presign_get(request, kOurGet, "local", kGetNow);
  const std::size_t slash = url.find('/', 7);
  const std::size_t mark = url.find('?');
  return {"GET", "nexus.example:7700", url.substr(slash, mark - slash), url.substr(mark + 1)};
}

Link good_link() { return link_to(kPrefix + key_of("Größe 1.txt").str()); }

VerifiedGet verify(const Link& link, Micros now = kGetNow) {
  return verify_presigned_get({link.method, link.host, link.path, link.query}, {kOurGet, "local"}, kPrefix, now);
}

Refusal refused(const Link& link, Micros now = kGetNow) {
  return refusal_of([&] { verify(link, now); });
}

TEST_CASE("a good link gives key and headers") {
  const VerifiedGet get = verify(good_link());
  CHECK(get.key == key_of("Größe 1.txt"));
  CHECK(get.content_disposition == "attachment; filename*=UTF-8''a.txt");
  CHECK(get.content_type == "text/plain");
}

TEST_CASE("spelling that decodes to the same request is the same request") {
  Link link = good_link();
  link.host = "NEXUS.example:7700";
  link.path.replace(link.path.find("tenants"), 7, "%74enants");
  const std::size_t first = link.query.find('&');
  link.query = link.query.substr(first + 1) + "&" + link.query.substr(0, first);  // another order
  CHECK(verify(link).key == key_of("Größe 1.txt"));
}

TEST_CASE("a link lives to its expiry and no longer") {
  CHECK(refused(good_link(), kGetNow + kPresignLifetime - 1).code.empty());
  const Refusal late = refused(good_link(), kGetNow + kPresignLifetime);
  CHECK(late.code == "blob.form_expired");
  CHECK(late.status == 403);
  CHECK(refused(good_link(), kGetNow - 16 * kMinute).code == "blob.signature_invalid");
}

struct GetRow {
  const char* what;
  const char* from;
  const char* to;
  const char* code;
};

TEST_CASE("each fault of the query has its code") {
  const std::vector<GetRow> rows = {
      {"algorithm", "AWS4-HMAC-SHA256", "AWS4-HMAC-SHA1", "blob.form_invalid"},
      {"no algorithm", "X-Amz-Algorithm=", "x=", "blob.form_invalid"},
      {"key id", "nxl_ours", "nxl_other", "blob.signature_invalid"},
      {"region", "%2Flocal%2F", "%2Fmars%2F", "blob.signature_invalid"},
      {"credential", "%2Faws4_request", "", "blob.form_invalid"},
      {"day", "X-Amz-Date=20261123T", "X-Amz-Date=20261122T", "blob.signature_invalid"},
      {"date", "T010203Z", "", "blob.form_invalid"},
      {"longer life", "X-Amz-Expires=900", "X-Amz-Expires=901", "blob.signature_invalid"},
      {"too long a life", "X-Amz-Expires=900", "X-Amz-Expires=604801", "blob.form_invalid"},
      {"no life", "X-Amz-Expires=900", "X-Amz-Expires=0", "blob.form_invalid"},
      {"negative life", "X-Amz-Expires=900", "X-Amz-Expires=-1", "blob.form_invalid"},
      {"huge life", "X-Amz-Expires=900", "X-Amz-Expires=99999999999999999999", "blob.form_invalid"},
      {"signed headers", "X-Amz-SignedHeaders=host", "X-Amz-SignedHeaders=host%3Brange", "blob.form_invalid"},
      {"disposition", "attachment", "inline", "blob.signature_invalid"},
      {"content type", "text%2Fplain", "text%2Fhtml", "blob.signature_invalid"},
      {"one more parameter", "X-Amz-Date=", "x=1&X-Amz-Date=", "blob.signature_invalid"},
      {"twice", "X-Amz-Date=", "x-amz-date=1&X-Amz-Date=", "blob.form_invalid"},
      {"bad escape", "X-Amz-Date=", "x=%zz&X-Amz-Date=", "blob.form_invalid"},
      {"empty name", "X-Amz-Date=", "&X-Amz-Date=", "blob.form_invalid"},
      {"no signature", "X-Amz-Signature=", "x=", "blob.form_invalid"},
      {"signature", "X-Amz-Signature=", "X-Amz-Signature=0", "blob.signature_invalid"},
  };
  for (const GetRow& row : rows) {
    INFO(row.what);
    Link link = good_link();
    link.query.replace(link.query.find(row.from), std::string_view(row.from).size(), row.to);
    CHECK(refused(link).code == row.code);
  }
  Link bare = good_link();
  bare.query.clear();
  CHECK(refused(bare).code == "blob.form_invalid");
}

TEST_CASE("host, path and method are signed") {
  Link host = good_link();
  host.host = "evil.example";
  CHECK(refused(host).code == "blob.signature_invalid");
  Link path = good_link();
  path.path += "x";
  CHECK(refused(path).code == "blob.signature_invalid");
  Link head = good_link();
  head.method = "HEAD";
  CHECK(refused(head).code.empty());
}

TEST_CASE("a signature of ours opens nothing outside the bucket's keys") {
  for (const char* path :
       {"/blobs/other/tenants/t_a/dev/raw/o/f", "/blobs/nexus/../keys/local-s3.key", "/blobs/nexus/",
        "/blobs/nexus/tenants/t_a/dev/raw/o/..", "/blobs/nexus/tenants/t_a/dev/raw/o/.meta.f", "/etc/passwd"}) {
    INFO(path);
    CHECK(refused(link_to(path)).code == "blob.not_found");
  }
}

TEST_CASE("a chosen header cannot end its line") {
  CHECK(refused(link_to(kPrefix + key_of().str(), "attachment\r\nSet-Cookie: a=b")).code == "blob.form_invalid");
  CHECK(verify(link_to(kPrefix + key_of().str(), "")).content_disposition == "attachment");
}

}  // namespace
}  // namespace nexus::blobs
