// A resource as JSON, from its table.
#pragma once
#include "daemon/base/json.hpp"
#include "daemon/model/field.hpp"

namespace nexus::model {

/// One value, as its Spec shows it.
Json value_json(const Spec& spec, ConstSlot value);

/// A row as answers show it: every shown field.
template <class T, std::size_t N>
Json json_of(const Table<T, N>& table, const T& value) {
  Json out = Json::object();
  for (const Field<T>& field : table.fields)
    if (field.spec.shown) out[std::string(field.spec.name)] = value_json(field.spec, slot_of(field, value));
  return out;
}

/// Only the named fields, for events and audit details. A name that the table lacks is a defect: std::logic_error.
template <class T, std::size_t N>
Json json_of(const Table<T, N>& table, const T& value, std::initializer_list<std::string_view> names) {
  Json out = Json::object();
  for (const std::string_view name : names) {
    const auto field = std::ranges::find(table.fields, name, [](const Field<T>& each) { return each.spec.name; });
    if (field == table.fields.end()) throw std::logic_error("the table has no such field");
    out[std::string(name)] = value_json(field->spec, slot_of(*field, value));
  }
  return out;
}

}  // namespace nexus::model
