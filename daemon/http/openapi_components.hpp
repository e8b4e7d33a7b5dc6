// What the operations of the OpenAPI document share: parameters, headers of answers, and refusals.
#pragma once
#include <string>
#include <string_view>

#include "daemon/base/json.hpp"

namespace nexus::http {

struct QueryParameter;

/// {"$ref": "#/components/<kind>/<name>"}
Json component(std::string_view kind, std::string_view name);

/// A parameter of an operation.
Json header_parameter(std::string_view name, std::string_view description, Json value, bool required = false);
Json query_parameter(const QueryParameter& parameter);

/// components.parameters: Limit, Cursor, TenantId, Env, Reason, RunId, RequestId, Traceparent, IdempotencyKey, IfMatch,
/// IfNoneMatch.
Json shared_parameters();
/// components.headers, by the name of the field.
Json shared_headers();
/// components.responses: a problem document for each status of a refusal.
Json shared_responses();
/// The name of the response for `status`. Throws std::logic_error for a status without one: the daemon does not start.
std::string response_name(int status);
/// The problem document as a schema (RFC 9457), named.
Json problem_schema();
/// The decision of the gates on one act as a schema, named. For explain, it includes the refusals that come before the
/// gates.
Json decision_schema();

}  // namespace nexus::http
