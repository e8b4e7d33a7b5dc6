#include "daemon/http/schema.hpp"

namespace nexus::http::schema {
namespace {

/// `min` and `max` are bytes of UTF-8; a code point has up to four.
Json bounded(std::size_t min, std::size_t max, const char* regex, std::string description) {
  return {{"type", "string"},
          {"minLength", min},
          {"maxLength", max / 4},
          {"pattern", regex},
          {"description", std::move(description)}};
}

}  // namespace

Json named(std::string_view name, Json value) {
  value[kNameKey] = name;
  return value;
}

Json unnamed(Json value) {
  value.erase(kNameKey);
  return value;
}

Json described(Json value, std::string_view description) {
  value["description"] = description;
  return value;
}

Json defaults_to(Json value, Json standard) {
  value["default"] = std::move(standard);
  return value;
}

Json text(std::string_view description) {
  Json out = {{"type", "string"}};
  if (!description.empty()) out["description"] = description;
  return out;
}

Json pattern(std::string_view regex) { return {{"type", "string"}, {"pattern", regex}}; }

Json text_between(std::size_t min, std::size_t max) {
  return bounded(min, max, kNoNul, "at most " + std::to_string(max) + " bytes of UTF-8");
}

Json number() { return {{"type", "number"}}; }

Json file() {
  return {{"type", "string"},
          {"format", "binary"},
          {"contentMediaType", "application/octet-stream"},
          {"description", "the file, with its filename and Content-Type"}};
}

Json name(std::size_t max) {
  return bounded(1, max, model::kPlainName,
                 "a name of at most " + std::to_string(max) +
                     " bytes of UTF-8 without white space; it is compared in the form NFKC");
}

Json labels(std::size_t count) {
  const std::string_view anchored = kLabel;
  const std::string one(anchored.substr(1, anchored.size() - 2));
  return pattern("^" + one + "(," + one + "){0," + std::to_string(count - 1) + "}$");
}

Json label(std::size_t max) {
  return bounded(1, max, kLabel,
                 "at most " + std::to_string(max) + " bytes of UTF-8 without a comma; it is kept in the form NFKC");
}

Json numbers(std::size_t count_max, std::size_t name_bytes_max) {
  return {{"type", "object"},
          {"maxProperties", count_max},
          {"propertyNames", text_between(1, name_bytes_max)},
          {"additionalProperties", number()},
          {"example", {{"views", 100}}}};
}

Json action() { return pattern("^[a-z][a-z0-9_]{0,63}$"); }

Json choice(std::span<const std::string_view> values) { return {{"type", "string"}, {"enum", values}}; }
Json choice(std::initializer_list<std::string_view> values) { return choice(std::span(values.begin(), values.size())); }

Json env() { return named(model::kEnvName, choice({"dev", "staging", "prod"})); }

Json integer(std::int64_t min, std::int64_t max) { return {{"type", "integer"}, {"minimum", min}, {"maximum", max}}; }

Json boolean() { return {{"type", "boolean"}}; }

Json time() { return {{"type", "string"}, {"format", "date-time"}}; }

Json list(Json items) { return {{"type", "array"}, {"items", std::move(items)}}; }

Json list(Json items, std::size_t max) {
  Json out = list(std::move(items));
  out["maxItems"] = max;
  return out;
}

Json any_object() { return {{"type", "object"}}; }

Json any_object(std::size_t bytes_max) {
  return described(any_object(), "any object of at most " + std::to_string(bytes_max) +
                                     " bytes of compact JSON, without U+0000 in its texts and names");
}

Json sha256() { return pattern("^[0-9a-f]{64}$"); }

Json nullable(Json value) {
  if (value.contains(kNameKey)) return {{"anyOf", Json::array({std::move(value), {{"type", "null"}}})}};
  value["type"] = Json::array({value["type"], "null"});
  if (value.contains("enum")) value["enum"].push_back(nullptr);
  return value;
}

Json object(std::initializer_list<std::string_view> required,
            std::initializer_list<std::pair<std::string_view, Json>> properties) {
  Json out = {{"type", "object"}, {"properties", Json::object()}, {"additionalProperties", false}};
  for (const auto& [name, value] : properties) out["properties"][std::string(name)] = value;
  if (required.size() > 0) out["required"] = std::vector<std::string_view>(required);
  return out;
}

Json whole(std::initializer_list<std::pair<std::string_view, Json>> properties) {
  return with(object({}, {}), properties);
}

Json with(Json object, std::initializer_list<std::pair<std::string_view, Json>> properties) {
  for (const auto& [name, value] : properties) {
    object["properties"][std::string(name)] = value;
    object["required"].push_back(name);
  }
  return object;
}

Json page(Json item) {
  const std::string of = item.value(kNameKey, "");
  Json out = whole({{"items", list(std::move(item))}, {"next_cursor", nullable(text())}});
  return of.empty() ? out : named(of + "Page", std::move(out));
}

}  // namespace nexus::http::schema
