#include "daemon/system/routes.hpp"

#include <algorithm>
#include <atomic>
#include <boost/algorithm/string/replace.hpp>

#include "daemon/base/etag.hpp"
#include "daemon/base/problems.hpp"
#include "daemon/domain/services.hpp"
#include "daemon/http/handlers.hpp"
#include "daemon/http/problems.hpp"
#include "daemon/http/schema.hpp"
#include "daemon/problems.hpp"
#include "store/error.hpp"

namespace nexus::system {
namespace {

using http::Response;
using Params = http::PathParams;
namespace schema = http::schema;

/// Monitors and proxies append parameters of their own to the paths that they probe.
enum class Probed { no, yes };

http::Route open_route(std::string path, Probed probed, http::OpenHandler handler, http::Docs docs) {
  docs.tag = "system";
  return {.method = "GET",
          .path = std::move(path),
          .demand = {.access = Access::open},
          .action = {},
          .surface = {},
          .probed = probed == Probed::yes,
          .handler = std::move(handler),
          .docs = std::move(docs)};
}

Response text_response(std::string type, std::string body) {
  Response response;
  response.content_type = std::move(type);
  response.body = std::move(body);
  return response;
}

std::string escape_html(std::string text) {
  for (const auto& [sign, entity] : {std::pair("&", "&amp;"), std::pair("<", "&lt;"), std::pair(">", "&gt;")})
    boost::replace_all(text, sign, entity);
  return text;
}

/// The document, or 304 for a client that has it already.
Response openapi_answer(const RequestHead& head, const http::OpenApiText& document) {
  const std::string* held = head.find("if-none-match");
  const bool is_held = held != nullptr && if_none_match_names(*held, document.etag);
  Response response;
  response.status = is_held ? 304 : 200;
  if (!is_held) response.content_type = "application/json";
  if (!is_held) response.body = document.text;
  response.set("ETag", document.etag);
  return response;
}

Response problem_page(const Params& params) {
  const auto code = find_code(params.find("code")->second);
  if (!code) throw Problem(problems::route_not_found, "there is no problem with this code");
  const CodeInfo& row = info(*code);
  const std::string title = escape_html(std::string(row.title));
  Response response = text_response(
      "text/html; charset=utf-8",
      "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>" + std::string(row.code) + "</title>" +
          "<style>body{font:16px/1.5 system-ui;margin:4rem auto;max-width:40rem;padding:0 1rem}</style><h1>" + title +
          "</h1><p><code>" + std::string(row.code) + "</code>, status " + std::to_string(row.status) + "</p><p>" +
          escape_html(std::string(row.meaning)) + "</p></html>");
  response.set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'");
  return response;
}

/// `verbose`, `verbose=true` or `verbose=1` among any other parameters.
bool wants_verbose(std::string_view query) {
  return std::ranges::any_of(split(query, '&'), [](std::string_view pair) {
    return pair == "verbose" || pair == "verbose=true" || pair == "verbose=1";
  });
}

Response readiness(const RequestHead& head, const SystemOptions& options) {
  const bool verbose = wants_verbose(head.query());
  if (verbose && !options.open_metrics) options.require_system(head);
  const auto checks = options.checks();
  const auto failing = std::ranges::find(checks, false, &Check::ok);
  const bool ready = failing == checks.end();
  if (!ready && !verbose)
    throw Problem(problems::audit_unavailable,
                  "not ready: " + (failing->outside.empty() ? failing->detail : failing->outside));
  Json body = {{"status", ready ? "ready" : "not_ready"}};
  if (verbose) {
    body["checks"] = Json::array();
    for (const auto& check : checks)
      body["checks"].push_back({{"name", check.name}, {"ok", check.ok}, {"detail", check.detail}});
  }
  return http::json_response(ready ? 200 : 503, body);
}

/// What needs no store is told also while its server is away: then it is needed most.
std::string metrics_text(const decltype(SystemOptions::metrics)& metrics, const decltype(SystemOptions::read)& read) {
  try {
    return metrics(&read().reader());
  } catch (const store::Error& error) {
    if (error.failure != store::Failure::unreachable && error.failure != store::Failure::interrupted) throw;
  }
  return metrics(nullptr);
}

void add_metrics(http::RouteTable& routes, const SystemOptions& options) {
  constexpr std::string_view type = "text/plain; version=0.0.4; charset=utf-8";
  const http::Docs docs{.summary = "Counters in Prometheus text", .tag = "system", .content_type = "text/plain"};
  if (options.open_metrics) {
    routes.add(open_route(
        "/metrics", Probed::yes,
        [metrics = options.metrics, read = options.read, type](const RequestHead&, const Params&) {
          return text_response(std::string(type), metrics_text(metrics, read));
        },
        docs));
    return;
  }
  routes.add({.method = "GET",
              .path = "/metrics",
              .demand = {.access = Access::system},
              .action = "metrics_read",
              .surface = "system",
              .probed = true,
              .handler = http::reads([metrics = options.metrics, type](const store::Reader& reader, const Caller&) {
                return http::Reply{.json = {}, .text = metrics(&reader), .content_type = std::string(type)};
              }),
              .docs = docs});
}

/// One examination at a time: each reads files, and may call S3.
class Examining {
 public:
  explicit Examining(std::shared_ptr<std::atomic<bool>> runs) : runs_(std::move(runs)) {
    if (runs_->exchange(true))
      throw Problem(problems::store_busy, "another examination runs: ask again when it has ended");
  }
  ~Examining() { *runs_ = false; }
  Examining(const Examining&) = delete;
  Examining& operator=(const Examining&) = delete;

