// JSON in Nexus (RFC 8259, narrowed): the strict parser for all input of clients, and the canonical form (RFC 8785
// narrowed to integers) of all hashed values.
#pragma once
#include <cstddef>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include "daemon/base/clock.hpp"

namespace nexus {

/// Objects keep keys sorted by bytes, which for ASCII keys is RFC 8785's order.
using Json = nlohmann::json;

/// Assigns `text` to `json`. Not inline: see below.
void set_text(Json& json, const char* text);

}  // namespace nexus

/// Converts a string literal. For the library, each length of a literal is a new type with a dozen functions. This
/// needs one function, and saves a fifth of each file's templates.
template <std::size_t kSize>
struct nlohmann::adl_serializer<char[kSize]> {
  static void to_json(nexus::Json& json, const char* text) { nexus::set_text(json, text); }
};

namespace nexus {

/// One field of make_object.
struct JsonField {
  std::string_view name;
  mutable Json value;  // mutable, to move values out of a const initializer_list
};

/// Returns the object of these fields, for the busy routes. It equals that of nlohmann's own braces at a third of the
/// allocations, because those build each pair as an array first.
Json make_object(std::initializer_list<JsonField> fields);

/// The value, or JSON null.
template <class T>
Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json();
}
/// The time in RFC 3339, or JSON null.
Json time_or_null(const std::optional<Micros>& at);

/// Invalid JSON. `what()` says why and where (byte offset), and never repeats the text.
struct JsonError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

inline constexpr std::size_t kJsonDepthMax = 32;

/// Strict: one value, UTF-8, no duplicate keys, nesting up to kJsonDepthMax. A number is kept to 15 digits: whole ones
/// beyond 64 bits, and others that are too large or too near to 0 for that in a double, are refused. Throws JsonError.
Json parse_json(std::string_view text);

/// Parses JSON that Nexus wrote itself, without the checks of parse_json. Throws nlohmann's exception for invalid JSON.
/// The library's parser is a template that every caller compiles again; these two functions are its only callers.
Json parse_own_json(std::string_view text);
/// The same, but returns a discarded value (is_discarded) for invalid JSON.
Json parse_or_discard(std::string_view text);

/// Canonical text: sorted keys, no space, integers only. Throws JsonError when the value contains a float or an integer
/// outside ±(2^53-1), which must not be hashed.
std::string canonical(const Json& value);

/// Appends the canonical form of a text, in quotes.
void append_canonical(std::string& out, std::string_view text);

/// Compact text for the wire. Never throws: replaces invalid UTF-8 (which our own values never contain).
std::string to_text(const Json& value);

/// The length of to_text(value) in bytes, without building the text.
std::size_t text_size(const Json& value);

}  // namespace nexus
