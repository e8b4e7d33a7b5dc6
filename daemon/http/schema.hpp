// Small words for the JSON Schemas that routes are documented with (JSON Schema 2020-12, as OpenAPI 3.1 uses it).
//
// A schema of a request never promises more than its parser takes: what is valid by the schema is accepted, but for the
// rules of business that the route's refusals tell. JSON Schema counts code points, the parsers count bytes of UTF-8:
// `text_between` bridges the two.
#pragma once
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "daemon/base/json.hpp"
#include "daemon/model/schema.hpp"

namespace nexus::http::schema {

using model::kLabel;
using model::kNameKey;
using model::kNoNul;
inline constexpr const char* kClientId = "^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$";
inline constexpr const char* kTenantId = "^t_[a-z0-9_-]{1,62}$";
inline constexpr const char* kUserId = "^u_[a-z0-9_-]{1,62}$";

/// The same schema under a name ("Maybe"): it stands once in components.schemas, and everywhere else by reference.
/// Two different schemas of one name do not start.
Json named(std::string_view name, Json value);
/// The same schema without its name, to be made into another one.
Json unnamed(Json value);
/// The same schema with a sentence about it.
Json described(Json value, std::string_view description);
/// The same schema with what holds where the member is left out.
Json defaults_to(Json value, Json standard);

Json text(std::string_view description = {});
Json pattern(std::string_view regex);
/// A text of `min` to `max` bytes of UTF-8. A code point has up to four bytes, so `maxLength` is what always fits.
Json text_between(std::size_t min, std::size_t max);
Json number();
/// The file of a form.
Json file();
/// A name that is compared: 1 to `max` bytes without white space.
Json name(std::size_t max);
/// A label between commas elsewhere, as a tag: 1 to `max` bytes, no comma, white space inside alone.
Json label(std::size_t max);
/// Numbers by name: at most `count_max`, whose names have at most `name_bytes_max` bytes.
Json numbers(std::size_t count_max, std::size_t name_bytes_max);
/// The name of an action that a gate compares.
Json action();
Json choice(std::span<const std::string_view> values);
Json choice(std::initializer_list<std::string_view> values);
Json env();
Json integer(std::int64_t min, std::int64_t max);
Json boolean();
Json time();
Json list(Json items);
/// At most `max` of them.
Json list(Json items, std::size_t max);
Json any_object();
/// Any object of at most `bytes_max` bytes of compact JSON.
Json any_object(std::size_t bytes_max);
Json sha256();
/// The same, or null.
Json nullable(Json value);

/// A closed object: `required` names those of `properties` that must be there. In an answer it stands open, since
/// answers may grow.
Json object(std::initializer_list<std::string_view> required,
            std::initializer_list<std::pair<std::string_view, Json>> properties);

/// The answer of a list; of a named item, under its name and "Page".
Json page(Json item);

}  // namespace nexus::http::schema
