// Small words for the JSON Schemas that routes are documented with (JSON Schema 2020-12, as OpenAPI 3.1 uses it).
#pragma once
#include <initializer_list>
#include <string_view>
#include <utility>

#include "daemon/base/json.hpp"

namespace nexus::http::schema {

inline Json text(std::string_view description = {}) {
  Json out = {{"type", "string"}};
  if (!description.empty()) out["description"] = description;
  return out;
}
inline Json text_between(std::size_t min, std::size_t max) {
  return {{"type", "string"}, {"minLength", min}, {"maxLength", max}};
}
inline Json pattern(std::string_view regex) { return {{"type", "string"}, {"pattern", regex}}; }
inline Json choice(std::initializer_list<std::string_view> values) {
  return {{"type", "string"}, {"enum", std::vector<std::string_view>(values)}};
}
inline Json integer(std::int64_t min, std::int64_t max) {
  return {{"type", "integer"}, {"minimum", min}, {"maximum", max}};
}
inline Json boolean() { return {{"type", "boolean"}}; }
inline Json time() { return {{"type", "string"}, {"format", "date-time"}}; }
inline Json list(Json items) { return {{"type", "array"}, {"items", std::move(items)}}; }
inline Json any_object() { return {{"type", "object"}}; }
inline Json sha256() { return pattern("^[0-9a-f]{64}$"); }
/// The same, or null.
inline Json nullable(Json value) {
  value["type"] = Json::array({value["type"], "null"});
  if (value.contains("enum")) value["enum"].push_back(nullptr);
  return value;
}

/// A closed object: `required` names those of `properties` that must be there.
inline Json object(std::initializer_list<std::string_view> required,
                   std::initializer_list<std::pair<std::string_view, Json>> properties) {
  Json out = {{"type", "object"}, {"properties", Json::object()}, {"additionalProperties", false}};
  for (const auto& [name, value] : properties) out["properties"][std::string(name)] = value;
  if (required.size() > 0) out["required"] = std::vector<std::string_view>(required);
  return out;
}

/// The answer of a list.
inline Json page(Json item) {
  return object({"items", "next_cursor"}, {{"items", list(std::move(item))}, {"next_cursor", nullable(text())}});
}

}  // namespace nexus::http::schema
