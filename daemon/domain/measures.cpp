#include "daemon/domain/measures.hpp"

#include "daemon/base/ids.hpp"
#include "daemon/base/money.hpp"
#include "daemon/base/text.hpp"
#include "daemon/domain/human.hpp"
#include "daemon/guard/problems.hpp"
#include "daemon/http/schema.hpp"

namespace nexus::domain {
namespace {

namespace schema = http::schema;
using http::Fields;

constexpr const char* kAnySurface = "^(\\*|[A-Za-z0-9][A-Za-z0-9._-]{0,127})$";
constexpr const char* kCurrency = "as in ISO 4217, in any case; answers have capitals";
constexpr const char* kNameFault = "must match ^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$";

}  // namespace

std::optional<std::string> take_optional_surface(Fields& fields, bool all_too) {
  const auto surface = fields.optional_name("surface", {.min = 1, .max = 128});
  if (!surface || is_client_id(*surface) || (all_too && *surface == "*")) return surface;
  fields.fault("surface", std::string(kNameFault) + (all_too ? " or be \"*\"" : ""));
  return std::nullopt;
}

std::string take_surface(Fields& fields, bool all_too) {
  const auto surface = take_optional_surface(fields, all_too);
  if (!fields.sent("surface") || fields.sent_null("surface")) fields.fault("surface", "is required");
  return surface.value_or(std::string{});
}

std::string name_in_path(const http::Input& input, std::string_view name) {
  const std::string& text = input.param(name);
  return is_utf8(text) ? normal_name(text).value_or(text) : text;
}

int take_window_days(Fields& fields) {
  return static_cast<int>(fields.optional_integer("window_days", 1, kWindowDaysMax).value_or(kWindowDaysDefault));
}

Micros take_past(Fields& fields, std::string_view name, Micros said, Micros now) {
  const Micros at = said == model::kNoTime ? now : said;
  if (at < now - kDay || at > now + 5 * kMinute) fields.fault(name, "must lie at most 24 h back and 5 min ahead");
  return at;
}

Money take_money(Fields& fields, std::string_view name) {
  auto inner = fields.optional_fields(name);
  if (!inner) {
    if (!fields.sent(name) || fields.sent_null(name)) fields.fault(name, "is required");
    return {};
  }
  Money money{inner->integer("amount_micros", 0, kAmountMicrosMax), inner->text("currency", {.min = 3, .max = 3})};
  if (const auto code = currency_code(money.currency))
    money.currency = *code;
  else if (!money.currency.empty())
    inner->fault("currency", "must be three letters");
  inner->finish();
  return money;
}

Json money_json(std::int64_t amount_micros, const std::optional<std::string>& currency) {
  return {{"amount_micros", amount_micros}, {"currency", or_null(currency)}};
}

Json money_schema() {
  return schema::named("Money",
                       schema::whole({{"amount_micros", schema::integer(0, kAmountMicrosMax)},
                                      {"currency", schema::described(schema::pattern("^[A-Za-z]{3}$"), kCurrency)}}));
}

Voiding take_voiding(http::Input& input, std::string_view parameter) {
  return {input.param(parameter), input.body.text("reason", {.min = 1, .max = 500})};
}

Json voiding_schema() { return schema::named("Voiding", schema::whole({{"reason", schema::text_between(1, 500)}})); }

void judge_voiding(const Caller& caller) { require_human(caller, "voids a record"); }

Json surface_schema(bool all_too) { return schema::pattern(all_too ? kAnySurface : schema::kClientId); }
Json window_days_schema() { return schema::defaults_to(schema::integer(1, kWindowDaysMax), kWindowDaysDefault); }

http::QueryParameter surface_parameter(bool all_too) {
  if (all_too) return {"surface", "The surface, or * for all of them", surface_schema(true)};
  return {"surface", "The surface", surface_schema(false), true};
}
http::QueryParameter window_days_parameter() {
  return {"window_days", "The current UTC hour and the days before it (7)", window_days_schema()};
}

Json with_context_schema(Json object) {
  object["properties"]["tenant_id"] = schema::text();
  object["properties"]["env"] = schema::env();
  return object;
}

Json in_context(Json json, const Caller& caller) {
  json["tenant_id"] = caller.tenant().str();
  json["env"] = to_string(caller.env());
  return json;
}

http::Surface configuring(std::string tag, std::string read_action) {
  return {.name = "control",
          .read_action = std::move(read_action),
          .writes = Role::admin,
          .tag = std::move(tag),
          .policy = gates::Policy::control,
          .effects = http::own_rows_alone(Direction::told),
          .body_names_surface = true};
}

http::Surface voiding(std::string tag) {
  http::Surface surface = configuring(std::move(tag), "");
  surface.effects = http::kOwnRowsAlone;
  surface.body_names_surface = false;
  return surface;
}

}  // namespace nexus::domain
