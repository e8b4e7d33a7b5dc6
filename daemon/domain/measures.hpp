// What the routes of budget, KPI and temperature share: reading and showing surfaces, windows, times and money, and the
// two kinds of configuring and reading routes. It knows none of the three.
#pragma once
#include <optional>
#include <string>

#include "daemon/http/surface.hpp"

namespace nexus::domain {

inline constexpr int kWindowDaysMax = 90;
inline constexpr int kWindowDaysDefault = 7;
/// The largest amount, in micro-units: a thousand million of any currency.
inline constexpr std::int64_t kAmountMicrosMax = 1'000'000'000'000'000;

/// Reads a required `surface`: a name, or "*" too with `all_too`.
std::string take_surface(http::Fields& fields, bool all_too);
std::optional<std::string> take_optional_surface(http::Fields& fields, bool all_too);
/// A surface's or KPI's name in the path, under the parameter `name`: a full-width or padded one is the one that it
/// spells, as elsewhere.
std::string name_in_path(const http::Input& input, std::string_view name);
int take_window_days(http::Fields& fields);
/// The time of a past event: `said`, the field `name`, which may be at most 24 h before and 5 min after `now`. `now`
/// where the field was not sent (model::kNoTime).
Micros take_past(http::Fields& fields, std::string_view name, Micros said, Micros now);

struct Money {
  std::int64_t amount_micros = 0;
  std::string currency;  // three capital letters, as in ISO 4217
};
/// Reads a required `{"amount_micros","currency"}`, never negative; the currency in any case.
Money take_money(http::Fields& fields, std::string_view name);
/// Null without a currency, that is, when nothing was ever written.
Json money_json(std::int64_t amount_micros, const std::optional<std::string>& currency);
Json money_schema();

/// A record that was a mistake: its id, and why it counts no more.
struct Voiding {
  std::string id;
  std::string reason;
};
/// Parses such a request; `parameter` names the id in the path.
Voiding take_voiding(http::Input& input, std::string_view parameter);
Json voiding_schema();
/// Throws Problem for an agent: what it recorded is not its own to take back.
void judge_voiding(const Caller& caller);

/// `all_too` is as for take_surface.
Json surface_schema(bool all_too);
Json window_days_schema();
/// With `all_too`, the parameter is optional; else it is required.
http::QueryParameter surface_parameter(bool all_too);
http::QueryParameter window_days_parameter();
/// The schema of `object` with tenant_id and env added, as in answers.
Json with_context_schema(Json object);
/// Sets tenant_id and env of the caller in `json`.
Json in_context(Json json, const Caller& caller);

/// The surface of the routes that read and configure measures. Admins write, under the policy control and the surface
/// that the body names, else `control`.
http::Surface configuring(std::string tag, std::string read_action);
/// That of the routes that void a record, for admins. Their requests name no surface.
http::Surface voiding(std::string tag);

}  // namespace nexus::domain
