#include "daemon/model/schema.hpp"

#include "daemon/model/json.hpp"

namespace nexus::model {
namespace {

constexpr std::size_t kBytesOfCodePointMax = 4;  // UTF-8, RFC 3629 section 3

Json named(std::string_view type) { return {{"type", type}}; }

Json bounded_text(const Rule& rule) {
  Json out = named("string");
  if (!rule.choices.empty()) {
    out["enum"] = rule.choices;
    if (rule.choices.data() == kEnvs) out[kNameKey] = kEnvName;
    return out;
  }
  out["minLength"] = rule.min;
  const char* const name = rule.name ? (*rule.name == NameForm::label ? kLabel : kPlainName) : nullptr;
  const bool formed = rule.form != nullptr && rule.form != &kNoComma;
  if (rule.max > 0) out["maxLength"] = formed ? rule.max : rule.max / kBytesOfCodePointMax;
  if (rule.max > 0 && !formed) out["x-max-bytes"] = rule.max;
  out["pattern"] = formed ? rule.form->pattern : name != nullptr ? name : kNoNul;
  return out;
}

Json list_of(Json items, const Rule& rule) {
  Json out = {{"type", "array"}, {"items", std::move(items)}};
  if (rule.count > 0) out["maxItems"] = rule.count;
  if (rule.count_min > 0) out["minItems"] = rule.count_min;
  if (rule.unique) out["uniqueItems"] = true;
  return out;
}

Json with_range(Json number, const Rule& rule) {
  if (rule.least == 0 && rule.most == 0) return number;
  number["minimum"] = rule.least;
  number["maximum"] = rule.most;
  return number;
}

Json kind_schema(const Spec& spec, bool request) {
  const Rule unbounded{.choices = spec.rule.choices};
  const Rule& rule = request ? spec.rule : unbounded;
  const auto text = [&] { return request || !rule.choices.empty() ? bounded_text(rule) : named("string"); };
  switch (spec.kind) {
    case Kind::text:
      return text();
    case Kind::texts:
      return list_of(text(), rule);
    case Kind::boolean:
      return named("boolean");
    case Kind::integer:
      return with_range(named("integer"), rule);
    case Kind::number:
      return with_range(named("number"), rule);
    case Kind::time:
      return {{"type", "string"}, {"format", "date-time"}};
    case Kind::document:
      break;
  }
  Json out = named("object");
  if (rule.max > 0) out["x-max-bytes"] = rule.max;
  return out;
}

Json value_schema(const Spec& spec, bool request) {
  Json out = kind_schema(spec, request);
  if (spec.nullable || (request && spec.rule.null_resets)) {
    out["type"] = Json::array({out["type"], "null"});
    if (out.contains("enum")) out["enum"].push_back(nullptr);
  }
  if (!spec.rule.help.empty()) out["description"] = spec.rule.help;
  return out;
}

Json request_schema(std::span<const Spec> specs, bool whole) {
  Json out = {{"type", "object"}, {"properties", Json::object()}, {"additionalProperties", false}};
  for (const Spec& spec : specs) {
    if (spec.who != Who::client || (!whole && spec.rule.fixed)) continue;
    out["properties"][std::string(spec.name)] = value_schema(spec, true);
    if (whole && spec.rule.required) out["required"].push_back(spec.name);
  }
  if (!whole) out["minProperties"] = 1;
  return out;
}

}  // namespace

Json answer_schema(std::span<const Spec> specs) {
  Json out = {{"type", "object"}, {"properties", Json::object()}, {"required", Json::array()}};
  for (const Spec& spec : specs) {
    if (!spec.shown) continue;
    out["properties"][std::string(spec.name)] = value_schema(spec, false);
    out["required"].push_back(spec.name);
  }
  return out;
}

void tell_default(Json& properties, const Spec& spec, ConstSlot value) {
  if (spec.who != Who::client || spec.rule.required) return;
  if (spec.kind != Kind::text && spec.kind != Kind::boolean) return;
  Json standard = value_json(spec, value);
  if (!standard.is_null() && standard != "") properties[std::string(spec.name)]["default"] = std::move(standard);
}

Json create_schema(std::span<const Spec> specs) { return request_schema(specs, true); }
Json change_schema(std::span<const Spec> specs) { return request_schema(specs, false); }

}  // namespace nexus::model
