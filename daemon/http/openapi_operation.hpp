// One route as an operation of the OpenAPI document.
#pragma once
#include <string>

#include "daemon/http/openapi_schemas.hpp"
#include "daemon/http/route.hpp"

namespace nexus::http {

/// The name of a route's operation: its tag, the words of its path that the tag leaves out, and its verb, such as
/// raw_presign_upload, cards_list, temperature_config_set. Generated clients use this name.
std::string operation_id(const Route& route, const RouteTable& routes);

/// Adds `route` to `paths` and its schemas to `schemas`. A presigned download adds its HEAD too. `routes` is the whole
/// table: a route's name, and whether it returns an ETag, depends on its neighbours.
void add_operation(Json& paths, const Route& route, const RouteTable& routes, NamedSchemas& schemas);

}  // namespace nexus::http
