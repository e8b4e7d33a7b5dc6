// From a request to the values of its route's parser: query and body are read once, strictly, and what they assert of
// tenant and env is held against the context.
#pragma once
#include <functional>
#include <string>
#include <string_view>

#include "daemon/http/exchange.hpp"

namespace nexus::http {

/// The JSON of the body, as the route takes one; an empty object where there is none. Throws Problem.
Json take_json(const Exchange& exchange, const std::string& body);
/// Gives query and body to `parser`, and throws Problem for what it left unread, found wrong, or contradicts the
/// context.
void read_input(const Exchange& exchange, Json json, std::string_view raw_body,
                const std::function<void(Input&)>& parser);
/// Open handlers read the query themselves: what it may hold stands in their documentation.
void judge_open_query(const Exchange& exchange);
/// Size and type of the body, from the head alone.
void judge_entity(const Exchange& exchange);

}  // namespace nexus::http