 private:
  std::shared_ptr<std::atomic<bool>> runs_;
};

Json doctor_schema() {
  const Json finding =
      schema::named("Finding", schema::whole({{"id", schema::text()},
                                              {"severity", schema::choice({"ok", "note", "warning", "error"})},
                                              {"found", schema::text()},
                                              {"remedy", schema::nullable(schema::text())}}));
  return schema::named("Diagnosis", schema::whole({{"ok", schema::boolean()}, {"findings", schema::list(finding)}}));
}

/// The answer is pulled, because an examination must hold no snapshot while it reads files.
void add_doctor(http::RouteTable& routes, const SystemOptions& options) {
  const auto runs = std::make_shared<std::atomic<bool>>(false);
  routes.add({.method = "GET",
              .path = "/doctor",
              .demand = {.access = Access::system},
              .action = "doctor_read",
              .surface = "system",
              .takes_long = true,
              .handler = http::reads([examine = options.examine, runs](const store::Reader&, const Caller&) {
                http::Reply reply;
                reply.content_type = "application/json";
                reply.stream = [examine, examining = std::make_shared<Examining>(runs)](std::string& out) {
                  out = to_text(examine());
                  return false;
                };
                return reply;
              }),
              .docs = {.summary = "What is wrong with the installation, and what mends it",
                       .tag = "system",
                       .response = doctor_schema(),
                       .refusals = {503},
                       .particular = "It tells what `nexusd doctor` tells on the machine, as far as it can be seen "
                                     "from within; it changes nothing."}});
}

}  // namespace

void add_system_routes(http::RouteTable& routes, const SystemOptions& options) {
  const Json check = schema::whole({{"name", schema::text()}, {"ok", schema::boolean()}, {"detail", schema::text()}});
  const Json status = schema::named(
      "Health", schema::object({"status"}, {{"status", schema::text()}, {"checks", schema::list(check)}}));
  routes.add(open_route("/livez", Probed::yes,
                        [](const RequestHead&, const Params&) {
                          return http::json_response(200, {{"status", "alive"}});
                        },
                        {.summary = "Whether the process answers", .response = status}));
  routes.add(open_route("/readyz", Probed::yes,
                        [options](const RequestHead& head, const Params&) { return readiness(head, options); },
                        {.summary = "Whether requests are served; ?verbose tells why, to the system token",
                         .response = status,
                         .query = {{"verbose", "Tell each check", schema::text()}},
                         .refusals = {401, 503}}));
  const Json version = {{"name", "nexusd"},
                        {"version", NEXUS_VERSION},
                        {"instance_id", options.instance_id},
                        {"checkpoint_key", options.checkpoint_key}};
  routes.add(open_route("/version", Probed::no,
                        [version](const RequestHead&, const Params&) { return http::json_response(200, version); },
                        {.summary = "Name, version and instance",
                         .response = schema::named("Version", schema::whole({{"name", schema::text()},
                                                                             {"version", schema::text()},
                                                                             {"instance_id", schema::text()},
                                                                             {"checkpoint_key", schema::text()}}))}));
  routes.add(open_route(
      "/openapi.json", Probed::no,
      [openapi = options.openapi](const RequestHead& head, const Params&) { return openapi_answer(head, openapi()); },
      {.summary = "This document", .response = schema::any_object(), .refusals = {304}}));
  routes.add(open_route("/problems/{code}", Probed::yes,
                        [](const RequestHead&, const Params& params) { return problem_page(params); },
                        {.summary = "What a problem code means", .refusals = {404}, .content_type = "text/html"}));
  add_metrics(routes, options);
}

void add_routes(http::RouteTable& routes, const domain::Services& services) {
  routes.describe("system", "Health, version, metrics and this document");
  add_system_routes(routes, services.system);
  add_doctor(routes, services.system);
}

}  // namespace nexus::system
