// Turns a request into the values of its route's parser. Query and body are read once, strictly. Their assertions of
// tenant and env are compared with the context.
#pragma once
#include <functional>
#include <string>
#include <string_view>

#include "daemon/http/exchange.hpp"

namespace nexus::http {

/// The JSON of the body, if the route takes one; an empty object without a body. Throws Problem.
Json take_json(const Exchange& exchange, const std::string& body);
/// Gives query and body to `parser`. Throws Problem for fields that it left unread or found wrong, and for assertions
/// that contradict the context.
void read_input(const Exchange& exchange, Json json, std::string_view raw_body,
                const std::function<void(Input&)>& parser);
/// Judges the query of an open route by its documentation, because open handlers read the query themselves.
void judge_open_query(const Exchange& exchange);
/// Judges size and type of the body, from the head alone.
void judge_entity(const Exchange& exchange);

/// If-Match on a single document of configuration: a caller who changes a version they have not seen is refused.
std::optional<std::string> take_if_match(const Input& input);
/// RFC 9110 section 13.1.1: `*`, or a list that must contain the current ETag. Throws Problem precondition.failed.
void judge_if_match(const std::optional<std::string>& match, const std::string& etag);

// ---- its parts -----------------------------------------------------------------------------------------------------

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
