// Forms that were forged, spoilt or kept too long: each is refused for its own reason, before a byte of the file is
// kept, and none leaves anything on the disk. Some need a form of the daemon's own making from another time: those are
// signed here with the daemon's key.
#include "daemon/base/bytes.hpp"
#include "daemon/base/problem.hpp"
#include "daemon/base/uuid.hpp"
#include "daemon/blobs/backend.hpp"
#include "daemon/problems.hpp"
#include "tests/api/raw_storage_support.hpp"
#include "tests/catch.hpp"

namespace nexus::test {
namespace {

using Change = std::function<void(Form&)>;

struct Spoilt {
  const char* name;
  Change change;
  const char* code;
};

/// A daemon, who uploads to it, and the means to sign as the daemon does.
struct Forge {
  DaemonProcess daemon;
  Uploader uploader{daemon};
  blobs::Credentials credentials = blobs::load_or_create_credentials(daemon.data_dir() / "keys" / "local-s3.key");

  /// For the key of an asset that awaits its upload.
  blobs::PostRequest request() {
    const std::string key = uploader.presign({{"filename", "a.txt"}}).json.at("key");
    return {.bucket = "nexus", .key = key, .content_type = "text/plain"};
  }
  Form signed_at(Micros now, const blobs::PostRequest& wish, std::string_view region = "local") const {
    return blobs::sign_post_policy(wish, credentials, region, now).fields;
  }
  /// Another policy text under a good signature.
  Form with_policy(Form form, const std::string& policy) const {
    const auto scope = blobs::Scope::parse(field(form, "x-amz-credential"));
    field(form, "policy") = base64(policy);
    field(form, "x-amz-signature") = blobs::signature(credentials.secret, *scope, base64(policy));
    return form;
  }
  static std::string policy_of(Form form) { return *unbase64(field(form, "policy")); }

