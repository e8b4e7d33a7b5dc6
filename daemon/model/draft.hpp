// The fields of a resource that a client sent, read by its table: a value for each field, and a fault for each that
// does not fit. A POST makes a row from them. A PATCH changes the fields that were sent and leaves the others.
#pragma once
#include <algorithm>
#include <string_view>
#include <vector>

#include "daemon/model/field.hpp"
#include "daemon/model/fields.hpp"

namespace nexus::model {

/// Reads one member if it was sent, and returns whether it was. Null means "none" where the field may be null. Where
/// the rule says so, it means "not sent" or the value of a new row. Elsewhere it is a fault. A value that does not fit
/// is a fault and leaves `value` unchanged.
bool read_value(Fields& fields, const Spec& spec, Slot value);

template <class T>
struct Draft {
  T value = {};
  std::vector<std::string_view> sent;  ///< names of fields, in the table's order; they live as long as the table

  bool has(std::string_view name) const { return std::ranges::find(sent, name) != sent.end(); }
  /// Writes the sent values into `row`.
  template <std::size_t N>
  void apply_to(const Table<T, N>& table, T& row) const {
    for (const Field<T>& field : table.fields)
      if (has(field.spec.name)) std::visit([&](auto member) { row.*member = value.*member; }, field.member);
  }
};

/// Reads the body of a POST.
template <class T, std::size_t N>
Draft<T> take_new(const Table<T, N>& table, Fields& fields) {
  Draft<T> draft;
  for (const Field<T>& field : table.fields) {
    if (field.spec.who != Who::client) continue;
    if (read_value(fields, field.spec, slot_of(field, draft.value)))
      draft.sent.push_back(field.spec.name);
    else if (field.spec.rule.required)
      fields.fault(field.spec.name, "is required");
  }
  return draft;
}

/// Reads the body of a PATCH, which must hold at least one field.
template <class T, std::size_t N>
Draft<T> take_change(const Table<T, N>& table, Fields& fields) {
  Draft<T> draft;
  std::string_view first;
  for (const Field<T>& field : table.fields) {
    if (field.spec.who != Who::client || field.spec.rule.fixed) continue;
    if (first.empty()) first = field.spec.name;
    if (read_value(fields, field.spec, slot_of(field, draft.value))) draft.sent.push_back(field.spec.name);
  }
  if (draft.sent.empty()) fields.fault(first, "is required, or another field to change");
  return draft;
}

}  // namespace nexus::model
