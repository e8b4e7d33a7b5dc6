// A Problem as an answer: RFC 9457 `application/problem+json`, with the members that the contract adds.
#pragma once
#include "daemon/base/problem.hpp"
#include "daemon/http/response.hpp"

namespace nexus::http {

Response problem_response(const Problem& problem, std::string_view request_id, std::string_view trace_id);

}  // namespace nexus::http
