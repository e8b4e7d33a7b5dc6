// One route as an operation of the OpenAPI document.
#pragma once
#include <string>

#include "daemon/http/openapi_schemas.hpp"
#include "daemon/http/route.hpp"

namespace nexus::http {

/// The one name of a route's operation: its tag, the words of its path that the tag leaves out, and what is done there,
/// as raw_presign_upload, cards_list, temperature_config_set. Clients that are generated call it so.
std::string operation_id(const Route& route, const RouteTable& routes);

/// Adds `route` to `paths`, its schemas to `schemas`; of a presigned download, its HEAD too. `routes` is the whole
/// table: what a route is called, and whether it answers an ETag, depends on its neighbours.
void add_operation(Json& paths, const Route& route, const RouteTable& routes, NamedSchemas& schemas);

}  // namespace nexus::http