  /// Posts a form that must be refused with `code`, and looks that nothing stayed.
  void refused(const Form& form, const std::string& code, const std::string& bucket = "nexus") {
    const Answer answer = post_form(uploader.client, form_body(form, "content"), bucket);
    CHECK(answer.code() == code);
    CHECK(answer.status == info(*find_code(code)).status);
    CHECK(eventually([&] { return files_of(daemon).empty(); }));
  }
  void taken(const Form& form) { CHECK(post_form(uploader.client, form_body(form, "content")).status == 204); }
};

std::string replaced(std::string text, const std::string& what, const std::string& by) {
  const std::size_t at = text.find(what);
  if (at == std::string::npos) throw std::logic_error("the text has no " + what);
  return text.replace(at, what.size(), by);
}

const Spoilt kSpoilt[] = {
    {"the policy allows more",
     [](Form& form) {
       field(form, "policy") = base64(replaced(*unbase64(field(form, "policy")), "0, 1000]", "0, 9999]"));
     },
     "blob.signature_invalid"},
    {"the policy is not base64", [](Form& form) { field(form, "policy") = "*"; }, "blob.signature_invalid"},
    {"another content type", [](Form& form) { field(form, "Content-Type") = "text/html"; }, "blob.policy_violation"},
    {"another key", [](Form& form) { field(form, "key") += "x"; }, "blob.policy_violation"},
    {"another tenant's key", [](Form& form) { field(form, "key") = "tenants/t_other/dev/raw/a/b"; },
     "blob.policy_violation"},
    {"a key that climbs", [](Form& form) { field(form, "key") = "../../../etc/passwd"; }, "blob.policy_violation"},
    {"another digest", [](Form& form) { field(form, "x-amz-meta-sha256") = std::string(64, '0'); },
     "blob.policy_violation"},
    {"another bucket in a field", [](Form& form) { form.emplace_back("bucket", "other"); }, "blob.policy_violation"},
    {"an extra field", [](Form& form) { form.emplace_back("acl", "public-read"); }, "blob.policy_violation"},
    {"an extra metadata field", [](Form& form) { form.emplace_back("x-amz-meta-a", "b"); }, "blob.policy_violation"},
    {"a redirect", [](Form& form) { form.emplace_back("success_action_redirect", "http://evil.example"); },
     "blob.policy_violation"},
    {"a doubled field", [](Form& form) { form.push_back(form.front()); }, "blob.form_invalid"},
    {"a doubled field in another case", [](Form& form) { form.emplace_back("KEY", "x"); }, "blob.form_invalid"},
    {"no content type", [](Form& form) { drop(form, "Content-Type"); }, "blob.policy_violation"},
    {"no digest", [](Form& form) { drop(form, "x-amz-meta-sha256"); }, "blob.policy_violation"},
    {"no key", [](Form& form) { drop(form, "key"); }, "blob.form_invalid"},
    {"no policy", [](Form& form) { drop(form, "policy"); }, "blob.form_invalid"},
    {"no signature", [](Form& form) { drop(form, "x-amz-signature"); }, "blob.form_invalid"},
    {"no credential", [](Form& form) { drop(form, "x-amz-credential"); }, "blob.form_invalid"},
    {"no date", [](Form& form) { drop(form, "x-amz-date"); }, "blob.form_invalid"},
    {"no algorithm", [](Form& form) { drop(form, "x-amz-algorithm"); }, "blob.form_invalid"},
    {"nothing but the file", [](Form& form) { form.clear(); }, "blob.form_invalid"},
    {"another algorithm", [](Form& form) { field(form, "x-amz-algorithm") = "AWS4-HMAC-SHA1"; }, "blob.form_invalid"},
    {"a wrong signature", [](Form& form) { field(form, "x-amz-signature") = std::string(64, '0'); },
     "blob.signature_invalid"},
    {"a short signature", [](Form& form) { field(form, "x-amz-signature").pop_back(); }, "blob.signature_invalid"},
    {"an empty signature", [](Form& form) { field(form, "x-amz-signature").clear(); }, "blob.signature_invalid"},
    {"another region",
     [](Form& form) {
       field(form, "x-amz-credential") = replaced(field(form, "x-amz-credential"), "/local/", "/us-east-1/");
     },
     "blob.signature_invalid"},
    {"another service",
     [](Form& form) { field(form, "x-amz-credential") = replaced(field(form, "x-amz-credential"), "/s3/", "/iam/"); },
     "blob.signature_invalid"},
    {"another key id", [](Form& form) { field(form, "x-amz-credential")[5] ^= 1; }, "blob.signature_invalid"},
    {"a credential of four parts",
     [](Form& form) { field(form, "x-amz-credential") = replaced(field(form, "x-amz-credential"), "/s3/", "/"); },
     "blob.form_invalid"},
    {"a date that is none", [](Form& form) { field(form, "x-amz-date") = "today"; }, "blob.form_invalid"},
    {"a date of another day than the credential's", [](Form& form) { field(form, "x-amz-date") = "20200101T000000Z"; },
     "blob.signature_invalid"},
    {"65 fields",
     [](Form& form) {
       while (form.size() < 65) form.emplace_back("x-ignore-" + std::to_string(form.size()), "a");
     },
     "blob.form_invalid"},
    {"20 KB before the file", [](Form& form) { form.emplace_back("x-ignore-a", std::string(20 * 1024, 'x')); },
     "blob.form_invalid"},
};

TEST_CASE("a form that was touched is refused, each for its own reason, and leaves nothing", "[raw]") {
  Forge forge;
  const Json presigned = forge.uploader
                             .presign({{"filename", "a.txt"},
                                       {"content_type", "text/plain"},
                                       {"max_bytes", 1000},
                                       {"sha256", sha256_hex("content")}})
                             .json;
  const Form good = form_of(presigned);
  for (const Spoilt& row : kSpoilt) {
    INFO(row.name);
    Form form = good;
    row.change(form);
    forge.refused(form, row.code);
  }
  forge.refused(good, "blob.not_found", "other");
  forge.taken(good);  // none of the attempts has used it up
  CHECK(files_of(forge.daemon) == object_files(presigned["key"]));
}

TEST_CASE("a form lives 15 minutes, and no date may lie far from now", "[raw]") {
  Forge forge;
  const auto wish = forge.request();
  const Micros now = now_micros();
  auto long_lived = forge.request();
  long_lived.lifetime = 30 * kDay;
  forge.refused(forge.signed_at(now - 15 * kMinute - kSecond, wish), "blob.form_expired");
  forge.refused(forge.signed_at(now - 8 * kDay, long_lived), "blob.form_expired");
  forge.refused(forge.signed_at(now - 7 * kDay - kMinute, long_lived), "blob.form_expired");
  forge.refused(forge.signed_at(now + 17 * kMinute, wish), "blob.signature_invalid");
  forge.refused(forge.signed_at(now, wish, "us-east-1"), "blob.signature_invalid");
  forge.taken(forge.signed_at(now - 14 * kMinute, forge.request()));
  forge.taken(forge.signed_at(now + 14 * kMinute, forge.request()));
  forge.taken(forge.signed_at(now - 7 * kDay + kMinute, long_lived));
}

TEST_CASE("a policy that leaves a question open is refused under a good signature", "[raw]") {
  Forge forge;
  const Form good = forge.signed_at(now_micros(), forge.request());
  const std::string policy = Forge::policy_of(good);
  const std::pair<std::string, const char*> cases[] = {
      {replaced(policy, "\"bucket\": \"nexus\"", "\"bucket\": \"other\""), "blob.policy_violation"},
      {replaced(policy, "{\"bucket\": \"nexus\"}", "[\"starts-with\", \"$bucket\", \"\"]"), "blob.policy_violation"},
      {replaced(policy, "{\"bucket\": \"nexus\"}, ", ""), "blob.policy_violation"},
      {replaced(policy, "{\"Content-Type\": \"text/plain\"}, ", ""), "blob.policy_violation"},
      {replaced(policy, "{\"x-amz-algorithm\": \"AWS4-HMAC-SHA256\"}", "[\"starts-with\", \"$x-amz-algorithm\", \"\"]"),
       "blob.policy_violation"},
      {replaced(policy, "\"conditions\"", "\"conditions\": [], \"conditions\""), "blob.form_invalid"},
      {replaced(policy, "content-length-range", "content-length"), "blob.form_invalid"},
      {replaced(policy, "\"expiration\"", "\"expires\""), "blob.form_invalid"},
      {"{}", "blob.form_invalid"},
      {"", "blob.form_invalid"},
      {"not json", "blob.form_invalid"},
  };
  for (const auto& [changed, code] : cases) {
    INFO(changed);
    forge.refused(forge.with_policy(good, changed), code);
  }
  forge.taken(forge.with_policy(good, policy));
}

TEST_CASE("a key that is none of ours is refused even when it is signed", "[raw]") {
  Forge forge;
  for (const char* key :
       {"../../etc/passwd", "/etc/passwd", "a", "tenants/t_dev/dev/raw/a", "tenants/t_dev/dev/raw/../b",
        "tenants/t_dev/dev/raw/a/..", "tenants/t_dev/dev/raw/a/.meta.b", "tenants/t_unknown/dev/raw/a/b",
        "tenants/t_dev/qa/raw/a/b", "tenants/t_dev/dev/other/a/b", "tenants/t_dev/dev/raw/a/b/c",
        "tenants/t_dev/dev/raw//b", "tenants/t_dev/dev/raw/a/b\\c", "tenants/t_dev/dev/raw/.tmp/x"}) {
    INFO(key);
    auto wish = forge.request();
    wish.key = key;
    forge.refused(forge.signed_at(now_micros(), wish), "blob.policy_violation");
  }
}

}  // namespace
}  // namespace nexus::test
