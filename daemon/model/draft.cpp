#include "daemon/model/draft.hpp"

#include <set>

#include "daemon/base/json.hpp"

namespace nexus::model {
namespace {

bool fits(Fields& fields, const Spec& spec, const std::string& text) {
  if (spec.rule.form == nullptr || spec.rule.form->fits(text)) return true;
  fields.fault(spec.name, std::string(spec.rule.form->must));
  return false;
}

// Each reads a value of the type that the last argument points to.

std::optional<std::string> read_as(Fields& fields, const Spec& spec, const std::string*) {
  const Rule& rule = spec.rule;
  if (spec.kind == Kind::document) {
    const auto object = fields.optional_object(spec.name, rule.max);
    return object ? std::optional(to_text(*object)) : std::nullopt;
  }
  if (!rule.choices.empty()) return fields.optional_choice(spec.name, rule.choices);
  auto text = rule.name ? fields.optional_name(spec.name, {rule.min, rule.max}, *rule.name)
                        : fields.optional_text(spec.name, {rule.min, rule.max});
  return text && fits(fields, spec, *text) ? text : std::nullopt;
}

std::optional<std::vector<std::string>> read_as(Fields& fields, const Spec& spec, const std::vector<std::string>*) {
  const Rule& rule = spec.rule;
  const TextRange each{rule.min, rule.max};
  auto texts = rule.name ? fields.optional_names(spec.name, rule.count, each, *rule.name)
                         : fields.optional_texts(spec.name, rule.count, each);
  if (!texts) return texts;
  if (texts->size() < rule.count_min) {
    fields.fault(spec.name, "must hold at least " + std::to_string(rule.count_min));
    return std::nullopt;
  }
  for (const std::string& text : *texts)
    if (!fits(fields, spec, text)) return std::nullopt;
  if (rule.unique && std::set<std::string_view>(texts->begin(), texts->end()).size() < texts->size()) {
    fields.fault(spec.name, "must not hold the same text twice");
    return std::nullopt;
  }
  return texts;
}

std::optional<bool> read_as(Fields& fields, const Spec& spec, const bool*) {
  return fields.optional_boolean(spec.name);
}

std::optional<std::int64_t> read_as(Fields& fields, const Spec& spec, const std::int64_t*) {
  return spec.kind == Kind::time ? fields.optional_time(spec.name)
                                 : fields.optional_integer(spec.name, spec.rule.least, spec.rule.most);
}

std::optional<double> read_as(Fields& fields, const Spec& spec, const double*) {
  const auto number = fields.optional_number(spec.name);
  const Rule& rule = spec.rule;
  const bool bounded = rule.least != 0 || rule.most != 0;
  if (!number || !bounded) return number;
  if (*number >= static_cast<double>(rule.least) && *number <= static_cast<double>(rule.most)) return number;
  fields.fault(spec.name, "must be a number from " + std::to_string(rule.least) + " to " + std::to_string(rule.most));
  return std::nullopt;
}

template <class V>
std::optional<V> read_as(Fields& fields, const Spec& spec, const std::optional<V>*) {
  return read_as(fields, spec, static_cast<const V*>(nullptr));
}

}  // namespace

bool read_value(Fields& fields, const Spec& spec, Slot value) {
  return std::visit(
      [&](auto* at) {
        const bool is_null = fields.sent_null(spec.name);
        auto read = read_as(fields, spec, at);  // marks the member as read, null or not
        if (is_null && spec.rule.null_is_absent) return false;
        if (is_null && !spec.nullable && !spec.rule.null_resets) fields.fault(spec.name, "must not be null");
        if constexpr (detail::is_optional<std::remove_pointer_t<decltype(at)>>) {
          if (is_null) at->reset();
        }
        if (read) *at = std::move(*read);
        return fields.sent(spec.name);
      },
      value);
}

}  // namespace nexus::model
