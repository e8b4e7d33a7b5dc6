// What the two verifiers share: refusals by name, unique look-up, and the checks of scope and date. Internal.
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

/// The scope must be ours in every part; each part has its own refusal.
Scope check_scope(std::string_view credential, const Trust& trust);
/// The time of signing: its day that of the scope, not older than 7 days, not ahead of us by more than 15 min.
Micros check_date(std::string_view amz_date, const Scope& scope, Micros now);
/// Constant time.
void check_signature(std::string_view sent, std::string_view ours);

}  // namespace nexus::blobs::detail
