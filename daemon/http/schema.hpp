// Small words for the JSON Schemas that routes are documented with (JSON Schema 2020-12, as OpenAPI 3.1 uses it).
//
// A schema of a request never promises more than its parser takes: what is valid by the schema is accepted, but for the
// rules of business that the route's refusals tell. JSON Schema counts code points, the parsers count bytes of UTF-8:
// `text_between` bridges the two.
#pragma once
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "daemon/base/json.hpp"
#include "daemon/model/schema.hpp"

namespace nexus::http::schema {

using model::kLabel;
using model::kNameKey;
using model::kNoNul;
inline constexpr const char* kClientId = "^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$";
inline constexpr const char* kTenantId = "^t_[a-z0-9_-]{1,62}$";
inline constexpr const char* kUserId = "^u_[a-z0-9_-]{1,62}$";

/// The same schema under a name ("Maybe"): it stands once in components.schemas, and everywhere else by reference.
/// Two different schemas of one name do not start.
inline Json named(std::string_view name, Json value) {
  value[kNameKey] = name;
  return value;
}
/// The same schema without its name, to be made into another one.
inline Json unnamed(Json value) {
  value.erase(kNameKey);
  return value;
}
/// The same schema with a sentence about it.
inline Json described(Json value, std::string_view description) {
  value["description"] = description;
  return value;
}
/// The same schema with what holds where the member is left out.
inline Json defaults_to(Json value, Json standard) {
  value["default"] = std::move(standard);
  return value;
}

inline Json text(std::string_view description = {}) {
  Json out = {{"type", "string"}};
  if (!description.empty()) out["description"] = description;
  return out;
}
inline Json pattern(std::string_view regex) { return {{"type", "string"}, {"pattern", regex}}; }
/// A text of `min` to `max` bytes of UTF-8. A code point has up to four bytes, so `maxLength` is what always fits.
inline Json text_between(std::size_t min, std::size_t max) {
  return {{"type", "string"},
          {"minLength", min},
          {"maxLength", max / 4},
          {"pattern", kNoNul},
          {"description", "at most " + std::to_string(max) + " bytes of UTF-8"}};
}
inline Json number() { return {{"type", "number"}}; }
/// The file of a form.
inline Json file() {
  return {{"type", "string"},
          {"format", "binary"},
          {"contentMediaType", "application/octet-stream"},
          {"description", "the file, with its filename and Content-Type"}};
}
/// A name that is compared: 1 to `max` bytes without white space.
inline Json name(std::size_t max) {
  return {{"type", "string"},
          {"minLength", 1},
          {"maxLength", max / 4},
          {"pattern", model::kPlainName},
          {"description", "a name of at most " + std::to_string(max) +
                              " bytes of UTF-8 without white space; it is compared in the form NFKC"}};
}
/// A label between commas elsewhere, as a tag: 1 to `max` bytes, no comma, white space inside alone.
inline Json label(std::size_t max) {
  return {{"type", "string"},
          {"minLength", 1},
          {"maxLength", max / 4},
          {"pattern", kLabel},
          {"description",
           "at most " + std::to_string(max) + " bytes of UTF-8 without a comma; it is kept in the form NFKC"}};
}
/// Numbers by name: at most `count_max`, whose names have at most `name_bytes_max` bytes.
inline Json numbers(std::size_t count_max, std::size_t name_bytes_max) {
  return {{"type", "object"},
          {"maxProperties", count_max},
          {"propertyNames", text_between(1, name_bytes_max)},
          {"additionalProperties", number()},
          {"example", {{"views", 100}}}};
}
/// The name of an action that a gate compares.
inline Json action() { return pattern("^[a-z][a-z0-9_]{0,63}$"); }
inline Json choice(std::initializer_list<std::string_view> values) {
  return {{"type", "string"}, {"enum", std::vector<std::string_view>(values)}};
}
inline Json env() { return named(model::kEnvName, choice({"dev", "staging", "prod"})); }
inline Json integer(std::int64_t min, std::int64_t max) {
  return {{"type", "integer"}, {"minimum", min}, {"maximum", max}};
}
inline Json boolean() { return {{"type", "boolean"}}; }
inline Json time() { return {{"type", "string"}, {"format", "date-time"}}; }
inline Json list(Json items) { return {{"type", "array"}, {"items", std::move(items)}}; }
/// At most `max` of them.
inline Json list(Json items, std::size_t max) {
  Json out = list(std::move(items));
  out["maxItems"] = max;
  return out;
}
inline Json any_object() { return {{"type", "object"}}; }
/// Any object of at most `bytes_max` bytes of compact JSON.
inline Json any_object(std::size_t bytes_max) {
  return described(any_object(), "any object of at most " + std::to_string(bytes_max) +
                                     " bytes of compact JSON, without U+0000 in its texts and names");
}
inline Json sha256() { return pattern("^[0-9a-f]{64}$"); }
/// The same, or null.
inline Json nullable(Json value) {
  if (value.contains(kNameKey)) return {{"anyOf", Json::array({std::move(value), {{"type", "null"}}})}};
  value["type"] = Json::array({value["type"], "null"});
  if (value.contains("enum")) value["enum"].push_back(nullptr);
  return value;
}

/// A closed object: `required` names those of `properties` that must be there. In an answer it stands open, since
/// answers may grow.
inline Json object(std::initializer_list<std::string_view> required,
                   std::initializer_list<std::pair<std::string_view, Json>> properties) {
  Json out = {{"type", "object"}, {"properties", Json::object()}, {"additionalProperties", false}};
  for (const auto& [name, value] : properties) out["properties"][std::string(name)] = value;
  if (required.size() > 0) out["required"] = std::vector<std::string_view>(required);
  return out;
}

/// The answer of a list; of a named item, under its name and "Page".
inline Json page(Json item) {
  const std::string of = item.value(kNameKey, "");
  Json out = object({"items", "next_cursor"}, {{"items", list(std::move(item))}, {"next_cursor", nullable(text())}});
  return of.empty() ? out : named(of + "Page", std::move(out));
}

}  // namespace nexus::http::schema
