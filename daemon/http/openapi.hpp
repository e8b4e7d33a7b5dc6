// The OpenAPI 3.1 document, made from the route table: what the daemon enforces is what it documents.
#pragma once
#include "daemon/http/route.hpp"

namespace nexus::http {

Json openapi(const RouteTable& routes);

}  // namespace nexus::http
