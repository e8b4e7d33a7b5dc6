// The OpenAPI 3.1 document, made from the route table: what the daemon enforces is what it documents.
#pragma once
#include <string>

#include "daemon/http/route.hpp"

namespace nexus::http {

/// The document. Throws std::logic_error where two operations have one id, two schemas one name, or a tag no
/// description: the daemon does not start.
Json openapi(const RouteTable& routes);

/// The document as it is served. It is made once, since the table does not change.
struct OpenApiText {
  std::string text;
  std::string etag;
};
OpenApiText openapi_text(const RouteTable& routes);

}  // namespace nexus::http
