// The declaration of a resource: one table that names each field once, with its member in the struct, who sets it, and
// the rule for a client's value. Everything else is derived from it: request and answer schemas (schema.hpp), the
// parser and the changes of a PATCH (draft.hpp), JSON (json.hpp), statements and rows (store/model_rows.hpp), options
// of the command line (cli/engine/model_options.hpp).
//
// There are no hooks. A need beyond a field's rule (a default that depends on another field, a check between two
// fields) is written by hand beside the table, and runs after the derived code.
//
//   inline constexpr model::Table kMaybe{"Maybe", "maybes", std::array{
//       tenant(&Maybe::tenant_id), env(&Maybe::env), id("item_id", &Maybe::item_id),
//       field("title", &Maybe::title, {.max = 512, .required = true, .help = "what people call it"}), …}};
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "daemon/base/clock.hpp"
#include "daemon/base/ids.hpp"
#include "daemon/base/text.hpp"

namespace nexus::model {

/// The kind of the JSON value. `document` is a JSON object that the row keeps as compact text. `time` is microseconds
/// in the row and RFC 3339 in JSON.
enum class Kind : unsigned char { text, texts, boolean, integer, number, time, document };

/// Who sets a value: the request's context (tenant, env), the daemon, or the client.
enum class Who : unsigned char { context, daemon, client };

/// The form of a text, beyond its length.
struct Form {
  std::string_view pattern;  ///< ECMA 262, anchored; `fits` takes whatever it matches. Only ASCII can match it.
  std::string_view must;     ///< the fault: "must be …"
  bool (*fits)(std::string_view) = nullptr;
};

/// The rule for a client's value.
struct Rule {
  std::size_t min = 1;                             ///< bytes of a text, or of each text
  std::size_t max = 0;                             ///< bytes of a text, of each text, or of a document's compact JSON
  std::size_t count = 0;                           ///< most texts of a list
  std::size_t count_min = 0;                       ///< fewest texts of a list
  std::int64_t least = 0, most = 0;                ///< of an integer or a number
  std::span<const std::string_view> choices = {};  ///< one of these
  const Form* form = nullptr;                      ///< of a text, or of each text
  std::optional<NameForm> name = std::nullopt;     ///< a gate or filter compares it, so it is kept in normal form
  bool unique = false;                             ///< no text of the list occurs twice
  bool required = false;                           ///< at creation
  bool fixed = false;                              ///< never changes after creation
  bool null_is_absent = false;                     ///< null means not sent; else it is a fault
  bool null_resets = false;                        ///< null means the value of a new row
  bool past = false;                               ///< of a time: it tells of what has happened
  bool from_input = false;                         ///< the command line takes `-`: standard input
  std::string_view help = {};                      ///< one sentence for schemas and the command line
};

/// A field without its struct, for schemas, statements and the command line.
struct Spec {
  std::string_view name;
  Kind kind = Kind::text;
  Who who = Who::client;
  bool nullable = false;  ///< null means "none"
  bool key = false;       ///< part of the row's primary key
  bool shown = true;      ///< false: a column that no answer shows
  bool stored = true;     ///< false: computed for each answer, no column
  Rule rule = {};
};

template <class T>
using Member =
    std::variant<std::string T::*, std::optional<std::string> T::*, std::vector<std::string> T::*,
                 std::optional<std::vector<std::string>> T::*, bool T::*, std::optional<bool> T::*, std::int64_t T::*,
                 std::optional<std::int64_t> T::*, double T::*, std::optional<double> T::*>;

template <class T>
struct Field {
  Spec spec;
  Member<T> member;
};

/// A model's name in the interface, its table in the store, and its fields in the order of their documentation. `alive`
/// is the SQL condition on a row that is not deleted, or empty.
template <class T, std::size_t N>
struct Table {
  using Row = T;
  std::string_view model;
  std::string_view table;
  std::array<Field<T>, N> fields;
  std::string_view alive = {};

