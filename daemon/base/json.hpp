// JSON as Nexus reads and writes it (RFC 8259, narrowed): the strict parser of everything strangers send, and the
// canonical form (RFC 8785 narrowed to integers) of everything that is hashed.
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

/// json = text. Not inline: see below.
void set_text(Json& json, const char* text);

}  // namespace nexus

/// A literal as a value. To the library's own way a literal of another length is another type, for which the compiler
/// makes a dozen functions; this makes one, and a fifth of each file's templates go.
template <std::size_t kSize>
struct nlohmann::adl_serializer<char[kSize]> {
  static void to_json(nexus::Json& json, const char* text) { nexus::set_text(json, text); }
};

namespace nexus {

/// One field of make_object.
struct JsonField {
  std::string_view name;
  mutable Json value;  // an initializer_list is const; its values are moved out all the same
};

/// The object of these fields, for answers and rows of the busy routes. Means what nlohmann's own braces mean, at a
/// third of the allocations: those build each pair as an array first.
Json make_object(std::initializer_list<JsonField> fields);

/// The value, or JSON null.
template <class T>
Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json();
}
/// The time in RFC 3339, or JSON null.
Json time_or_null(const std::optional<Micros>& at);

/// Not JSON as we accept it; `what()` says why and where (byte offset), never repeating the text.
struct JsonError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

inline constexpr std::size_t kJsonDepthMax = 32;

/// Strict: one value, UTF-8, no duplicate keys, no NaN or number beyond double's range, nesting up to kJsonDepthMax.
/// Throws JsonError.
Json parse_json(std::string_view text);

/// JSON that Nexus wrote itself, without the checks of parse_json. Throws nlohmann's exception for what is none. The
/// library's parser is a template, so that whoever called it would compile it again; these two are the only callers.
Json parse_own_json(std::string_view text);
/// The same; what is no JSON is a discarded value (is_discarded).
Json parse_or_discard(std::string_view text);

/// Canonical text: sorted keys, no space, integers only. Throws JsonError when a float or an integer outside
/// ±(2^53-1) is inside: the caller built something that must not be hashed.
std::string canonical(const Json& value);

/// Compact text for the wire. Never throws: invalid UTF-8 (which our own values never hold) is replaced.
std::string to_text(const Json& value);

/// The bytes that to_text makes of it, without making them.
std::size_t text_size(const Json& value);

}  // namespace nexus
