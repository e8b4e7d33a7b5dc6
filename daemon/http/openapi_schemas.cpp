// The named schemas of the OpenAPI document.
#include "daemon/http/openapi_parts.hpp"

#include <algorithm>
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

}  // namespace nexus::http
