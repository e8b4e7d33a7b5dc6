// The presigned POST form: trust section 5, in its order.
#include <limits>

#include "daemon/base/bytes.hpp"
#include "daemon/blobs/problems.hpp"
#include "daemon/blobs/verify_support.hpp"

namespace nexus::blobs {
namespace {

using detail::find;
using detail::refuse_form;
using detail::require;

[[noreturn]] void refuse_condition(std::string detail) {
  throw Problem(problems::blob_policy_violation, std::move(detail));
}

/// Names may come from strangers: an answer repeats only harmless ones.
std::string shown(std::string_view name) {
  const bool harmless = name.size() <= 64 && std::all_of(name.begin(), name.end(), [](char c) {
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
  std::sort(names.begin(), names.end());
  const auto twice = std::adjacent_find(names.begin(), names.end());
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
    return std::any_of(policy.conditions.begin(), policy.conditions.end(), [&](const Condition& condition) {
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

void check_proof(const Fields& fields, const Trust& trust, Micros now) {
  for (const auto name : {"key", "policy", "x-amz-algorithm", "x-amz-credential", "x-amz-date", "x-amz-signature"})
    require(fields, name);
  if (require(fields, "x-amz-algorithm") != kAlgorithm) refuse_form("x-amz-algorithm must be AWS4-HMAC-SHA256.");
  const Scope scope = detail::check_scope(require(fields, "x-amz-credential"), trust);
  detail::check_date(require(fields, "x-amz-date"), scope, now);
  const std::string& policy = require(fields, "policy");
  detail::check_signature(require(fields, "x-amz-signature"), signature(trust.credentials.secret, scope, policy));
}

}  // namespace

VerifiedForm verify_post_form(const Fields& fields, const Trust& trust, std::string_view bucket, Micros now) {
  check_limits(fields);
  check_once(fields);
  check_proof(fields, trust, now);
  const Policy policy = parse_policy(require(fields, "policy"));
  if (policy.expires_at <= now) detail::refuse_expired("The form has expired; presign again.");
  for (const Condition& condition : policy.conditions) check_condition(condition, fields, bucket);
  check_covered(policy, fields);
  return terms_of(policy, fields);
}

}  // namespace nexus::blobs
