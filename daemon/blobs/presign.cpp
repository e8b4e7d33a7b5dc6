#include "daemon/blobs/presign.hpp"

#include <algorithm>
#include <span>

#include "daemon/base/bytes.hpp"
#include "daemon/base/json.hpp"
#include "daemon/base/text.hpp"

namespace nexus::blobs {
namespace {

/// Appends a JSON string as Python's json.dumps writes it (ASCII only), so that our policies equal boto3's byte for
/// byte.
void append_json(std::string& out, std::string_view text) {
  const bool plain = std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~' && c != '"' && c != '\\'; });
  if (plain)
    out.append(1, '"').append(text).append(1, '"');
  else
    out += Json(text).dump(-1, ' ', true);
}

void append_exact(std::string& out, std::string_view name, std::string_view value) {
  out += '{';
  append_json(out, name);
  out += ": ";
  append_json(out, value);
  out += '}';
}

std::string expiration(Micros at) { return to_rfc3339(at).substr(0, 19) + "Z"; }

/// Written by hand, because the signature covers boto3's order of keys and its spaces.
std::string policy_text(const PostRequest& request, std::span<const Fields::value_type> signing_fields,
                        Micros expires_at) {
  std::string out;
  out.reserve(1024);
  const auto condition = [&](std::string_view name, std::string_view value) {
    out += ", ";
    append_exact(out, name, value);
  };
  out.append("{\"expiration\": \"").append(expiration(expires_at)).append("\", \"conditions\": [");
  append_exact(out, "Content-Type", request.content_type);
  out.append(", [\"content-length-range\", 0, ").append(std::to_string(request.bytes_max)).append("]");
  if (request.sha256) condition(kDigestField, *request.sha256);
  condition("bucket", request.bucket);
  condition("key", request.key);
  for (const auto& [name, value] : signing_fields) condition(name, value);
  return out.append("]}");
}

}  // namespace

PostForm sign_post_policy(const PostRequest& request, const Credentials& credentials, std::string_view region,
                          Micros now) {
  const Scope scope = Scope::at(credentials, region, now);
  PostForm form;
  form.expires_at = (now + request.lifetime) / kSecond * kSecond;  // a policy has whole seconds
  Fields& fields = form.fields;
  fields.reserve(8);
  fields.emplace_back("key", request.key);
  fields.emplace_back("Content-Type", request.content_type);
  if (request.sha256) fields.emplace_back(kDigestField, *request.sha256);
  const std::size_t unsigned_fields = fields.size();
  fields.emplace_back("x-amz-algorithm", kAlgorithm);
  fields.emplace_back("x-amz-credential", scope.credential());
  fields.emplace_back("x-amz-date", to_amz_date(now));
  std::string policy = base64(policy_text(request, std::span(fields).subspan(unsigned_fields), form.expires_at));
  std::string proof = signature(credentials.secret, scope, policy);
  fields.emplace_back("policy", std::move(policy));
  fields.emplace_back("x-amz-signature", std::move(proof));
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