  constexpr std::array<Spec, N> specs() const {
    std::array<Spec, N> out{};
    for (std::size_t i = 0; i < N; ++i) out[i] = fields[i].spec;
    return out;
  }
};
template <class T, std::size_t N>
Table(std::string_view, std::string_view, std::array<Field<T>, N>) -> Table<T, N>;
template <class T, std::size_t N>
Table(std::string_view, std::string_view, std::array<Field<T>, N>, std::string_view) -> Table<T, N>;

/// The field of a member.
template <class T, std::size_t N, class V>
constexpr const Spec& spec_of(const Table<T, N>& table, V T::*member) {
  for (const Field<T>& field : table.fields)
    if (const auto* found = std::get_if<V T::*>(&field.member); found && *found == member) return field.spec;
  throw std::logic_error("the table has no field of this member");
}

/// The fields of a table, valid for the life of the process.
template <const auto& kTable>
inline constexpr auto specs_of = kTable.specs();

// ---- words that declare fields -------------------------------------------------------------------------------------

namespace detail {
template <class V>
inline constexpr bool is_optional = false;
template <class V>
inline constexpr bool is_optional<std::optional<V>> = true;

/// The kind of a member of type V, as most fields have it.
template <class V>
constexpr Kind kind_of() {
  if constexpr (is_optional<V>) return kind_of<typename V::value_type>();
  if constexpr (std::is_same_v<V, std::vector<std::string>>) return Kind::texts;
  if constexpr (std::is_same_v<V, bool>) return Kind::boolean;
  if constexpr (std::is_same_v<V, std::int64_t>) return Kind::integer;
  if constexpr (std::is_same_v<V, double>) return Kind::number;
  return Kind::text;
}
}  // namespace detail

/// A field that the client sets. Its kind follows from the member's type; an optional member may be null.
template <class T, class V>
constexpr Field<T> field(std::string_view name, V T::*member, Rule rule) {
  return {{.name = name, .kind = detail::kind_of<V>(), .nullable = detail::is_optional<V>, .rule = rule}, member};
}
/// A time that the client sets.
template <class T, class V>
constexpr Field<T> time_field(std::string_view name, V T::*member, Rule rule = {}) {
  return {{.name = name, .kind = Kind::time, .nullable = detail::is_optional<V>, .rule = rule}, member};
}
/// A JSON object that the client sets, kept as text; `max` bounds the bytes of its compact form.
template <class T>
constexpr Field<T> document(std::string_view name, std::string T::*member, Rule rule) {
  return {{.name = name, .kind = Kind::document, .rule = rule}, member};
}
/// The same field, set by the daemon: no request holds it.
template <class T>
constexpr Field<T> made(Field<T> field) {
  field.spec.who = Who::daemon;
  return field;
}
/// A value that the daemon sets.
template <class T, class V>
constexpr Field<T> made(std::string_view name, V T::*member, Rule rule = {}) {
  return made(field(name, member, rule));
}
template <class T, class V>
constexpr Field<T> made_time(std::string_view name, V T::*member, Rule rule = {}) {
  return made(time_field(name, member, rule));
}
/// A column that no answer and no request holds.
template <class T, class V>
constexpr Field<T> hidden(std::string_view name, V T::*member) {
  Field<T> out = made(name, member);
  out.spec.shown = false;
  return out;
}
/// A value that is computed from others before each answer; no column and no request holds it.
template <class T>
constexpr Field<T> computed(Field<T> field) {
  field.spec.stored = false;
  return made(field);
}
template <class T, class V>
constexpr Field<T> computed(std::string_view name, V T::*member, Rule rule = {}) {
  return computed(field(name, member, rule));
}
/// A field that the client sends and nothing stores: no column and no answer holds it.
template <class T>
constexpr Field<T> asked(Field<T> field) {
  field.spec.shown = field.spec.stored = false;
  return field;
}
/// A field of the row's primary key that the client sets: an id of its choice.
template <class T>
constexpr Field<T> key(Field<T> field) {
  field.spec.key = field.spec.rule.fixed = true;
  return field;
}
/// The id of the row, which the daemon makes.
template <class T>
constexpr Field<T> id(std::string_view name, std::string T::*member) {
  Field<T> out = made(name, member, {.fixed = true});
  out.spec.key = true;
  return out;
}
inline constexpr std::string_view kEnvs[] = {"dev", "staging", "prod"};
/// Tenant and env of the request, the first two columns of every key.
template <class T>
constexpr Field<T> tenant(std::string T::*member) {
  Field<T> out = id("tenant_id", member);
  out.spec.who = Who::context;
  return out;
}
template <class T>
constexpr Field<T> env(std::string T::*member) {
  Field<T> out = id("env", member);
  out.spec.who = Who::context;
  out.spec.rule.choices = kEnvs;
  return out;
}

/// The value of a time that nobody has set. No text is read as this value.
inline constexpr Micros kNoTime = INT64_MIN;

// ---- a field's value in a struct, without its struct ---------------------------------------------------------------

using ConstSlot =
    std::variant<const std::string*, const std::optional<std::string>*, const std::vector<std::string>*,
                 const std::optional<std::vector<std::string>>*, const bool*, const std::optional<bool>*,
                 const std::int64_t*, const std::optional<std::int64_t>*, const double*, const std::optional<double>*>;
using Slot = std::variant<std::string*, std::optional<std::string>*, std::vector<std::string>*,
                          std::optional<std::vector<std::string>>*, bool*, std::optional<bool>*, std::int64_t*,
                          std::optional<std::int64_t>*, double*, std::optional<double>*>;

template <class T>
ConstSlot slot_of(const Field<T>& field, const T& value) {
  return std::visit([&](auto member) -> ConstSlot { return &(value.*member); }, field.member);
}
template <class T>
Slot slot_of(const Field<T>& field, T& value) {
  return std::visit([&](auto member) -> Slot { return &(value.*member); }, field.member);
}

// ---- forms that several resources share ----------------------------------------------------------------------------

/// Whether the text is the name of an action: ^[a-z][a-z0-9_]{0,63}$
inline bool is_action_name(std::string_view text) {
  constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyz_0123456789";
  return !text.empty() && text.size() <= 64 && text.front() >= 'a' && text.front() <= 'z' &&
         text.find_first_not_of(letters) == std::string_view::npos;
}

/// An id that a client chooses.
inline constexpr Form kClientId{"^[A-Za-z0-9][A-Za-z0-9._-]*$",
                                "must be letters, digits, '.', '_' and '-', beginning with a letter or digit",
                                is_client_id};
/// A surface, or "*" for all of them together.
inline constexpr Form kSurfaceOrAll{
    "^(\\*|[A-Za-z0-9][A-Za-z0-9._-]*)$",
    "must be \"*\", or letters, digits, '.', '_' and '-', beginning with a letter or digit",
    [](std::string_view text) { return text == "*" || is_client_id(text); }};
/// An action, or "*" for all of them.
inline constexpr Form kActionOrAll{"^(\\*|[a-z][a-z0-9_]{0,63})$",
                                   "must be an action name (^[a-z][a-z0-9_]{0,63}$) or \"*\"",
                                   [](std::string_view text) { return text == "*" || is_action_name(text); }};
/// A text that may also be an item of a comma-separated list.
inline constexpr Form kNoComma{"^[^,]+$", "must hold no comma",
                               [](std::string_view text) { return text.find(',') == std::string_view::npos; }};

}  // namespace nexus::model
