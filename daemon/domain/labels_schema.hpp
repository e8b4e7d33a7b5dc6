// The schema of comma-separated labels, as a query or a form sends them.
#pragma once
#include <cstring>
#include <string>

#include "daemon/http/schema.hpp"

namespace nexus::domain {

/// One to `count` labels, without a bound on their bytes.
inline Json labels_schema(std::size_t count) {
  const std::string one(http::schema::kLabel + 1, std::strlen(http::schema::kLabel) - 2);
  return http::schema::pattern("^" + one + "(," + one + "){0," + std::to_string(count - 1) + "}$");
}

}  // namespace nexus::domain
