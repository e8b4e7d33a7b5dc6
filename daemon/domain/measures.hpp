// What the routes of budget, KPI and temperature have in common: how surfaces, windows, times and money are read and
// told, and the two shapes of their configuring and reading routes. Knows none of the three.
#pragma once
#include <optional>
#include <string>

#include "daemon/http/surface.hpp"

namespace nexus::domain {

inline constexpr int kWindowDaysMax = 90;
inline constexpr int kWindowDaysDefault = 7;
/// Most that one amount may be, in micro-units: a thousand million of any currency.
inline constexpr std::int64_t kAmountMicrosMax = 1'000'000'000'000'000;

/// A required `surface`: a name, or "*" where `all_too`.
std::string take_surface(http::Fields& fields, bool all_too);
std::optional<std::string> take_optional_surface(http::Fields& fields, bool all_too);
int take_window_days(http::Fields& fields);
/// When something happened: as the field `name` said, at most 24 h back and 5 min ahead of `now`; `now` where it said
/// nothing (model::kNoTime).
Micros take_past(http::Fields& fields, std::string_view name, Micros said, Micros now);

struct Money {
  std::int64_t amount_micros = 0;
  std::string currency;  // three capitals, as ISO 4217 has them
};
/// A required `{"amount_micros","currency"}`, never negative.
Money take_money(http::Fields& fields, std::string_view name);
/// Without a currency (nothing was ever written) it is null.
Json money_json(std::int64_t amount_micros, const std::optional<std::string>& currency);
Json money_schema();
/// The schema of an object with a required amount of money beside its other members.
Json with_money_schema(Json object, const char* name);

/// `all_too`: as for take_surface.
Json surface_schema(bool all_too);
Json window_days_schema();
/// `all_too`: it may be left out, too; else it is required.
http::QueryParameter surface_parameter(bool all_too);
http::QueryParameter window_days_parameter();
/// `properties` with tenant_id and env beside them, as answers carry them.
Json with_context_schema(Json object);
/// Sets tenant_id and env of the caller in `json`.
Json in_context(Json json, const Caller& caller);

/// The routes that read and configure measures: admins write, under the policy control and the surface that the body
/// names, else `control`.
http::Surface configuring(std::string tag, std::string read_action);

}  // namespace nexus::domain
