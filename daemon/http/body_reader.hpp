// Turns the text of query and body into the JSON objects that Fields read. The query becomes one object of texts; the
// body is strict JSON. The assertions of tenant and env are taken out of both.
#pragma once
#include <string_view>

#include "daemon/base/json.hpp"
#include "daemon/guard/caller.hpp"

namespace nexus::http {

/// Whether a Content-Type names this media type, whatever its parameters.
bool is_media_type(std::string_view value, std::string_view wanted);

/// `a=1&b=x%20y` as {"a":"1","b":"x y"}. Throws Problem: 400 for broken escapes or UTF-8, 422 for a doubled name.
Json parse_query(std::string_view query);
/// Throws Problem request.invalid_json.
Json parse_body(std::string_view body);

/// Takes `tenant_id` and `env` out of an object (or out of each element of an array), and returns whether each agreed
/// with the caller's context. They are assertions, never unknown fields and never a source.
bool take_assertions(Json& value, const Caller& caller);

}  // namespace nexus::http
