// The presigned form under attack: each row changes one thing about a good form and names the refusal.
#include <functional>

#include "daemon/base/bytes.hpp"
#include "daemon/blobs/verify.hpp"
#include "tests/unit/blobs/support.hpp"

namespace nexus::blobs {
namespace {

using testing::key_of;
using testing::Refusal;
using testing::refusal_of;

const Credentials kOurs{"nxl_ours", "our-secret-our-secret-our-secret"};
const Micros kNow = *parse_rfc3339("2026-11-23T01:02:03Z");
const std::string kDigest = sha256_hex("content");

PostRequest request() { return {"nexus", key_of().str(), "text/plain", 1000, kDigest}; }

Fields good_form() { return sign_post_policy(request(), kOurs, "local", kNow).fields; }

VerifiedForm verify(const Fields& fields, Micros now = kNow, std::string_view bucket = "nexus") {
  return verify_post_form(fields, {kOurs, "local"}, bucket, now);
}

Refusal refused(const Fields& fields, Micros now = kNow, std::string_view bucket = "nexus") {
  return refusal_of([&] { verify(fields, now, bucket); });
}

std::string& value(Fields& fields, std::string_view name) {
  for (auto& [field, text] : fields)
    if (field == name) return text;
  throw std::logic_error("no such field");
}

/// A form with a policy of the test's own, signed with our key: what a holder of the key could produce.
Fields signed_form(const std::string& conditions, const std::string& expiration = "2026-11-23T01:10:00Z") {
  Fields fields = good_form();
  value(fields, "policy") = base64(R"({"expiration":")" + expiration + R"(","conditions":[)" + conditions + "]}");
  const Scope scope = Scope::at(kOurs, "local", kNow);
  value(fields, "x-amz-signature") = signature(kOurs.secret, scope, value(fields, "policy"));
  return fields;
}

const std::string kAllButKey = R"({"bucket":"nexus"},{"Content-Type":"text/plain"},["eq","$x-amz-meta-sha256",")" +
                               kDigest +
                               R"("],{"x-amz-algorithm":"AWS4-HMAC-SHA256"},)"
                               R"({"x-amz-credential":"nxl_ours/20261123/local/s3/aws4_request"},)"
                               R"({"x-amz-date":"20261123T010203Z"})";
const std::string kAll = kAllButKey + R"(,{"key":"tenants/t_acme/dev/raw/asset-1/a.txt"})";

TEST_CASE("a good form gives its terms") {
  const VerifiedForm form = verify(good_form());
  CHECK(form.key == key_of());
  CHECK(form.content_type == "text/plain");
  CHECK(form.bytes_min == 0);
  CHECK(form.bytes_max == 1000);
  CHECK(form.sha256 == kDigest);
}

TEST_CASE("a form without digest has none") {
  PostRequest plain = request();
  plain.sha256.reset();
  CHECK_FALSE(verify(sign_post_policy(plain, kOurs, "local", kNow).fields).sha256);
}

TEST_CASE("field names are compared without case") {
  Fields fields = good_form();
  for (auto& [name, text] : fields) name = name == "key" ? "KEY" : name == "policy" ? "Policy" : "X" + name.substr(1);
  fields[1].first = "content-TYPE";
  CHECK(verify(fields).key == key_of());
}

TEST_CASE("the form lives to its expiry and no longer") {
  CHECK(refused(good_form(), kNow + kPresignLifetime - 1).code.empty());
  const Refusal refusal = refused(good_form(), kNow + kPresignLifetime);
  CHECK(refusal.code == "blob.form_expired");
  CHECK(refusal.status == 403);
}

TEST_CASE("any changed byte of a signed value is refused") {
  for (const char* name : {"key", "Content-Type", "x-amz-meta-sha256", "x-amz-algorithm", "x-amz-credential",
                           "x-amz-date", "policy", "x-amz-signature"}) {
    const std::string original = value(*std::make_unique<Fields>(good_form()), name);
    for (std::size_t at = 0; at < original.size(); ++at) {
      Fields fields = good_form();
      char& byte = value(fields, name)[at];
      byte = byte == 'A' ? 'B' : 'A';
      INFO(name << " at " << at);
      CHECK_FALSE(refused(fields).code.empty());
    }
  }
}

struct PostRow {
  const char* what;
  std::function<void(Fields&)> change;
  const char* code;
  const char* detail;
};

void check(const std::vector<PostRow>& rows) {
  for (const PostRow& row : rows) {
    INFO(row.what);
    Fields fields = good_form();
    row.change(fields);
    const Refusal refusal = refused(fields);
    CHECK(refusal.code == row.code);
    CHECK(refusal.detail == row.detail);
  }
}

void replace(Fields& fields, std::string_view name, const std::string& from, const std::string& to) {
  std::string& text = value(fields, name);
  text.replace(text.find(from), from.size(), to);
}

