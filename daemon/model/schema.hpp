// JSON Schemas (2020-12) of a resource, from its table. The parser of draft.hpp takes whatever a request schema takes,
// so a limit in bytes becomes a `maxLength` that always fits it. Requests are closed. Answers are open, so that a
// client of today can read the answers of tomorrow.
//
// The schemas of a table have names: "Maybe", "MaybeCreate", "MaybeUpdate". The OpenAPI document holds each named
// schema once.
#pragma once
#include <span>
#include <string>

#include "daemon/base/json.hpp"
#include "daemon/model/field.hpp"

namespace nexus::model {

/// The member that holds a schema's name in the document's components. Private to the schemas of routes.
inline constexpr const char* kNameKey = "x-nexus-name";
/// The pattern of every text of a request: no U+0000.
inline constexpr const char* kNoNul = "^[^\\u0000]*$";
/// Names that are compared (NameForm): no white space, no control and no invisible characters.
inline constexpr const char* kPlainName =
    "^[^\\s\\u0000-\\u0020\\u007f-\\u00a0\\u00ad\\u180e\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\ufeff]+$";
/// A label, which elsewhere is comma-separated: the same, but blanks are allowed inside.
inline constexpr const char* kLabel =
    "^[^\\s,\\u0000-\\u0020\\u007f-\\u00a0\\u00ad\\u180e\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\ufeff]"
    "([^,\\u0000-\\u001f\\u007f-\\u00a0\\u00ad\\u1680\\u180e\\u2000-\\u200f\\u2028-\\u202f\\u205f-"
    "\\u206f\\u3000\\ufeff]*"
    "[^\\s,\\u0000-\\u0020\\u007f-\\u00a0\\u00ad\\u180e\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\ufeff])?$";
/// The name of the three envs as a schema.
inline constexpr const char* kEnvName = "Env";

Json answer_schema(std::span<const Spec> specs);
/// The body of a POST: every field that the client sets, with the required ones.
Json create_schema(std::span<const Spec> specs);
/// The body of a PATCH: at least one of the fields that may change.
Json change_schema(std::span<const Spec> specs);
/// Adds the default that a flag or a text has when a POST leaves it out, if there is one.
void tell_default(Json& properties, const Spec& spec, ConstSlot value);

template <class T, std::size_t N>
Json answer_schema(const Table<T, N>& table) {
  Json out = answer_schema(std::span<const Spec>(table.specs()));
  out[kNameKey] = table.model;
  return out;
}
/// The schema of only the named fields, as json_of returns them; without a name of its own.
template <class T, std::size_t N>
Json answer_schema(const Table<T, N>& table, std::initializer_list<std::string_view> names) {
  std::vector<Spec> specs;
  for (const Spec& spec : table.specs())
    if (std::ranges::find(names, spec.name) != names.end()) specs.push_back(spec);
  return answer_schema(std::span<const Spec>(specs));
}
template <class T, std::size_t N>
Json create_schema(const Table<T, N>& table) {
  Json out = create_schema(std::span<const Spec>(table.specs()));
  const T fresh{};
  for (const Field<T>& field : table.fields) tell_default(out["properties"], field.spec, slot_of(field, fresh));
  out[kNameKey] = std::string(table.model) + "Create";
  return out;
}
template <class T, std::size_t N>
Json change_schema(const Table<T, N>& table) {
  Json out = change_schema(std::span<const Spec>(table.specs()));
  out[kNameKey] = std::string(table.model) + "Update";
  return out;
}

}  // namespace nexus::model
