// One route as an operation of the OpenAPI document.
#include "daemon/http/openapi.hpp"

#include <algorithm>
#include <set>

#include "daemon/base/text.hpp"
#include "daemon/gates/chain.hpp"
#include "daemon/http/page.hpp"
#include "daemon/http/schema.hpp"

namespace nexus::http {
namespace {

using gates::Policy;

bool is_open(const Route& route) {
  return route.demand.access == Access::open || route.demand.access == Access::presigned;
}

bool answers(const Route& route, int status) {
  return route.docs.success == status || std::ranges::find(route.docs.refusals, status) != route.docs.refusals.end();
}

/// Whether the answer has an ETag: documents that are changed under If-Match, objects, and reads that answer 304.
bool has_etag(const Route& route, const RouteTable& routes) {
  if (route.demand.access == Access::presigned || answers(route, 304) || answers(route, 412)) return true;
  return route.method == "GET" && std::ranges::any_of(routes.all(), [&](const auto& other) {
           return other->path == route.path && answers(*other, 412);
         });
}

// ---- parameters ----------------------------------------------------------------------------------------------------

Json path_schema(const std::string& name) {
  if (name == "tenant_id") return schema::pattern(schema::kTenantId);
  if (name == "user_id") return schema::pattern(schema::kUserId);
  if (name == "seq") return schema::integer(1, INT64_MAX);
  if (name == "name") return schema::pattern("^[a-z0-9][a-z0-9_-]{0,63}$");
  if (name.ends_with("_id")) return schema::pattern(schema::kClientId);
  Json out = schema::text();
  out["minLength"] = 1;
  return out;
}

void add_path_parameters(Json& parameters, const Route& route) {
  for (const auto segment : split(route.path, '/')) {
    if (!segment.starts_with('{')) continue;
    std::string name(segment.substr(1, segment.size() - 2));
    const bool is_tail = name.ends_with("...");
    if (is_tail) name.resize(name.size() - 3);
    Json parameter = {{"name", name}, {"in", "path"}, {"required", true}, {"schema", path_schema(name)}};
    if (is_tail) parameter["x-nexus-tail"] = true;
    if (is_tail) parameter["description"] = "All that is left of the path: slashes stand in it as they are";
    parameters.push_back(std::move(parameter));
  }
}

void add_query_parameters(Json& parameters, const Route& route) {
  const auto shared = page_parameters();
  for (const auto& query : route.docs.query) {
    const bool is_limit = query.name == "limit" && query.schema == shared[0].schema;
    const bool is_cursor = query.name == "cursor" && query.schema == shared[1].schema;
    if (is_limit || is_cursor)
      parameters.push_back(component("parameters", is_limit ? "Limit" : "Cursor"));
    else
      parameters.push_back(parameter("query", query));
  }
}

/// Adds tenant and env, which a stream with a ticket does not need.
void add_context(Json& parameters, const Route& route) {
  static const Json shared = shared_parameters();
  for (const char* name : {"TenantId", "Env"}) {
    if (!route.demand.streams) {
      parameters.push_back(component("parameters", name));
      continue;
    }
    Json parameter = shared.at(name);
    parameter["required"] = false;
    parameter["description"] =
        parameter["description"].get<std::string>() + ": required with a token, not with a ticket";
    parameters.push_back(std::move(parameter));
  }
  for (const char* name : {"Reason", "RunId"}) parameters.push_back(component("parameters", name));
}

/// Adds the header that a browser sends when it opens a stream again. The query may say the same.
void add_last_event_id(Json& parameters, const Route& route) {
  const auto query = std::ranges::find(route.docs.query, "last_event_id", &QueryParameter::name);
  parameters.push_back(
      parameter("header", {"Last-Event-ID", "The id of the last event seen: the stream goes on after it",
                           query == route.docs.query.end() ? schema::text() : query->schema}));
}

/// Whether a client that has the answer already gets 304.
bool answers_held(const Route& route, const RouteTable& routes) {
  return answers(route, 304) || (route.method == "GET" && !is_open(route) && has_etag(route, routes));
}

Json parameters_of(const Route& route, const RouteTable& routes) {
  Json parameters = Json::array();
  add_path_parameters(parameters, route);
  add_query_parameters(parameters, route);
  const auto add = [&](const char* name) { parameters.push_back(component("parameters", name)); };
  if (route.demand.scope == Scope::header) add_context(parameters, route);
  if (route.demand.scope == Scope::path || route.demand.wants_reason) add("Reason");
  const auto* stream = std::get_if<StreamHandler>(&route.handler);
  if (stream != nullptr && stream->transport == StreamHandler::Transport::sse) add_last_event_id(parameters, route);
  if (route.method == "POST" && is_mutation(route)) add("IdempotencyKey");
  if (is_mutation(route) && answers(route, 412)) add("IfMatch");
  if (answers_held(route, routes)) add("IfNoneMatch");
  if (!is_open(route)) add("RequestId"), add("Traceparent");
  return parameters;
}

// ---- answers -------------------------------------------------------------------------------------------------------

std::set<int> refusals_of(const Route& route, const RouteTable& routes) {
  std::set<int> out(route.docs.refusals.begin(), route.docs.refusals.end());
  if (answers_held(route, routes)) out.insert(304);
  out.insert({400, 403, 421, 431});
  if (!is_open(route)) out.insert({401, 422, 429, 503});
  if (route.demand.scope != Scope::none) out.insert(404);  // the system token names an absent tenant
  if (route.body != Body::none) out.insert({408, 411, 413, 415});
  if (is_mutation(route)) out.insert(500);
  if (route.method == "POST" && is_mutation(route)) out.insert(409);
  if (route.demand.scope == Scope::header) out.insert(409);  // the run has ended
  return out;
}

Json headers_of(const Route& route, int status, const RouteTable& routes) {
  Json headers = Json::object();
  const auto add = [&](const char* name) { headers[name] = component("headers", name); };
  add("X-Request-Id"), add("traceresponse");
  if (is_mutation(route)) add("Nexus-Audit-Seq"), add("Nexus-Audit-Hash");
  if (is_mutation(route) && route.method == "POST") add("Idempotency-Replayed");
  if (!is_open(route)) add("RateLimit"), add("RateLimit-Policy");
  if (has_etag(route, routes)) add("ETag");
  if (status == 302 || (status == 201 && is_mutation(route)) || std::holds_alternative<UploadHandler>(route.handler))
    add("Location");
  return headers;
}

Json bytes_schema() { return {{"type", "string"}, {"format", "binary"}}; }

/// The body of a 2xx answer; nothing without one.
Json content_of(const Route& route, int status, NamedSchemas& schemas) {
  if (status != 200 && status != 201 && status != 202 && status != 206) return nullptr;
  const auto* stream = std::get_if<StreamHandler>(&route.handler);
  Json content = Json::object();
  if (stream != nullptr && status != 101) {
    const Json event = schemas.answer(route.docs.response);
    Json& media = content["text/event-stream"];
    media["schema"] = schema::text(
        "Server-sent events: id, event and data of each; data is one JSON document, as x-nexus-item-schema has it");
    media["x-nexus-item-schema"] = event;
  } else if (!route.docs.response.is_null()) {
    Json& media = content["application/json"];
    media["schema"] = schemas.answer(route.docs.response);
    media["example"] = example_of(media["schema"], schemas, ExampleOf::answer);
  } else if (route.docs.content_type != "application/json") {
    const bool is_text = route.docs.content_type.starts_with("text/");
    content[route.docs.content_type]["schema"] = is_text ? schema::text() : bytes_schema();
  }
  return content.empty() ? Json() : content;
}

Json answer_of(const Route& route, int status, const RouteTable& routes, NamedSchemas& schemas) {
  Json answer = {{"description", route.docs.summary}, {"headers", headers_of(route, status, routes)}};
  if (Json content = content_of(route, status, schemas); !content.is_null()) answer["content"] = std::move(content);
  return answer;
}

Json responses_of(const Route& route, const RouteTable& routes, NamedSchemas& schemas) {
  Json responses = Json::object();
  responses[std::to_string(route.docs.success)] = answer_of(route, route.docs.success, routes, schemas);
  for (const int status : refusals_of(route, routes)) {
    Json& response = responses[std::to_string(status)];
    if (!response.is_null()) continue;
    if (status < 400)
      response = answer_of(route, status, routes, schemas);
    else if (status == 416)  // of an object: a bare status, like that of S3 servers
      response = {{"description", "The range lies outside of the object"}};
    else
      response = component("responses", response_name(status));
  }
  return responses;
}

// ---- request body --------------------------------------------------------------------------------------------------

Json media_of(Json schema, NamedSchemas& schemas) {
  Json media = {{"schema", schemas.request(std::move(schema))}};
  media["example"] = example_of(media["schema"], schemas, ExampleOf::request);
  return media;
}

/// The body of a form. The file has its own content type; the other fields are texts.
Json form_of(const Route& route, NamedSchemas& schemas) {
  Json media = media_of(route.docs.form.is_null() ? schema::any_object() : route.docs.form, schemas);
  const Json& schema = schemas.resolved(media["schema"]);
  const Json fields = schema.value("properties", Json::object());  // a temporary would end before the loop
  for (const auto& [name, field] : fields.items())
    media["encoding"][name]["contentType"] =
        field.value("format", "") == "binary" ? "application/octet-stream" : "text/plain";
  return media;
}

Json request_body_of(const Route& route, NamedSchemas& schemas) {
  Json content = Json::object();
  if (route.body == Body::json || route.body == Body::json_or_form)
    content["application/json"] = media_of(route.docs.request, schemas);
  if (route.body == Body::form || route.body == Body::json_or_form)
    content["multipart/form-data"] = form_of(route, schemas);
  if (route.body == Body::text)
    for (const char* type : {"text/plain", "text/markdown"}) content[type] = media_of(route.docs.request, schemas);
  return {{"required", true}, {"content", std::move(content)}};
}

// ---- the operation -------------------------------------------------------------------------------------------------

std::string access_sentence(const Demand& demand) {
  switch (demand.access) {
    case Access::open:
      return " Open to everybody.";
    case Access::presigned:
      return " The signature stands for a token.";
    case Access::token:
      return " Needs a token.";
    case Access::system:
      return " Needs the system token.";
    default:
      return " Needs the role " + std::string(to_string(demand.role)) + " in the tenant.";
  }
}

constexpr std::pair<Policy, std::string_view> kPolicySentences[] = {
    {Policy::none, ""},
    {Policy::audited, " Leaves an audit row."},
    {Policy::read, " A kill switch that names the action stops it."},
    {Policy::control, " Passes the kill switch and the strategy lock, and leaves an audit row."},
    {Policy::telemetry, " Passes the kill switch, firearms and the strategy lock, and leaves an audit row."},
    {Policy::full, " Passes every gate, and leaves an audit row."}};

std::string description_of(const Route& route) {
  std::string out = route.docs.summary + "." + access_sentence(route.demand);
  out += std::ranges::find(kPolicySentences, route.policy, &std::pair<Policy, std::string_view>::first)->second;
  if (!route.docs.particular.empty()) out += " " + route.docs.particular;
  return out;
}

std::string_view access_of(const Demand& demand) {
  switch (demand.access) {
    case Access::open:
      return "open";
    case Access::presigned:
      return "presigned";
    case Access::token:
      return "token";
    case Access::system:
      return "system";
    default:
      return to_string(demand.role);
  }
}

/// The most that a request may hold, and how many may come in a time. Of a batch, its items. The rate is that of a
/// tenant that has set none; where the tenant's own never counts, it is fixed.
Json limits_of(const Route& route, const Quota& default_quota) {
  Json limits = Json::object();
  if (route.body != Body::none) limits["body_bytes"] = route.body_bytes_max;
  if (const auto* form = std::get_if<FormHandler>(&route.handler)) limits["file_bytes"] = form->file_bytes_max;
  if (route.batch_max > 0) limits["batch_items"] = route.batch_max;
  if (is_open(route)) return limits;
  limits["requests"] = default_quota.requests;
  limits["window_seconds"] = default_quota.window_seconds;
  limits["fixed"] = repairs(route) || route.demand.scope != Scope::header;
  return limits;
}

/// What the table says beyond OpenAPI's own words.
void add_extensions(Json& operation, const Route& route, const Quota& default_quota) {
  operation["x-nexus-policy"] = gates::to_string(route.policy);
  operation["x-nexus-access"] = access_of(route.demand);
  operation["x-nexus-gates"] = gates::gates_of(route.policy, route.effects.repairs == Repairs::switches);
  operation["x-nexus-limits"] = limits_of(route, default_quota);
  if (!route.action.empty()) operation["x-nexus-action"] = route.action;
  if (!route.surface.empty()) operation["x-nexus-surface"] = route.surface;
  if (route.demand.access == Access::role) operation["x-nexus-role"] = to_string(route.demand.role);
  if (route.demand.access == Access::system) operation["x-nexus-role"] = "system";
}

Json operation_of(const Route& route, const RouteTable& routes, NamedSchemas& schemas, const Quota& default_quota) {
  Json operation = {{"operationId", operation_id(route, routes)},
                    {"summary", route.docs.summary},
                    {"description", description_of(route)},
                    {"tags", Json::array({route.docs.tag})},
                    {"parameters", schemas.request(parameters_of(route, routes))},
                    {"responses", responses_of(route, routes, schemas)}};
  add_extensions(operation, route, default_quota);
  operation["security"] = is_open(route) ? Json::array() : Json::array({{{"bearer", Json::array()}}});
  if (route.demand.streams) operation["security"].push_back({{"ticket", Json::array()}});
  if (route.body != Body::none) operation["requestBody"] = request_body_of(route, schemas);
  return operation;
}

/// The same operation for HEAD, without bodies.
Json head_of(Json operation) {
  operation["operationId"] = operation["operationId"].get<std::string>() + "_head";
  operation["summary"] = operation["summary"].get<std::string>() + ": its head alone";
  for (const char* status : {"200", "206"}) operation["responses"][status].erase("content");
  return operation;
}

/// A path in OpenAPI's syntax: its tail is a parameter like any other.
std::string template_of(std::string path) {
  const std::size_t at = path.find("...}");
  return at == std::string::npos ? path : path.erase(at, 3);
}

std::string word_of(std::string_view segment) {
  std::string out(segment.substr(0, segment.find('.')));
  std::ranges::replace(out, '-', '_');
  return out;
}

/// The parts of an operation's name that its path gives.
struct PathWords {
  std::string id;          // the tag, and the words that it leaves out
  std::string last;        // the last word
  bool has_words = false;  // the tag leaves some out
  bool is_of_one = false;  // it ends with a parameter
};

PathWords words_of(const Route& route) {
  const std::string& tag = route.docs.tag;
  const std::string_view one = std::string_view(tag).substr(0, tag.size() - (tag.ends_with('s') ? 1 : 0));
  PathWords words{.id = tag, .last = {}};
  for (const auto segment : split(std::string_view(route.path).substr(1), '/')) {
    words.is_of_one = segment.starts_with('{');
    if (words.is_of_one) continue;
    words.last = word_of(segment);
    if (words.last == tag || words.last == one || words.last == "nexus" || words.last == "media_v2") continue;
    words.id += "_" + words.last;
    words.has_words = true;
  }
  return words;
}

/// The verb, where the last word of the path does not say it.
std::string_view verb_of(const Route& route, const RouteTable& routes, const PathWords& words) {
  if (route.demand.streams) return "stream";
  if (route.method == "PUT") return "set";
  if (route.method == "PATCH") return "update";
  if (route.method == "DELETE") return "delete";
  const auto beside = std::ranges::count(routes.all(), route.path, [](const auto& other) { return other->path; });
  if (route.method == "GET") {
    if (!words.is_of_one && is_list(route)) return "list";
    return words.is_of_one || beside > 1 || !words.has_words ? "show" : "";
  }
  if (words.is_of_one) return "post";
  return beside > 1 || words.last.ends_with('s') ? "create" : "";
}

}  // namespace

std::string operation_id(const Route& route, const RouteTable& routes) {
  const PathWords words = words_of(route);
  const auto verb = verb_of(route, routes, words);
  return verb.empty() ? words.id : words.id + "_" + std::string(verb);
}

void add_operation(Json& paths, const Route& route, const RouteTable& routes, NamedSchemas& schemas,
                   const Quota& default_quota) {
  Json operation = operation_of(route, routes, schemas, default_quota);
  Json& path = paths[template_of(route.path)];
  if (route.method == "GET" && route.demand.access == Access::presigned) path["head"] = head_of(operation);
  path[lower_ascii(route.method)] = std::move(operation);
}

}  // namespace nexus::http
