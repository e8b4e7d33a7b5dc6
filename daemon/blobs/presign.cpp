#include "daemon/blobs/presign.hpp"

#include "daemon/base/bytes.hpp"
#include "daemon/base/json.hpp"
#include "daemon/base/text.hpp"

namespace nexus::blobs {
namespace {

/// A JSON string as Python's json.dumps writes it (ASCII only), so that our policies equal boto3's byte for byte.
std::string json_string(std::string_view text) { return Json(text).dump(-1, ' ', true); }

std::string exact(std::string_view name, std::string_view value) {
  return "{" + json_string(name) + ": " + json_string(value) + "}";
}

std::string expiration(Micros at) { return to_rfc3339(at).substr(0, 19) + "Z"; }

/// Written by hand, because the signature covers boto3's order of keys and its spaces.
std::string policy_text(const PostRequest& request, const Fields& signing_fields, Micros expires_at) {
  std::string out = "{\"expiration\": " + json_string(expiration(expires_at)) + ", \"conditions\": [";
  out += exact("Content-Type", request.content_type);
  out += ", [\"content-length-range\", 0, " + std::to_string(request.bytes_max) + "]";
  if (request.sha256) out += ", " + exact(kDigestField, *request.sha256);
  out += ", " + exact("bucket", request.bucket) + ", " + exact("key", request.key);
  for (const auto& [name, value] : signing_fields) out += ", " + exact(name, value);
  return out + "]}";
}

}  // namespace

PostForm sign_post_policy(const PostRequest& request, const Credentials& credentials, std::string_view region,
                          Micros now) {
  const Scope scope = Scope::at(credentials, region, now);
  const Fields signing_fields = {{"x-amz-algorithm", std::string(kAlgorithm)},
                                 {"x-amz-credential", scope.credential()},
                                 {"x-amz-date", to_amz_date(now)}};
  PostForm form;
  form.expires_at = (now + request.lifetime) / kSecond * kSecond;  // a policy has whole seconds
  const std::string policy = base64(policy_text(request, signing_fields, form.expires_at));
  form.fields = {{"key", request.key}, {"Content-Type", request.content_type}};
  if (request.sha256) form.fields.emplace_back(kDigestField, *request.sha256);
  form.fields.insert(form.fields.end(), signing_fields.begin(), signing_fields.end());
  form.fields.emplace_back("policy", policy);
  form.fields.emplace_back("x-amz-signature", signature(credentials.secret, scope, policy));
  return form;
}

std::string presign_get(const GetRequest& request, const Credentials& credentials, std::string_view region,
                        Micros now) {
  const Scope scope = Scope::at(credentials, region, now);
  Fields query;
  if (!request.content_disposition.empty())
    query.emplace_back("response-content-disposition", request.content_disposition);
  if (!request.content_type.empty()) query.emplace_back("response-content-type", request.content_type);
  query.insert(query.end(), {{"X-Amz-Algorithm", std::string(kAlgorithm)},
                             {"X-Amz-Credential", scope.credential()},
                             {"X-Amz-Date", to_amz_date(now)},
                             {"X-Amz-Expires", std::to_string(request.lifetime / kSecond)},
                             {"X-Amz-SignedHeaders", "host"}});
  if (!request.version.empty()) query.emplace_back("versionId", request.version);
  const CanonicalRequest canonical{"GET", request.path, query, {{"host", authority_of(request.base)}}};
  const std::string proof = signature(credentials.secret, scope, string_to_sign(canonical, scope, to_amz_date(now)));
  return request.base + percent_encode(request.path, true) + "?" + canonical_query(query) + "&X-Amz-Signature=" + proof;
}

std::string authority_of(std::string_view base) {
  const std::size_t scheme_end = base.find("://");
  const std::string scheme = lower_ascii(base.substr(0, scheme_end));
  if (scheme_end != std::string_view::npos) base.remove_prefix(scheme_end + 3);
  std::string authority = lower_ascii(base.substr(0, base.find_first_of("/?#")));
  const std::string_view default_port = scheme == "https" ? ":443" : ":80";
  if (authority.ends_with(default_port)) authority.erase(authority.size() - default_port.size());
  return authority;
}

}  // namespace nexus::blobs
