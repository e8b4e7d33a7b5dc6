#include "daemon/blobs/verify.hpp"

#include <algorithm>

#include "daemon/base/bytes.hpp"
#include "daemon/base/json.hpp"
#include "daemon/base/text.hpp"
#include "daemon/blobs/problems.hpp"

namespace nexus::blobs {
namespace {

// ---- what forms and links share -------------------------------------------------------------------------------------

[[noreturn]] void refuse_form(std::string detail) { throw Problem(problems::blob_form_invalid, std::move(detail)); }
[[noreturn]] void refuse_signature(std::string detail) {
  throw Problem(problems::blob_signature_invalid, std::move(detail));
}
[[noreturn]] void refuse_expired(std::string detail) { throw Problem(problems::blob_form_expired, std::move(detail)); }

/// The value of this name (case ignored), or null.
const std::string* find(const Fields& fields, std::string_view name) {
  const auto at = std::ranges::find_if(fields, [&](const auto& field) { return iequals_ascii(field.first, name); });
  return at == fields.end() ? nullptr : &at->second;
}

const std::string& require(const Fields& fields, std::string_view name) {
  if (const std::string* value = find(fields, name)) return *value;
  refuse_form(std::string(name) + " is missing.");
}

/// Every part of the scope must be ours. Each part has its own refusal.
Scope check_scope(std::string_view credential, const Trust& trust) {
  const auto scope = Scope::parse(credential);
  if (!scope) refuse_form("x-amz-credential must be KEY-ID/YYYYMMDD/REGION/s3/aws4_request.");
  if (scope->access_key_id != trust.credentials.access_key_id) refuse_signature("The access key id is not ours.");
  if (scope->region != trust.region) refuse_signature("The credential is for another region.");
  if (scope->service != "s3") refuse_signature("The credential is for another service than s3.");
  return *scope;
}

/// Returns the time of signing. Its day must be that of the scope, and it must be at most 7 days old and at most 15 min
/// ahead of us.
Micros check_date(std::string_view amz_date, const Scope& scope, Micros now) {
  const auto signed_at = parse_amz_date(amz_date);
  if (!signed_at) refuse_form("x-amz-date must look like 20260131T235959Z.");
  if (amz_date.substr(0, 8) != scope.date) refuse_signature("x-amz-date and the credential name different days.");
  if (*signed_at > now + kClockSkewMax) refuse_signature("x-amz-date lies more than 15 minutes in the future.");
  if (*signed_at < now - kSignatureAgeMax) refuse_expired("x-amz-date is more than 7 days old; presign again.");
  return *signed_at;
}

void check_signature(std::string_view sent, std::string_view ours) {
  if (!constant_time_equal(sent, ours)) refuse_signature("The signature does not match what was sent.");
}

// ---- forms ----------------------------------------------------------------------------------------------------------

[[noreturn]] void refuse_condition(std::string detail) {
  throw Problem(problems::blob_policy_violation, std::move(detail));
}

/// Names may come from strangers: an answer repeats only harmless ones.
std::string shown(std::string_view name) {
  const bool harmless = name.size() <= 64 && std::ranges::all_of(name, [](char c) {
                          return c > ' ' && c <= '~' && c != '"' && c != '<' && c != '>' && c != '&';
                        });
  return harmless && !name.empty() ? "'" + std::string(name) + "'" : "of an unprintable name";
}

void check_limits(const Fields& fields) {
  if (fields.size() > kFormFieldsMax) refuse_form("The form has more than 64 fields.");
  std::size_t bytes = 0;
  for (const auto& [name, value] : fields) bytes += name.size() + value.size();
  if (bytes > kFormHeadBytesMax) refuse_form("The fields before the file exceed 20 KB.");
}

void check_once(const Fields& fields) {
  std::vector<std::string> names;
  for (const auto& [name, value] : fields) names.push_back(lower_ascii(name));
  std::ranges::sort(names);
  const auto twice = std::ranges::adjacent_find(names);
  if (twice != names.end()) refuse_form("The form field " + shown(*twice) + " appears twice.");
}

/// One condition of the policy: its field, and how it matches.
struct Condition {
  enum class Kind { equal, starts_with, length };
  Kind kind = Kind::equal;
  std::string name;  // lower case, without `$`
  std::string value;
  std::uint64_t bytes_min = 0;
  std::uint64_t bytes_max = kObjectBytesMax;
};

struct Policy {
  Micros expires_at = 0;
  std::vector<Condition> conditions;
};

[[noreturn]] void refuse_policy(const char* why) { refuse_form(std::string("The policy ") + why + "."); }

Condition parse_length(const Json& condition) {
  if (condition.size() != 3 || !condition[1].is_number_unsigned() || !condition[2].is_number_unsigned())
    refuse_policy("has a content-length-range that is not two non-negative integers");
  Condition out{Condition::Kind::length, "content-length-range", {}, condition[1], condition[2]};
  if (out.bytes_min > out.bytes_max) refuse_policy("has a content-length-range that ends before it starts");
  return out;
}

Condition parse_match(const Json& condition, const std::string& verb) {
  if (condition.size() != 3 || !condition[1].is_string() || !condition[2].is_string())
    refuse_policy("has a condition that is not [verb, $field, value]");
  const std::string field = condition[1];
  if (field.size() < 2 || field[0] != '$') refuse_policy("has a condition whose field lacks its $");
  const auto kind = verb == "eq" ? Condition::Kind::equal : Condition::Kind::starts_with;
  return {kind, lower_ascii(std::string_view(field).substr(1)), condition[2]};
}

Condition parse_array(const Json& condition) {
  if (condition.empty() || !condition[0].is_string()) refuse_policy("has a condition without verb");
  const std::string verb = lower_ascii(condition[0].get_ref<const std::string&>());
  if (verb == "content-length-range") return parse_length(condition);
  if (verb == "eq" || verb == "starts-with") return parse_match(condition, verb);
  refuse_policy("has a condition other than eq, starts-with and content-length-range");
}

Condition parse_object(const Json& condition) {
  if (condition.size() != 1 || !condition.begin().value().is_string())
    refuse_policy("has a condition object that is not one field and its text");
  return {Condition::Kind::equal, lower_ascii(condition.begin().key()), condition.begin().value()};
}

Json decode_policy(const std::string& encoded) {
  const auto text = unbase64(encoded);
  if (!text) refuse_policy("is not base64");
  try {
    return parse_json(*text);
  } catch (const JsonError&) {
    refuse_policy("is not valid JSON");
  }
}

Policy parse_policy(const std::string& encoded) {
  const Json json = decode_policy(encoded);
  if (!json.is_object() || json.size() != 2 || !json.contains("expiration") || !json.contains("conditions"))
    refuse_policy("must have exactly expiration and conditions");
  if (!json["expiration"].is_string() || !json["conditions"].is_array())
    refuse_policy("must have an expiration time and an array of conditions");
  const auto expires_at = parse_rfc3339(json["expiration"].get_ref<const std::string&>());
  if (!expires_at) refuse_policy("has an expiration that is no RFC 3339 time");
  Policy policy{*expires_at, {}};
  for (const Json& condition : json["conditions"]) {
    if (!condition.is_object() && !condition.is_array())
      refuse_policy("has a condition that is neither object nor array");
    policy.conditions.push_back(condition.is_object() ? parse_object(condition) : parse_array(condition));
  }
  return policy;
}

/// Fields that must match exactly: a prefix condition would leave open what makes the form ours.
bool must_be_exact(std::string_view name) {
  return name == "bucket" || name == "x-amz-algorithm" || name == "x-amz-credential" || name == "x-amz-date";
}

void check_condition(const Condition& condition, const Fields& fields, std::string_view bucket) {
  if (condition.kind == Condition::Kind::length) return;  // checked while the bytes come in
  const bool prefix = condition.kind == Condition::Kind::starts_with;
  if (prefix && must_be_exact(condition.name))
    refuse_condition("The policy may not use starts-with on " + shown(condition.name) + ".");
  const auto holds = [&](std::string_view value) {
    return prefix ? value.starts_with(condition.value) : value == condition.value;
  };
  const std::string* sent = find(fields, condition.name);
  if (condition.name == "bucket") {
    if (!holds(bucket)) refuse_condition("The policy is for another bucket.");
    if (!sent) return;
  }
  if (!sent) refuse_condition("The policy requires the form field " + shown(condition.name) + ".");
  if (!holds(*sent)) refuse_condition("The form field " + shown(condition.name) + " is not what the policy allows.");
}

bool needs_no_condition(std::string_view name) {
  return name == "policy" || name == "x-amz-signature" || name == "file" || name.starts_with("x-ignore-");
}

void check_covered(const Policy& policy, const Fields& fields) {
  const auto covered = [&](const std::string& name) {
    return std::ranges::any_of(policy.conditions, [&](const Condition& condition) {
      return condition.kind != Condition::Kind::length && condition.name == name;
    });
  };
  if (!covered("bucket")) refuse_condition("The policy does not name a bucket.");
  for (const auto& [name, value] : fields) {
    const std::string folded = lower_ascii(name);
    if (!needs_no_condition(folded) && !covered(folded))
      refuse_condition("The form field " + shown(folded) + " is not covered by the policy.");
  }
}

bool is_digest(std::string_view text) { return text.size() == 64 && unhex(text).has_value(); }

VerifiedForm terms_of(const Policy& policy, const Fields& fields) {
  auto key = StorageKey::parse(require(fields, "key"));
  if (!key) refuse_condition("The form field 'key' is not a key of this store.");
  VerifiedForm form{std::move(*key)};
  if (const std::string* type = find(fields, "content-type")) {
    if (content_type_fault(*type)) refuse_form("Content-Type must be type/subtype.");
    form.content_type = *type;
  }
  if (const std::string* digest = find(fields, kDigestField)) {
    if (!is_digest(*digest)) refuse_form("x-amz-meta-sha256 must be 64 lower-case hex digits.");
    form.sha256 = *digest;
  }
  for (const Condition& condition : policy.conditions) {
    form.bytes_min = std::max(form.bytes_min, condition.bytes_min);
    form.bytes_max = std::min(form.bytes_max, condition.bytes_max);
  }
  return form;
}

void check_form_proof(const Fields& fields, const Trust& trust, Micros now) {
  for (const auto name : {"key", "policy", "x-amz-algorithm", "x-amz-credential", "x-amz-date", "x-amz-signature"})
    require(fields, name);
  if (require(fields, "x-amz-algorithm") != kAlgorithm) refuse_form("x-amz-algorithm must be AWS4-HMAC-SHA256.");
  const Scope scope = check_scope(require(fields, "x-amz-credential"), trust);
  check_date(require(fields, "x-amz-date"), scope, now);
  const std::string& policy = require(fields, "policy");
  check_signature(require(fields, "x-amz-signature"), signature(trust.credentials.secret, scope, policy));
}

// ---- links ----------------------------------------------------------------------------------------------------------

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
  const bool visible = std::ranges::all_of(*value, [](char c) { return c >= ' ' && c <= '~'; });
  if (!visible || value->size() > 1024) refuse_form(std::string(name) + " must be at most 1024 of visible ASCII.");
  return *value;
}

void check_link_proof(const SentGet& sent, const std::string& path, const Fields& query, const Trust& trust,
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
  check_signature(proof, ours("GET"));
}

}  // namespace

