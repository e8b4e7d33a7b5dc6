// What the groups budget, kpi and temperature have in common: amounts and numbers as people write them, and options
// that stand in all three.
#pragma once
#include <string>

#include "cli/engine/command.hpp"
#include "cli/engine/session.hpp"

namespace nexus::cli {

/// `12.5` as 12500000 micro-units: decimal digits, at most six behind the point, never negative. Else a usage error
/// that names `what`. No floating point is on the way.
long long micros_of(const std::string& what, const std::string& text);

/// `NAME=NUMBER` pairs as an object.
Json numbers_of(const std::string& what, const std::vector<std::string>& pairs);

Parameter surface_option(std::string help);
Parameter window_option();

/// Adds the query parameters `surface` and `window_days` where the options were given.
void add_window_query(ApiRequest& request, const Values& values);

}  // namespace nexus::cli
