// The named schemas of the OpenAPI document, and the examples that are made from them.
#include "daemon/http/openapi.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

#include "daemon/http/schema.hpp"

namespace nexus::http {
namespace {

constexpr std::string_view kPrefix = "#/components/schemas/";

bool is_closed(const Json& schema) {
  const auto found = schema.find("additionalProperties");
  return found != schema.end() && *found == false;
}

bool holds_closed(const Json& value) {
  if (value.is_object() && is_closed(value)) return true;
  return value.is_structured() && std::ranges::any_of(value, holds_closed);
}

using Pair = std::pair<std::string_view, std::string_view>;

constexpr std::string_view kId = "01938f6e-2a41-7c3b-9d52-6b1f0a8e4c77";
constexpr std::string_view kDigest = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

constexpr std::array kByPattern = {Pair{schema::kTenantId, "t_acme"}, Pair{schema::kUserId, "u_ann"},
                                   Pair{schema::kClientId, kId}, Pair{"^[0-9a-f]{64}$", kDigest},
                                   Pair{"^[A-Za-z]{3}$", "USD"}};

constexpr std::array kByName = {Pair{"action", "raw_register"},
                                Pair{"actor_id", "u_ann"},
                                Pair{"author_id", "u_ann"},
                                Pair{"checkpoint_key", "nexus-audit+5c1b7d0e+AfQx0yP4"},
                                Pair{"code", "validation.failed"},
                                Pair{"content_type", "text/plain"},
                                Pair{"created_by", "u_ann"},
                                Pair{"cursor", "3f9a1c07.42"},
                                Pair{"decided_by", "u_ann"},
                                Pair{"email", "ann@example.com"},
                                Pair{"env", "dev"},
                                Pair{"event_type", "raw_asset_registered"},
                                Pair{"filename", "report.txt"},
                                Pair{"invited_by", "u_ann"},
                                Pair{"key", "tenants/t_acme/dev/raw/01938f6e-2a41-7c3b-9d52-6b1f0a8e4c77/report.txt"},
                                Pair{"provider", "acme-ai"},
                                Pair{"route", "/sse/chat/01938f6e-2a41-7c3b-9d52-6b1f0a8e4c77"},
                                Pair{"scope", "raw_register"},
                                Pair{"source_uri", "https://example.com/a.mp4"},
                                Pair{"surface", "raw_storage"},
                                Pair{"tenant_id", "t_acme"},
                                Pair{"updated_by", "u_ann"},
                                Pair{"uri", "s3://nexus/tenants/t_acme/dev/raw/01938f6e/report.txt"},
                                Pair{"url", "https://nexus.example.com/blobs/nexus"},
                                Pair{"user_id", "u_ann"},
                                Pair{"version", "1"}};

template <class Table>
std::string_view found_in(const Table& table, std::string_view key) {
  const auto found = std::ranges::find(table, key, &Pair::first);
  return found == table.end() ? std::string_view{} : found->second;
}

Json text_example(const Json& schema, std::string_view name) {
  if (schema.value("format", "") == "date-time") return "2026-11-29T12:00:00.000Z";
  const std::string pattern = schema.value("pattern", "");
  if (const auto known = found_in(kByPattern, pattern); !known.empty()) return known;
  if (const auto known = found_in(kByName, name); !known.empty()) return known;
  if (name.ends_with("_id") && schema.value("maxLength", kId.size()) >= kId.size()) return kId;
  if (pattern.empty() || pattern == schema::kNoNul) return "an example";
  return "example";
}

Json number_example(const Json& schema) {
  const std::int64_t least = schema.value("minimum", std::int64_t{0}), most = schema.value("maximum", least + 1);
  return std::clamp<std::int64_t>(1, least, most);
}

Json map_example(const Json& schema, const NamedSchemas& schemas, ExampleOf of) {
  const auto values = schema.find("additionalProperties");
  if (values == schema.end() || !values->is_object()) return Json::object();
  return Json::object({{"example", example_of(*values, schemas, of)}});
}

Json object_example(const Json& schema, const NamedSchemas& schemas, ExampleOf of) {
  const auto properties = schema.find("properties");
  if (properties == schema.end() || properties->empty()) return map_example(schema, schemas, of);
  const Json required = schema.value("required", Json::array());
  Json out = Json::object();
  for (const auto& [name, value] : properties->items())
    if (of == ExampleOf::answer || std::ranges::find(required, Json(name)) != required.end())
      out[name] = example_of(value, schemas, of, name);
  const auto least = schema.value("minProperties", std::size_t{1});
  for (auto more = properties->begin(); more != properties->end() && out.size() < least; ++more)
    if (!out.contains(more.key())) out[more.key()] = example_of(*more, schemas, of, more.key());
  return out;
}

}  // namespace

void NamedSchemas::expect_answer(const Json& schema) {
  if (schema.is_object() && schema.contains(schema::kNameKey))
    answered_.insert(schema[schema::kNameKey].get<std::string>());
  if (schema.is_structured())
    for (const Json& member : schema) expect_answer(member);
}

Json NamedSchemas::moved(Json schema, Side side) {
  if (!schema.is_structured()) return schema;
  if (!schema.contains(schema::kNameKey)) {
    for (Json& member : schema) member = moved(std::move(member), side);
    if (side == Side::answer && schema.is_object() && is_closed(schema)) schema.erase("additionalProperties");
    return schema;
  }
  return keep(std::move(schema), side);
}

Json NamedSchemas::keep(Json schema, Side side) {
  std::string name = schema[schema::kNameKey].get<std::string>();
  if (side == Side::request && answered_.contains(name) && holds_closed(schema)) name += "Input";
  schema.erase(schema::kNameKey);
  schema = moved(std::move(schema), side);
  const auto [kept, is_new] = schemas_.try_emplace(name, schema);
  if (!is_new && kept->second != schema)
    throw std::logic_error("two different schemas are named " + name + ": " + kept->second.dump() + " and " +
                           schema.dump());
  return {{"$ref", std::string(kPrefix) + name}};
}

const Json& NamedSchemas::resolved(const Json& schema) const {
  const auto reference = schema.find("$ref");
  if (reference == schema.end()) return schema;
  const auto& text = reference->get_ref<const std::string&>();
  const auto found = schemas_.find(text.substr(kPrefix.size()));
  return found == schemas_.end() ? schema : found->second;
}

Json NamedSchemas::all() const {
  Json all = Json::object();
  for (const auto& [name, schema] : schemas_) all[name] = schema;
  return all;
}

Json example_of(const Json& schema, const NamedSchemas& schemas, ExampleOf of, std::string_view name) {
  if (schema.contains("$ref")) return example_of(schemas.resolved(schema), schemas, of, name);
  for (const char* key : {"example", "default", "const"})
    if (const auto found = schema.find(key); found != schema.end()) return *found;
  if (const auto values = schema.find("enum"); values != schema.end()) return values->front();
  for (const char* key : {"anyOf", "oneOf"})
    if (const auto choices = schema.find(key); choices != schema.end())
      return example_of(choices->front(), schemas, of, name);
  const auto found = schema.find("type");
  if (found == schema.end()) return "an example";
  const std::string type = found->is_array() ? found->front().get<std::string>() : found->get<std::string>();
  if (type == "object") return object_example(schema, schemas, of);
  if (type == "array") return Json::array({example_of(schema["items"], schemas, of, name)});
  if (type == "boolean") return false;
  if (type == "integer" || type == "number") return number_example(schema);
  return text_example(schema, name);
}

}  // namespace nexus::http