VerifiedForm verify_post_form(const Fields& fields, const Trust& trust, std::string_view bucket, Micros now) {
  check_limits(fields);
  check_once(fields);
  check_form_proof(fields, trust, now);
  const Policy policy = parse_policy(require(fields, "policy"));
  if (policy.expires_at <= now) refuse_expired("The form has expired; presign again.");
  for (const Condition& condition : policy.conditions) check_condition(condition, fields, bucket);
  check_covered(policy, fields);
  return terms_of(policy, fields);
}

VerifiedGet verify_presigned_get(const SentGet& sent, const Trust& trust, std::string_view prefix, Micros now) {
  const Fields query = parse_query(sent.query);
  const auto path = percent_decode(sent.path);
  if (!path) refuse_form("The path is not well formed.");
  if (require(query, "X-Amz-Algorithm") != kAlgorithm) refuse_form("X-Amz-Algorithm must be AWS4-HMAC-SHA256.");
  const Scope scope = check_scope(require(query, "X-Amz-Credential"), trust);
  const Micros signed_at = check_date(require(query, "X-Amz-Date"), scope, now);
  const Micros lifetime = parse_lifetime(require(query, "X-Amz-Expires"));
  if (require(query, "X-Amz-SignedHeaders") != "host") refuse_form("X-Amz-SignedHeaders must be host.");
  check_link_proof(sent, *path, query, trust, scope);
  if (signed_at + lifetime <= now) refuse_expired("The link has expired; ask for a new one.");
  const bool ours = std::string_view(*path).starts_with(prefix);
  auto key = ours ? StorageKey::parse(std::string_view(*path).substr(prefix.size())) : std::nullopt;
  if (!key) throw Problem(problems::blob_not_found);
  return {std::move(*key), header_value(query, "response-content-disposition", "attachment"),
          header_value(query, "response-content-type", "")};
}

}  // namespace nexus::blobs
