// The ids of a request: its request id (the client's, if well-formed, else ours) and its trace id (that of a W3C Trace
// Context `traceparent`, else the request id).
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "daemon/base/request_head.hpp"

namespace nexus::http {

/// `[A-Za-z0-9._-]{1,64}` from X-Request-Id, else a new UUIDv7.
std::string request_id_of(const RequestHead& head);
/// The trace id of a valid traceparent (W3C Trace Context section 3.2): 32 lower-case hex digits, not all zero.
std::optional<std::string> trace_id_of(std::string_view traceparent);

}  // namespace nexus::http
