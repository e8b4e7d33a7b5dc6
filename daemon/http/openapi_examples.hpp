// Examples for the OpenAPI document, made from its schemas: a reader sees them first, and each is valid by its schema.
#pragma once
#include <string_view>

#include "daemon/http/openapi_schemas.hpp"

namespace nexus::http {

/// An example holds what a request must hold, or everything that an answer may hold.
enum class ExampleOf { request, answer };

/// An example of `schema`, as the document shows it. `name` is the name of its member, "" for a whole body.
Json example_of(const Json& schema, const NamedSchemas& schemas, ExampleOf of, std::string_view name = {});

}  // namespace nexus::http
