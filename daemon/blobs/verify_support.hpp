// Shared by the two verifiers: named refusals, look-up of fields, and the checks of scope, date and signature.
// Internal.
#pragma once
#include <algorithm>
#include <string>
#include <string_view>

#include "daemon/base/problem.hpp"
#include "daemon/base/text.hpp"
#include "daemon/blobs/problems.hpp"
#include "daemon/blobs/verify.hpp"

namespace nexus::blobs::detail {

[[noreturn]] inline void refuse_form(std::string detail) {
  throw Problem(problems::blob_form_invalid, std::move(detail));
}
[[noreturn]] inline void refuse_signature(std::string detail) {
  throw Problem(problems::blob_signature_invalid, std::move(detail));
}
[[noreturn]] inline void refuse_expired(std::string detail) {
  throw Problem(problems::blob_form_expired, std::move(detail));
}

/// The value of this name (case ignored), or null.
inline const std::string* find(const Fields& fields, std::string_view name) {
  const auto at =
      std::find_if(fields.begin(), fields.end(), [&](const auto& field) { return iequals_ascii(field.first, name); });
  return at == fields.end() ? nullptr : &at->second;
}

inline const std::string& require(const Fields& fields, std::string_view name) {
  if (const std::string* value = find(fields, name)) return *value;
  refuse_form(std::string(name) + " is missing.");
}

/// Every part of the scope must be ours. Each part has its own refusal.
Scope check_scope(std::string_view credential, const Trust& trust);
/// Returns the time of signing. Its day must be that of the scope, and it must be at most 7 days old and at most 15 min
/// ahead of us.
Micros check_date(std::string_view amz_date, const Scope& scope, Micros now);
/// Constant time.
void check_signature(std::string_view sent, std::string_view ours);

}  // namespace nexus::blobs::detail
