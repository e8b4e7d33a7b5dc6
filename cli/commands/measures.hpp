// Shared by the groups budget, kpi and temperature: amounts and numbers as people write them, and options of all three.
#pragma once
#include <string>

#include "cli/engine/session.hpp"

namespace nexus::cli {

/// Reads `12.5` as 12500000 micro-units: decimal digits, at most six after the point, never negative. Otherwise throws
/// a usage error that names `what`. Uses no floating point.
long long micros_of(const std::string& what, const std::string& text);

/// Reads `NAME=NUMBER` pairs into an object.
Json numbers_of(const std::string& what, const std::vector<std::string>& pairs);

Parameter surface_option(std::string help);
Parameter window_option();

/// The days of --window-days, or nothing; else a usage error.
std::optional<long long> window_days_of(const Values& values);

}  // namespace nexus::cli
