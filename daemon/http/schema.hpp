// Short builders of the JSON Schemas that document routes (JSON Schema 2020-12, as OpenAPI 3.1 uses it).
//
// A request's schema never promises more than its parser takes: a request that is valid by the schema is accepted,
// except for the business rules behind the route's refusals. JSON Schema counts code points and the parsers count bytes
// of UTF-8; `text_between` bridges the two.
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

/// The same schema under a name ("Maybe"): it is in components.schemas once, and everywhere else a reference. The
/// daemon does not start with two different schemas of one name.
Json named(std::string_view name, Json value);
/// The same schema without its name, as the base of another one.
Json unnamed(Json value);
/// The same schema with a sentence about it.
Json described(Json value, std::string_view description);
/// The same schema with the default of an absent member.
Json defaults_to(Json value, Json standard);

Json text(std::string_view description = {});
Json pattern(std::string_view regex);
/// A text of `min` to `max` bytes of UTF-8. A code point has up to four bytes, so `maxLength` is the length that always
/// fits.
Json text_between(std::size_t min, std::size_t max);
Json number();
/// The file of a form.
Json file();
/// A compared name: 1 to `max` bytes without white space.
Json name(std::size_t max);
/// A label such as a tag, which elsewhere is comma-separated: 1 to `max` bytes, no comma, white space only inside.
Json label(std::size_t max);
/// One to `count` labels between commas, as a query or a form sends them, without a bound on their bytes.
Json labels(std::size_t count);
/// Numbers by name: at most `count_max`, with names of at most `name_bytes_max` bytes.
Json numbers(std::size_t count_max, std::size_t name_bytes_max);
/// The name of an action, as the gates compare it.
Json action();
Json choice(std::span<const std::string_view> values);
Json choice(std::initializer_list<std::string_view> values);
Json env();
Json integer(std::int64_t min, std::int64_t max);
Json boolean();
Json time();
Json list(Json items);
/// A list of at most `max` items.
Json list(Json items, std::size_t max);
Json any_object();
/// Any object of at most `bytes_max` bytes of compact JSON.
Json any_object(std::size_t bytes_max);
Json sha256();
/// The same, or null.
Json nullable(Json value);

/// A closed object: `required` names those of `properties` that must be present. In an answer it is open, since answers
/// may grow.
Json object(std::initializer_list<std::string_view> required,
            std::initializer_list<std::pair<std::string_view, Json>> properties);
/// The same where every property must be present.
Json whole(std::initializer_list<std::pair<std::string_view, Json>> properties);
/// The same object with these properties too, which must be present.
Json with(Json object, std::initializer_list<std::pair<std::string_view, Json>> properties);

/// The answer of a list. For a named item, it is named by the item's name and "Page".
Json page(Json item);

}  // namespace nexus::http::schema
