// Examples for the OpenAPI document, made from its schemas: what a reader sees first, and what is valid by the schema.
#pragma once
#include <string_view>

#include "daemon/http/openapi_schemas.hpp"

namespace nexus::http {

/// What a request must hold, or everything that an answer may.
enum class ExampleOf { request, answer };

/// An example of `schema`, as the document shows it. `name` is that of the member that has it, "" for a whole body.
Json example_of(const Json& schema, const NamedSchemas& schemas, ExampleOf of, std::string_view name = {});

}  // namespace nexus::http
