// If-Match on single documents of configuration: who changes what he has not seen is told to look again.
#pragma once
#include <optional>
#include <string>

#include "daemon/http/route.hpp"

namespace nexus::control {

inline std::optional<std::string> take_if_match(const http::Input& input) {
  const std::string* match = input.head.find("if-match");
  return match != nullptr ? std::optional(*match) : std::nullopt;
}

inline void judge_if_match(const std::optional<std::string>& match, const std::string& etag) {
  if (match && *match != "*" && *match != etag)
    throw Problem(Code::precondition_failed, "read the document again, then decide");
}

}  // namespace nexus::control
