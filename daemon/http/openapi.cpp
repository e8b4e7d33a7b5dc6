#include "daemon/http/openapi.hpp"

#include <set>

#include "daemon/base/text.hpp"
#include "daemon/http/schema.hpp"

namespace nexus::http {
namespace {

using gates::Policy;

bool is_open(const Route& route) {
  return route.demand.access == Access::open || route.demand.access == Access::presigned;
}

Json header(std::string_view name, std::string_view description, Json value, bool required) {
  return {{"name", name},
          {"in", "header"},
          {"required", required},
          {"description", description},
          {"schema", std::move(value)}};
}

Json path_parameters(const Route& route) {
  Json parameters = Json::array();
  for (const auto segment : split(route.path, '/')) {
    if (!segment.starts_with('{')) continue;
    std::string name(segment.substr(1, segment.size() - 2));
    if (name.ends_with("...")) name.resize(name.size() - 3);
    parameters.push_back({{"name", name}, {"in", "path"}, {"required", true}, {"schema", schema::text()}});
  }
  return parameters;
}

Json parameters_of(const Route& route) {
  Json parameters = path_parameters(route);
  for (const auto& query : route.docs.query)
    parameters.push_back({{"name", query.name},
                          {"in", "query"},
                          {"required", false},
                          {"description", query.description},
                          {"schema", query.schema}});
  if (route.demand.streams)
    parameters.push_back({{"name", "ticket"},
                          {"in", "query"},
                          {"required", false},
                          {"description", "Of POST /tickets: stands for the token, X-Tenant-Id and X-Env"},
                          {"schema", schema::text()}});
  if (route.demand.scope == Scope::header) {
    parameters.push_back(
        header("X-Tenant-Id", "The tenant of the request", schema::pattern("^t_[a-z0-9_-]{1,62}$"), true));
    parameters.push_back(header("X-Env", "The env of the request", schema::choice({"dev", "staging", "prod"}), true));
    parameters.push_back(
        header("X-Reason", "Why the system token acts on a tenant", schema::text_between(1, 500), false));
    parameters.push_back(header("X-Run-Id", "The run that the request belongs to", schema::text(), false));
  }
  if (route.method == "POST" && is_mutation(route))
    parameters.push_back(header("Idempotency-Key", "Makes the request safe to repeat for 24 h",
                                schema::text_between(1, limits::idempotency_key_chars_max), false));
  return parameters;
}

std::set<int> refusals_of(const Route& route) {
  std::set<int> out(route.docs.refusals.begin(), route.docs.refusals.end());
  out.insert({400, 403, 421, 431});
  if (!is_open(route)) out.insert({401, 422, 429, 503});
  if (route.demand.scope != Scope::none) out.insert(404);  // the system token names an absent tenant
  if (route.body != Body::none) out.insert({408, 411, 413, 415});
  if (is_mutation(route)) out.insert(500);
  if (route.method == "POST" && is_mutation(route)) out.insert(409);
  if (route.demand.scope == Scope::header) out.insert(409);  // the run has ended
  return out;
}

Json responses_of(const Route& route) {
  Json responses = Json::object();
  Json success = {{"description", route.docs.summary}};
  if (!route.docs.response.is_null()) success["content"]["application/json"]["schema"] = route.docs.response;
  const auto* stream = std::get_if<StreamHandler>(&route.handler);
  if (stream != nullptr && stream->transport == StreamHandler::Transport::sse)
    success["content"]["text/event-stream"]["schema"] = schema::text();
  responses[std::to_string(route.docs.success)] = success;
  for (const int status : refusals_of(route)) {
    const std::string key = std::to_string(status);
    if (responses.contains(key)) continue;
    if (status < 400)
      responses[key] = success;
    else
      responses[key] = {{"$ref", "#/components/responses/Problem"}};
  }
  return responses;
}

Json request_body_of(const Route& route) {
  Json content = Json::object();
  if (route.body == Body::json || route.body == Body::json_or_form)
    content["application/json"]["schema"] = route.docs.request;
  if (route.body == Body::form || route.body == Body::json_or_form)
    content["multipart/form-data"]["schema"] = route.docs.form.is_null() ? schema::any_object() : route.docs.form;
  if (route.body == Body::text)
    for (const char* type : {"text/plain", "text/markdown"}) content[type]["schema"] = schema::text();
  return {{"required", true}, {"content", std::move(content)}};
}

Json operation_of(const Route& route) {
  Json operation = {{"summary", route.docs.summary},
                    {"tags", Json::array({route.docs.tag})},
                    {"parameters", parameters_of(route)},
                    {"responses", responses_of(route)},
                    {"x-nexus-policy", gates::to_string(route.policy)}};
  if (!route.action.empty()) operation["x-nexus-action"] = route.action;
  if (!route.surface.empty()) operation["x-nexus-surface"] = route.surface;
  if (route.demand.access == Access::role) operation["x-nexus-role"] = to_string(route.demand.role);
  if (route.demand.access == Access::system) operation["x-nexus-role"] = "system";
  operation["security"] = is_open(route) ? Json::array() : Json::array({{{"bearer", Json::array()}}});
  if (route.demand.streams) operation["security"].push_back({{"ticket", Json::array()}});
  if (route.body != Body::none) operation["requestBody"] = request_body_of(route);
  return operation;
}

Json problem_schema() {
  return {{"type", "object"},
          {"required", {"type", "title", "status", "detail", "code", "request_id", "trace_id"}},
          {"properties",
           {{"type", schema::text()},
            {"title", schema::text()},
            {"status", {{"type", "integer"}}},
            {"detail", schema::text()},
            {"code", schema::text()},
            {"request_id", schema::text()},
            {"trace_id", schema::text()},
            {"errors", schema::list(schema::object({"pointer", "detail"},
                                                   {{"pointer", schema::text()}, {"detail", schema::text()}}))},
            {"decision", schema::any_object()},
            {"remedy", schema::text()},
            {"retry_after", {{"type", "integer"}}}}}};
}

}  // namespace

Json openapi(const RouteTable& routes) {
  Json document = {
      {"openapi", "3.1.0"},
      {"info",
       {{"title", "Nexus"},
        {"version", NEXUS_VERSION},
        {"description", "A multi-tenant control plane: identity, gates, audit and storage behind one door."}}},
      {"paths", Json::object()}};
  for (const auto& route : routes.all())
    document["paths"][route->path][lower_ascii(route->method)] = operation_of(*route);
  Json& components = document["components"];
  components["securitySchemes"]["bearer"] = {{"type", "http"}, {"scheme", "bearer"}};
  components["securitySchemes"]["ticket"] = {{"type", "apiKey"}, {"in", "query"}, {"name", "ticket"}};
  components["schemas"]["Problem"] = problem_schema();
  components["responses"]["Problem"] = {{"description", "A refusal (RFC 9457)"}};
  components["responses"]["Problem"]["content"]["application/problem+json"]["schema"]["$ref"] =
      "#/components/schemas/Problem";
  return document;
}

}  // namespace nexus::http
