#include "daemon/http/openapi.hpp"

#include <algorithm>
#include <set>
#include <stdexcept>

#include "daemon/base/crypto.hpp"
#include "daemon/http/openapi_parts.hpp"
#include "daemon/http/schema.hpp"

namespace nexus::http {
namespace {

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

/// The text, with the file of a form after its other fields. Generated clients send a form in the order of its schema,
/// and S3 servers read no field after the file.
std::string with_files_last(const Json& document) {
  auto ordered = nlohmann::ordered_json::parse(to_text(document));
  for (auto& schema : ordered["components"]["schemas"]) {
    const auto fields = schema.find("properties");
    if (fields == schema.end() || !fields->contains("file")) continue;
    auto file = std::move(fields->at("file"));
    fields->erase("file");
    (*fields)["file"] = std::move(file);
  }
  return ordered.dump();
}

}  // namespace

Json openapi(const RouteTable& routes) {
  NamedSchemas schemas;
  schemas.expect_answer(problem_schema());
  for (const auto& route : routes.all()) schemas.expect_answer(route->docs.response);
  schemas.answer(problem_schema());
  Json paths = Json::object();
  for (const auto& route : routes.all()) add_operation(paths, *route, routes, schemas);
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

OpenApiText openapi_text(const RouteTable& routes) {
  OpenApiText document{with_files_last(openapi(routes)), {}};
  document.etag = "\"" + sha256_hex(document.text).substr(0, 32) + "\"";
  return document;
}

}  // namespace nexus::http
