// The OpenAPI 3.1 document, made from the route table: what the daemon enforces is what it documents. And its parts:
// its schemas, what its operations share, their examples, and one route as an operation.
#pragma once
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "daemon/guard/rate_limit.hpp"
#include "daemon/http/route.hpp"

namespace nexus::http {

/// The document. Throws std::logic_error where two operations have one id, two schemas one name, or a tag no
/// description: the daemon does not start. Each operation says beside what OpenAPI asks, as `x-nexus-…`: `action`,
/// `surface`, `policy`, `gates` (those that judge it, in order), `access` (`open`, `presigned`, `token`, `system`, or
/// the least role), and `limits` {body_bytes?, file_bytes?, batch_items?, requests?, window_seconds?, fixed?}.
/// `default_quota` is what a tenant has that has set no rate limit.
Json openapi(const RouteTable& routes, const Quota& default_quota = {});

/// The document as it is served. It is made once, since the table does not change.
struct OpenApiText {
  std::string text;
  std::string etag;
};
OpenApiText openapi_text(const RouteTable& routes, const Quota& default_quota = {});

// ---- its schemas ---------------------------------------------------------------------------------------------------

/// The named schemas of the document. A named schema is moved into components.schemas and replaced by a reference.
/// Objects of answers are open there, so that a client still works when an answer grows. Objects of requests are
/// closed, as the parser demands.
class NamedSchemas {
 public:
  /// Must be called for every answer before the first request is taken. A closed object of a request becomes
  /// "<name>Input" when an answer has an open one of the same name.
  void expect_answer(const Json& schema);

  /// The schema as the document shows it. Throws std::logic_error where two different ones have one name: the daemon
  /// does not start.
  Json answer(Json schema) { return moved(std::move(schema), Side::answer); }
  Json request(Json schema) { return moved(std::move(schema), Side::request); }

  /// The schema that a reference into components.schemas leads to; any other schema unchanged.
  const Json& resolved(const Json& schema) const;
  /// components.schemas
  Json all() const;

 private:
  enum class Side { answer, request };
  Json moved(Json schema, Side side);
  Json keep(Json schema, Side side);

  std::set<std::string> answered_;
  std::map<std::string, Json> schemas_;
};

// ---- what the operations share: parameters, headers of answers, and refusals ---------------------------------------

/// {"$ref": "#/components/<kind>/<name>"}
Json component(std::string_view kind, std::string_view name);

/// A parameter of an operation. `place` is "header" or "query".
Json parameter(std::string_view place, const QueryParameter& parameter);

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

// ---- examples, which a reader sees first: each is valid by its schema ----------------------------------------------

/// An example holds what a request must hold, or everything that an answer may hold.
enum class ExampleOf { request, answer };

/// An example of `schema`, as the document shows it. `name` is the name of its member, "" for a whole body.
Json example_of(const Json& schema, const NamedSchemas& schemas, ExampleOf of, std::string_view name = {});

// ---- operations ----------------------------------------------------------------------------------------------------

/// The name of a route's operation: its tag, the words of its path that the tag leaves out, and its verb, such as
/// raw_presign_upload, cards_list, temperature_config_set. Generated clients use this name.
std::string operation_id(const Route& route, const RouteTable& routes);

/// Adds `route` to `paths` and its schemas to `schemas`. A presigned download adds its HEAD too. `routes` is the whole
/// table: a route's name, and whether it returns an ETag, depends on its neighbours.
void add_operation(Json& paths, const Route& route, const RouteTable& routes, NamedSchemas& schemas,
                   const Quota& default_quota);

}  // namespace nexus::http