TEST_CASE("each fault of the fields has its own reason") {
  const char* form = "blob.form_invalid";
  const char* sign = "blob.signature_invalid";
  const char* policy = "blob.policy_violation";
  check({
      {"65 fields",
       [](Fields& f) {
         while (f.size() < 65) f.emplace_back("x-ignore-" + std::to_string(f.size()), "");
       },
       form, "The form has more than 64 fields."},
      {"20 KB", [](Fields& f) { f.emplace_back("x-ignore-a", std::string(20'480, 'a')); }, form,
       "The fields before the file exceed 20 KB."},
      {"twice", [](Fields& f) { f.emplace_back("KEY", "x"); }, form, "The form field 'key' appears twice."},
      {"odd name twice",
       [](Fields& f) {
         f.insert(f.end(), 2, {"<b>", ""});
       },
       form, "The form field of an unprintable name appears twice."},
      {"no policy", [](Fields& f) { std::erase_if(f, [](auto& x) { return x.first == "policy"; }); }, form,
       "policy is missing."},
      {"no key", [](Fields& f) { f.erase(f.begin()); }, form, "key is missing."},
      {"no signature", [](Fields& f) { f.pop_back(); }, form, "x-amz-signature is missing."},
      {"algorithm", [](Fields& f) { value(f, "x-amz-algorithm") = "AWS4-HMAC-SHA1"; }, form,
       "x-amz-algorithm must be AWS4-HMAC-SHA256."},
      {"credential", [](Fields& f) { value(f, "x-amz-credential") = "nxl_ours"; }, form,
       "x-amz-credential must be KEY-ID/YYYYMMDD/REGION/s3/aws4_request."},
      {"key id", [](Fields& f) { replace(f, "x-amz-credential", "nxl_ours", "AKIA"); }, sign,
       "The access key id is not ours."},
      {"region", [](Fields& f) { replace(f, "x-amz-credential", "local", "us-east-1"); }, sign,
       "The credential is for another region."},
      {"service", [](Fields& f) { replace(f, "x-amz-credential", "s3", "sts"); }, sign,
       "The credential is for another service than s3."},
      {"day", [](Fields& f) { replace(f, "x-amz-credential", "20261123", "20261122"); }, sign,
       "x-amz-date and the credential name different days."},
      {"date", [](Fields& f) { value(f, "x-amz-date") = "20261323T010203Z"; }, form,
       "x-amz-date must look like 20260131T235959Z."},
      {"signature", [](Fields& f) { value(f, "x-amz-signature") = std::string(64, '0'); }, sign,
       "The signature does not match what was sent."},
      {"signature cut", [](Fields& f) { value(f, "x-amz-signature").pop_back(); }, sign,
       "The signature does not match what was sent."},
      {"content type", [](Fields& f) { value(f, "Content-Type") = "text/html"; }, policy,
       "The form field 'content-type' is not what the policy allows."},
      {"another key", [](Fields& f) { value(f, "key") = key_of("b.txt").str(); }, policy,
       "The form field 'key' is not what the policy allows."},
      {"no content type", [](Fields& f) { f.erase(f.begin() + 1); }, policy,
       "The policy requires the form field 'content-type'."},
      {"uncovered", [](Fields& f) { f.emplace_back("acl", "public-read"); }, policy,
       "The form field 'acl' is not covered by the policy."},
      {"wrong bucket field", [](Fields& f) { f.emplace_back("bucket", "other"); }, policy,
       "The form field 'bucket' is not what the policy allows."},
      {"fields of no weight", [](Fields& f) { f.emplace_back("X-Ignore-Me", "1"), f.emplace_back("bucket", "nexus"); },
       "", ""},
  });
}

TEST_CASE("the clock of the signer may be off by so much") {
  const auto at = [](Micros signed_at) {
    return refused(sign_post_policy(request(), kOurs, "local", signed_at).fields);
  };
  CHECK(at(kNow + 15 * kMinute).code.empty());
  const Refusal early = at(kNow + 15 * kMinute + kSecond);
  CHECK(early.code == "blob.signature_invalid");
  CHECK(early.detail == "x-amz-date lies more than 15 minutes in the future.");
  PostRequest lasting = request();
  lasting.lifetime = 30 * kDay;
  const auto old = [&](Micros age) { return refused(sign_post_policy(lasting, kOurs, "local", kNow - age).fields); };
  CHECK(old(7 * kDay).code.empty());
  CHECK(old(7 * kDay + kSecond).code == "blob.form_expired");
}

TEST_CASE("a form for one bucket opens no other") {
  const Refusal refusal = refused(good_form(), kNow, "other");
  CHECK(refusal.code == "blob.policy_violation");
  CHECK(refusal.detail == "The policy is for another bucket.");
}

TEST_CASE("an earlier fault hides a later one") {
  Fields fields = good_form();
  fields.emplace_back("acl", "public-read");
  CHECK(refused(fields, kNow + kHour).code == "blob.form_expired");  // expiry before conditions
  value(fields, "x-amz-signature")[0] ^= 1;
  CHECK(refused(fields, kNow + kHour).code == "blob.signature_invalid");  // signature before expiry
  CHECK(refused(fields, kNow + 8 * kDay).code == "blob.form_expired");    // date before signature
  replace(fields, "x-amz-credential", "local", "mars");
  CHECK(refused(fields, kNow + 8 * kDay).detail == "The credential is for another region.");  // scope before date
  fields.emplace_back("acl", "");
  CHECK(refused(fields, kNow).code == "blob.form_invalid");  // once before scope
}

struct PolicyRow {
  std::string conditions;
  const char* code;
  const char* detail;
};

TEST_CASE("signed policies that we would never make") {
  const char* form = "blob.form_invalid";
  const char* policy = "blob.policy_violation";
  const std::vector<PolicyRow> rows = {
      {kAll, "", ""},
      {kAllButKey + R"(,["starts-with","$key","tenants/t_acme/"])", "", ""},
      {kAllButKey + R"(,["starts-with","$key","tenants/t_other/"])", policy,
       "The form field 'key' is not what the policy allows."},
      {kAll + R"(,["STARTS-WITH","$Content-Type","text/"])", "", ""},
      {kAll + R"(,["starts-with","$bucket",""])", policy, "The policy may not use starts-with on 'bucket'."},
      {kAll + R"(,["starts-with","$X-Amz-Date","2026"])", policy,
       "The policy may not use starts-with on 'x-amz-date'."},
      {kAll + R"(,["starts-with","$x-amz-algorithm",""])", policy,
       "The policy may not use starts-with on 'x-amz-algorithm'."},
      {kAll + R"(,["starts-with","$x-amz-credential",""])", policy,
       "The policy may not use starts-with on 'x-amz-credential'."},
      {kAll + R"(,{"bucket":"nexus","bucket":"nexus"})", form, "The policy is not valid JSON."},
      {kAll + R"(,{"a":"b","c":"d"})", form, "The policy has a condition object that is not one field and its text."},
      {kAll + R"(,{"a":1})", form, "The policy has a condition object that is not one field and its text."},
      {kAll + R"(,{})", form, "The policy has a condition object that is not one field and its text."},
      {kAll + R"(,[])", form, "The policy has a condition without verb."},
      {kAll + R"(,["gt","$a","b"])", form,
       "The policy has a condition other than eq, starts-with and content-length-range."},
      {kAll + R"(,["eq","key","b"])", form, "The policy has a condition whose field lacks its $."},
      {kAll + R"(,["eq","$key"])", form, "The policy has a condition that is not [verb, $field, value]."},
      {kAll + R"(,["content-length-range",-1,5])", form,
       "The policy has a content-length-range that is not two non-negative integers."},
      {kAll + R"(,["content-length-range",1.5,5])", form,
       "The policy has a content-length-range that is not two non-negative integers."},
      {kAll + R"(,["content-length-range",6,5])", form,
       "The policy has a content-length-range that ends before it starts."},
      {kAll + R"(,"x")", form, "The policy has a condition that is neither object nor array."},
      {R"({"key":"tenants/t_acme/dev/raw/asset-1/a.txt"})", policy, "The policy does not name a bucket."},
      {R"({"bucket":"nexus"})", policy, "The form field 'key' is not covered by the policy."},
  };
  for (const PolicyRow& row : rows) {
    INFO(row.conditions);
    const Refusal refusal = refused(signed_form(row.conditions));
    CHECK(refusal.code == row.code);
    CHECK(refusal.detail == row.detail);
  }
}

TEST_CASE("several length ranges hold together") {
  const VerifiedForm form =
      verify(signed_form(kAll + R"(,["content-length-range",5,100],["content-length-range",1,50])"));
  CHECK(form.bytes_min == 5);
  CHECK(form.bytes_max == 50);
  CHECK(verify(signed_form(kAll)).bytes_max == kObjectBytesMax);
}

TEST_CASE("a policy document that is none") {
  const auto with_policy = [](const std::string& encoded) {
    Fields fields = good_form();
    value(fields, "policy") = encoded;
    value(fields, "x-amz-signature") = signature(kOurs.secret, Scope::at(kOurs, "local", kNow), encoded);
    return refused(fields);
  };
  for (const std::string& text : std::vector<std::string>{
           "%%%", "", base64("null"), base64("[]"), base64("{}"), base64("{\"expiration\":\"2027-01-01T00:00:00Z\"}"),
           base64(R"({"expiration":"tomorrow","conditions":[]})"), base64(R"({"expiration":1,"conditions":[]})"),
           base64(R"({"expiration":"2027-01-01T00:00:00Z","conditions":{}})"),
           base64(R"({"expiration":"2027-01-01T00:00:00Z","conditions":[],"more":1})"),
           base64(R"({"expiration":"2027-01-01T00:00:00","conditions":[]})"), base64(std::string(40, '['))}) {
    INFO(text);
    CHECK(with_policy(text).code == "blob.form_invalid");
  }
}

TEST_CASE("a signed digest must be one") {
  PostRequest odd = request();
  odd.sha256 = std::string(64, 'G');
  CHECK(refused(sign_post_policy(odd, kOurs, "local", kNow).fields).detail ==
        "x-amz-meta-sha256 must be 64 lower-case hex digits.");
}

}  // namespace
}  // namespace nexus::blobs
