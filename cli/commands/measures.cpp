// Amounts, numbers and shared options.
#include "cli/commands/measures.hpp"

#include "cli/engine/model_options.hpp"

namespace nexus::cli {

long long micros_of(const std::string& what, const std::string& text) {
  const auto point = text.find('.');
  const std::string whole = text.substr(0, point);
  std::string fraction = point == std::string::npos ? "" : text.substr(point + 1);
  const bool digits = (whole + fraction).find_first_not_of("0123456789") == std::string::npos;
  if (!digits || whole.empty() || whole.size() > 10 || fraction.size() > 6 || text.back() == '.')
    throw usage_error(what + " wants an amount such as 25 or 0.125, with at most six digits behind the point");
  fraction.resize(6, '0');
  return std::stoll(whole + fraction);
}

Json numbers_of(const std::string& what, const std::vector<std::string>& pairs) {
  Json numbers = Json::object();
  for (const auto& pair : pairs) {
    const auto equals = pair.rfind('=');  // a name may hold one
    if (equals == 0 || equals == std::string::npos) throw usage_error(what + " wants NAME=NUMBER");
    numbers[pair.substr(0, equals)] = number_of(what, pair.substr(equals + 1));
  }
  return numbers;
}

Parameter surface_option(std::string help) { return option("--surface", "SURFACE", std::move(help)); }
Parameter window_option() { return option("--window-days", "N", "the last N days, 1 to 90 (7)"); }

std::optional<long long> window_days_of(const Values& values) { return values.number("--window-days", 1, 90); }

}  // namespace nexus::cli
