// The presigned GET: the same proofs as a form, taken from the query.
#include "daemon/base/bytes.hpp"
#include "daemon/blobs/problems.hpp"
#include "daemon/blobs/verify_support.hpp"

namespace nexus::blobs {
namespace {

using detail::find;
using detail::refuse_form;
using detail::refuse_signature;
using detail::require;

constexpr std::size_t kQueryParametersMax = 64;

Fields parse_query(std::string_view query) {
  Fields out;
  if (query.empty()) return out;
  for (const std::string_view pair : split(query, '&')) {
    const std::size_t equals = pair.find('=');
    const auto name = percent_decode(pair.substr(0, equals));
    const auto value = percent_decode(equals == std::string_view::npos ? "" : pair.substr(equals + 1));
    if (!name || !value || name->empty()) refuse_form("The query is not well formed.");
    if (find(out, *name)) refuse_form("A query parameter appears twice.");
    out.emplace_back(*name, *value);
    if (out.size() > kQueryParametersMax) refuse_form("The query has more than 64 parameters.");
  }
  return out;
}

/// 1 s to 7 days, as S3.
Micros parse_lifetime(const std::string& text) {
  const bool digits = !text.empty() && text.size() <= 6 && text.find_first_not_of("0123456789") == std::string::npos;
  const Micros lifetime = digits ? std::stoll(text) * kSecond : 0;
  if (lifetime < kSecond || lifetime > kSignatureAgeMax) refuse_form("X-Amz-Expires must be 1 to 604800 seconds.");
  return lifetime;
}

/// A chosen response header must not be able to end its line.
std::string header_value(const Fields& query, std::string_view name, std::string_view otherwise) {
  const std::string* value = find(query, name);
  if (!value) return std::string(otherwise);
  const bool visible = std::all_of(value->begin(), value->end(), [](char c) { return c >= ' ' && c <= '~'; });
  if (!visible || value->size() > 1024) refuse_form(std::string(name) + " must be at most 1024 of visible ASCII.");
  return *value;
}

void check_proof(const SentGet& sent, const std::string& path, const Fields& query, const Trust& trust,
                 const Scope& scope) {
  const std::string& proof = require(query, "X-Amz-Signature");
  CanonicalRequest request{"GET", path, query, {{"host", lower_ascii(sent.host)}}};
  std::erase_if(request.query, [](const auto& field) { return iequals_ascii(field.first, "X-Amz-Signature"); });
  const auto ours = [&](std::string_view method) {
    request.method = method;
    return signature(trust.credentials.secret, scope, string_to_sign(request, scope, require(query, "X-Amz-Date")));
  };
  // A signature for GET also allows HEAD, so a HEAD is checked against both signatures.
  if (sent.method == "HEAD" && constant_time_equal(proof, ours("HEAD"))) return;
  detail::check_signature(proof, ours("GET"));
}

}  // namespace

VerifiedGet verify_presigned_get(const SentGet& sent, const Trust& trust, std::string_view prefix, Micros now) {
  const Fields query = parse_query(sent.query);
  const auto path = percent_decode(sent.path);
  if (!path) refuse_form("The path is not well formed.");
  if (require(query, "X-Amz-Algorithm") != kAlgorithm) refuse_form("X-Amz-Algorithm must be AWS4-HMAC-SHA256.");
  const Scope scope = detail::check_scope(require(query, "X-Amz-Credential"), trust);
  const Micros signed_at = detail::check_date(require(query, "X-Amz-Date"), scope, now);
  const Micros lifetime = parse_lifetime(require(query, "X-Amz-Expires"));
  if (require(query, "X-Amz-SignedHeaders") != "host") refuse_form("X-Amz-SignedHeaders must be host.");
  check_proof(sent, *path, query, trust, scope);
  if (signed_at + lifetime <= now) detail::refuse_expired("The link has expired; ask for a new one.");
  const bool ours = std::string_view(*path).starts_with(prefix);
  auto key = ours ? StorageKey::parse(std::string_view(*path).substr(prefix.size())) : std::nullopt;
  if (!key) throw Problem(problems::blob_not_found);
  return {std::move(*key), header_value(query, "response-content-disposition", "attachment"),
          header_value(query, "response-content-type", "")};
}

}  // namespace nexus::blobs
