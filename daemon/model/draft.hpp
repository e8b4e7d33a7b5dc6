// What a client sent of a resource, read by its table: a value for each field that was sent, and a fault for each that
// does not fit. A POST makes a row of it; a PATCH changes the fields that were sent and leaves the others.
#pragma once
#include <algorithm>
#include <string_view>
#include <vector>

#include "daemon/model/field.hpp"
#include "daemon/model/fields.hpp"

namespace nexus::model {

/// Reads one member where it was sent, and says whether it was. Null stands for "none" where the field may be null,
/// for "not sent" or for what a new row holds where the rule says so, and is a fault elsewhere. A value that does not
/// fit is a fault and leaves the place as it was.
bool read_value(Fields& fields, const Spec& spec, Slot value);

template <class T>
struct Draft {
  T value = {};
  std::vector<std::string_view> sent;  ///< names of fields, in the table's order; they live as long as the table

  bool has(std::string_view name) const { return std::ranges::find(sent, name) != sent.end(); }
  /// Puts what was sent into `row`.
  template <std::size_t N>
  void apply_to(const Table<T, N>& table, T& row) const {
    for (const Field<T>& field : table.fields)
      if (has(field.spec.name)) std::visit([&](auto member) { row.*member = value.*member; }, field.member);
  }
};

/// The body of a POST.
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

/// The body of a PATCH, of which at least one field must be sent.
template <class T, std::size_t N>
Draft<T> take_change(const Table<T, N>& table, Fields& fields) {
  Draft<T> draft;
  std::string_view first;
  for (const Field<T>& field : table.fields) {
    if (field.spec.who != Who::client || field.spec.rule.fixed) continue;
    if (first.empty()) first = field.spec.name;
    if (read_value(fields, field.spec, slot_of(field, draft.value))) draft.sent.push_back(field.spec.name);
  }
  if (draft.sent.empty()) fields.fault(first, "at least one field to change is required");
  return draft;
}

}  // namespace nexus::model
