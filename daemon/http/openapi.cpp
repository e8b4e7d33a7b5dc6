#include "daemon/http/openapi.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <stdexcept>

#include "daemon/base/crypto.hpp"
#include "daemon/base/problems.hpp"
#include "daemon/blobs/problems.hpp"
#include "daemon/gates/problems.hpp"
#include "daemon/guard/problems.hpp"
#include "daemon/http/page.hpp"
#include "daemon/http/problems.hpp"
#include "daemon/http/schema.hpp"
#include "daemon/limits.hpp"
#include "daemon/model/problems.hpp"

namespace nexus::http {
namespace {

struct Refusal {
  int status;
  const char* name;
  const char* description;
  Code example;
};

constexpr std::array kRefusals = {
    Refusal{400, "BadRequest", "The request is malformed, or tenant or env are missing or differ",
            problems::context_missing_tenant},
    Refusal{401, "Unauthorized", "The token or ticket is missing, invalid, expired or revoked",
            problems::auth_missing_token},
    Refusal{403, "Forbidden", "Membership, role, tenant or a gate refuses", problems::auth_insufficient_role},
    Refusal{404, "NotFound", "The subject is absent, or another tenant's or env's", problems::tenant_not_found},
    Refusal{408, "RequestTimeout", "The request came too slowly", problems::request_timeout},
    Refusal{409, "Conflict", "The state of the subject, a gate or an Idempotency-Key refuses",
            problems::strategy_lock_required},
    Refusal{411, "LengthRequired", "The request has no Content-Length", problems::request_length_required},
    Refusal{412, "PreconditionFailed", "If-Match names another version", problems::precondition_failed},
    Refusal{413, "ContentTooLarge", "The body is too large", problems::request_too_large},
    Refusal{415, "UnsupportedMediaType", "The route takes another Content-Type",
            problems::request_unsupported_media_type},
    Refusal{421, "MisdirectedRequest", "The request came through a name that is not the daemon's",
            problems::host_not_allowed},
    Refusal{422, "ValidationFailed", "Fields are missing, unknown or wrong: errors names each one",
            problems::validation_failed},
    Refusal{426, "UpgradeRequired", "The route wants an upgrade to a WebSocket", problems::request_upgrade_required},
    Refusal{429, "TooManyRequests", "The rate limit of the action is reached, or too many requests of the tenant wait",
            problems::rate_limit_exceeded},
    Refusal{431, "HeadTooLarge", "The head of the request is too large", problems::request_head_too_large},
    Refusal{500, "InternalError",
            "The daemon failed; store.outcome_unknown: the audit log tells what became of it; answer.not_made: it was "
            "done",
            problems::internal_error},
    Refusal{503, "ServiceUnavailable", "The store, the storage or the audit log is not ready: nothing was changed",
            problems::store_busy},
    Refusal{507, "InsufficientStorage", "The file does not fit the storage", problems::storage_full},
};

const Refusal& refusal_of(int status) {
  const auto found = std::ranges::find(kRefusals, status, &Refusal::status);
  if (found == kRefusals.end())
    throw std::logic_error("no response of the document is for status " + std::to_string(status));
  return *found;
}

Json field(std::string_view description, Json value) {
  return {{"description", description}, {"schema", std::move(value)}};
}

/// The fields that a refusal of this status carries.
Json fields_of(int status) {
  Json fields = Json::object();
  const auto add = [&](const char* name) { fields[name] = component("headers", name); };
  add("X-Request-Id"), add("traceresponse");
  if (status == 401) add("WWW-Authenticate");
  if (status == 429 || status == 503) add("Retry-After");
  if (status == 403 || status == 409) add("Nexus-Audit-Seq"), add("Nexus-Audit-Hash");
  if (status == 429) add("RateLimit"), add("RateLimit-Policy");
  return fields;
}

Json example_of_refusal(const Refusal& refusal) {
  const CodeInfo& row = info(refusal.example);
  const std::string code(row.code);
  return {{"type", "/problems/" + code},
          {"title", row.title},
          {"status", refusal.status},
          {"detail", row.meaning},
          {"code", code},
          {"request_id", "req-7Qm2xw"},
          {"trace_id", "4bf92f3577b34da6a3ce929d0e0e4736"}};
}

Json tags_of(const RouteTable& routes) {
  std::set<std::string> used;
  for (const auto& route : routes.all()) used.insert(route->docs.tag);
  Json tags = Json::array();
  for (const auto& [name, description] : routes.tags())
    if (used.erase(name) > 0) tags.push_back({{"name", name}, {"description", description}});
  if (!used.empty()) throw std::logic_error("describe the tag \"" + *used.begin() + "\" where its routes are added");
  return tags;
}

Json information() {
  return {{"title", "Nexus"},
          {"version", NEXUS_VERSION},
          {"description",
           "A multi-tenant control plane: identity, gates, audit and storage behind one door. In a request, null for a "
           "field that may be left out means that it is left out. maxLength counts characters and is what always fits; "
           "the bound in bytes of UTF-8 stands beside it."},
          {"contact", {{"name", "Nexus"}}},
          {"license", {{"name", "MIT"}, {"identifier", "MIT"}}}};
}

Json security_schemes() {
  return {{"bearer",
           {{"type", "http"},
            {"scheme", "bearer"},
            {"description", "A token of POST /tokens, or the system token of the installation."}}},
          {"ticket",
           {{"type", "apiKey"},
            {"in", "query"},
            {"name", "ticket"},
            {"description",
             "Of POST /tickets, for one stream and once: it stands for the token, X-Tenant-Id and X-Env."}}}};
}

/// Throws unless every operation id is unique.
void judge_ids(const Json& paths) {
  std::set<std::string> ids;
  for (const auto& [path, operations] : paths.items())
    for (const auto& [method, operation] : operations.items())
      if (const auto& id = operation.at("operationId").get_ref<const std::string&>(); !ids.insert(id).second)
        throw std::logic_error("two operations are named " + id + "; one of them is " + method + " " + path);
}

/// The text of an object, with its member `file` last.
std::string with_file_last(Json fields) {
  const std::string file = to_text(fields.at("file"));
  fields.erase("file");
  std::string text = to_text(fields);
  text.insert(text.size() - 1, (fields.empty() ? "" : ",") + std::string("\"file\":") + file);
  return text;
}

/// The text, with the file of a form after its other fields. Generated clients send a form in the order of its schema,
/// and S3 servers read no field after the file.
std::string with_files_last(const Json& document) {
  std::string text = to_text(document);
  for (const auto& schema : document.at("components").at("schemas")) {
    const auto fields = schema.find("properties");
    if (fields == schema.end() || !fields->contains("file")) continue;
    const std::string before = "\"properties\":" + to_text(*fields);
    text.replace(text.find(before), before.size(), "\"properties\":" + with_file_last(*fields));
  }
  return text;
}

}  // namespace

Json component(std::string_view kind, std::string_view name) {
  return {{"$ref", "#/components/" + std::string(kind) + "/" + std::string(name)}};
}

Json parameter(std::string_view place, const QueryParameter& parameter) {
  return {{"name", parameter.name},
          {"in", place},
          {"required", parameter.required},
          {"description", parameter.description},
          {"schema", parameter.schema}};
}

Json shared_parameters() {
  Json reason =
      schema::pattern("^[^\\s\\u0000-\\u0020\\u007f]([^\\u0000-\\u001f\\u007f]*[^\\s\\u0000-\\u0020\\u007f])?$");
  reason["minLength"] = 1;
  reason["maxLength"] = limits::reason_chars_max;
  const auto page = page_parameters();
  const auto header = [](const char* name, const char* description, Json value, bool required = false) {
    return parameter("header", {name, description, std::move(value), required});
  };
  return {
      {"Limit", parameter("query", page[0])},
      {"Cursor", parameter("query", page[1])},
      {"TenantId", header("X-Tenant-Id", "The tenant of the request", schema::pattern(schema::kTenantId), true)},
      {"Env", header("X-Env", "The env of the request", schema::env(), true)},
      {"Reason", header("X-Reason", "Why the system token acts on a tenant; required of it alone", std::move(reason))},
      {"RunId", header("X-Run-Id", "The run that the request belongs to", schema::pattern(schema::kClientId))},
      {"RequestId", header("X-Request-Id",
                           "The id that the answer and its records carry, of 1 to 64 characters of "
                           "A-Z a-z 0-9 . _ -; any other is replaced by one of the daemon's",
                           schema::text())},
      {"Traceparent",
       header("traceparent", "The trace that the request belongs to (W3C Trace Context); a malformed one is ignored",
              schema::text())},
      {"IdempotencyKey",
       header("Idempotency-Key", "Makes the request safe to repeat for 24 h: the first answer is replayed",
              schema::pattern("^[!-~]{1,255}$"))},
      {"IfMatch", header("If-Match", "The ETag of the version that is to be changed, or *",
                         schema::pattern("^(\\*|\"[!#-~]*\"(, *\"[!#-~]*\")*)$"))},
      {"IfNoneMatch",
       header("If-None-Match", "The ETag of what is there already: 304 when it is the same", schema::text())}};
}

Json shared_headers() {
  return {{"X-Request-Id", field("The id of the request", schema::pattern("^[A-Za-z0-9._-]{1,64}$"))},
          {"traceresponse", field("Trace and span of the request: 00-{trace id}-{span id}-{01 if it is recorded}",
                                  schema::pattern("^00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]$"))},
          {"Nexus-Audit-Seq", field("The place of the audit row in its chain", schema::integer(1, INT64_MAX))},
          {"Nexus-Audit-Hash", field("The hash of the audit row", schema::sha256())},
          {"ETag", field("The version of what is answered", schema::text())},
          {"Location", field("Where the new thing is read, or where the file is; a thing without an address has none",
                             schema::text())},
          {"RateLimit", field("What is left of the quota, as \"default\";r=5999;t=60", schema::text())},
          {"RateLimit-Policy", field("The quota, as \"default\";q=6000;w=60", schema::text())},
          {"Retry-After", field("Seconds to wait before the next try", schema::integer(0, 86400))},
          {"WWW-Authenticate", field("How to authenticate", schema::text())},
          {"Idempotency-Replayed", field("true, or rendered, when the answer is that of an earlier request",
                                         schema::choice({"true", "rendered"}))}};
}

Json shared_responses() {
  Json responses = Json::object();
  for (const Refusal& refusal : kRefusals) {
    Json& response = responses[refusal.name];
    response = {{"description", refusal.description}, {"headers", fields_of(refusal.status)}};
    response["content"]["application/problem+json"] = {{"schema", component("schemas", "Problem")},
                                                       {"example", example_of_refusal(refusal)}};
  }
  return responses;
}

std::string response_name(int status) { return refusal_of(status).name; }

Json decision_schema() {
  const Json gate = schema::object(
      {"gate", "verdict"}, {{"gate", schema::text()},
                            {"verdict", schema::choice({"pass", "block", "not_configured", "skipped", "overridden"})},
                            {"code", schema::text()},
                            {"detail", schema::text()},
                            {"input", schema::any_object()},
                            {"remedy", schema::text("of explain: a line of nexusctl that would help")}});
  const Json precondition = schema::object(
      {"route", "code", "detail"},
      {{"route", schema::text()}, {"code", schema::text()}, {"detail", schema::text()}, {"remedy", schema::text()}});
  return schema::named("Decision",
                       schema::object({"decision_id", "action", "surface", "result", "gates"},
                                      {{"decision_id", schema::text()},
                                       {"action", schema::text()},
                                       {"surface", schema::text()},
                                       {"result", schema::choice({"PASS", "BLOCK"})},
                                       {"gates", schema::list(schema::named("GateVerdict", gate))},
                                       {"preconditions", schema::described(schema::list(precondition),
                                                                           "of explain: what would refuse before the "
                                                                           "gates")}}));
}

Json problem_schema() {
  const Json error =
      schema::whole({{"pointer", schema::text("JSON pointer to the field (RFC 6901)")}, {"detail", schema::text()}});
  return schema::named("Problem",
                       schema::object({"type", "title", "status", "detail", "code", "request_id", "trace_id"},
                                      {{"type", schema::text("/problems/<code>, a page that the daemon serves")},
                                       {"title", schema::text()},
                                       {"status", schema::integer(400, 599)},
                                       {"detail", schema::text("what to do; not to be parsed")},
                                       {"code", schema::text("what programs tell problems apart by")},
                                       {"request_id", schema::text()},
                                       {"trace_id", schema::text()},
                                       {"errors", schema::list(schema::named("FieldError", error))},
                                       {"decision", decision_schema()},
                                       {"remedy", schema::text("a line of nexusctl that would help")},
                                       {"retry_after", schema::integer(0, 86400)}}));
}

Json openapi(const RouteTable& routes, const Quota& default_quota) {
  NamedSchemas schemas;
  schemas.expect_answer(problem_schema());
  for (const auto& route : routes.all()) schemas.expect_answer(route->docs.response);
  schemas.answer(problem_schema());
  Json paths = Json::object();
  for (const auto& route : routes.all()) add_operation(paths, *route, routes, schemas, default_quota);
  judge_ids(paths);
  Json parameters = schemas.request(shared_parameters());
  return {{"openapi", "3.1.0"},
          {"info", information()},
          {"servers", {{{"url", "/"}, {"description", "The daemon that serves this document"}}}},
          {"tags", tags_of(routes)},
          {"paths", std::move(paths)},
          {"components",
           {{"securitySchemes", security_schemes()},
            {"parameters", std::move(parameters)},
            {"headers", shared_headers()},
            {"responses", shared_responses()},
            {"schemas", schemas.all()}}}};
}

OpenApiText openapi_text(const RouteTable& routes, const Quota& default_quota) {
  OpenApiText document{with_files_last(openapi(routes, default_quota)), {}};
  document.etag = "\"" + sha256_hex(document.text).substr(0, 32) + "\"";
  return document;
}

}  // namespace nexus::http
