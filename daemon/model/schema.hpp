// JSON Schemas (2020-12) of a resource, from its table. Whatever a request schema takes, the parser of draft.hpp takes:
// a limit in bytes is a `maxLength` of as many code points as surely fit it. Requests are closed, answers are open, so
// that a client of today reads the answers of tomorrow.
//
// Of a table they carry a name: "Maybe", "MaybeCreate", "MaybeUpdate". The OpenAPI document keeps each named schema
// once.
#pragma once
#include <span>
#include <string>

#include "daemon/base/json.hpp"
#include "daemon/model/field.hpp"

namespace nexus::model {

/// Private to the schemas of routes: the name that a schema has in the document's components.
inline constexpr const char* kNameKey = "x-nexus-name";
/// What no text of a request holds: U+0000.
inline constexpr const char* kNoNul = "^[^\\u0000]*$";
/// Names that are compared (NameForm): no white space, no control and no invisible characters.
inline constexpr const char* kPlainName =
    "^[^\\s\\u0000-\\u0020\\u007f-\\u00a0\\u00ad\\u180e\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\ufeff]+$";
/// A label between commas elsewhere: the same, but for blanks inside.
inline constexpr const char* kLabel =
    "^[^\\s,\\u0000-\\u0020\\u007f-\\u00a0\\u00ad\\u180e\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\ufeff]"
    "([^,\\u0000-\\u001f\\u007f-\\u00a0\\u00ad\\u1680\\u180e\\u2000-\\u200f\\u2028-\\u202f\\u205f-"
    "\\u206f\\u3000\\ufeff]*"
    "[^\\s,\\u0000-\\u0020\\u007f-\\u00a0\\u00ad\\u180e\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\ufeff])?$";
/// The name of the three envs as a schema.
inline constexpr const char* kEnvName = "Env";

/// Of one field, as an answer holds it or as a request may send it.
Json answer_value_schema(const Spec& spec);
Json request_value_schema(const Spec& spec);

Json answer_schema(std::span<const Spec> specs);
/// The body of a POST: every field that the client says; those required are named.
Json create_schema(std::span<const Spec> specs);
/// The body of a PATCH: at least one of the fields that may change.
Json change_schema(std::span<const Spec> specs);
/// What a flag or a text is where a POST leaves it out, if that is anything.
void tell_default(Json& properties, const Spec& spec, ConstSlot value);

template <class T, std::size_t N>
Json answer_schema(const Table<T, N>& table) {
  Json out = answer_schema(std::span<const Spec>(table.specs()));
  out[kNameKey] = table.model;
  return out;
}
/// Of the named fields alone, as json_of answers them; without a name of its own.
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
