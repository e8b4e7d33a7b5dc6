// If-Match on single documents of configuration: a caller who changes a version they have not seen is refused.
#pragma once
#include <optional>
#include <string>

#include "daemon/base/text.hpp"
#include "daemon/http/problems.hpp"
#include "daemon/http/route.hpp"

namespace nexus::http {

inline std::optional<std::string> take_if_match(const Input& input) {
  const std::string* match = input.head.find("if-match");
  return match != nullptr ? std::optional(*match) : std::nullopt;
}

/// RFC 9110 section 13.1.1: `*`, or a list that must contain the current ETag.
inline void judge_if_match(const std::optional<std::string>& match, const std::string& etag) {
  if (!match || *match == "*") return;
  for (const auto listed : split(*match, ','))
    if (trim_ascii(listed) == etag) return;
  throw Problem(problems::precondition_failed, "read the document again, then decide");
}

}  // namespace nexus::http
