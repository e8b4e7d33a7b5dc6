// The routes of the running daemon joined with their lines, and requests to them.
#include "tests/api/routes.hpp"

#include "tests/api/lines.hpp"

#include <map>
#include <sstream>

namespace nexus::test {
namespace {

std::string upper(std::string text) {
  for (char& c : text) c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c);
  return text;
}

/// `value` with what its references lead to in their place.
Json resolved(const Json& document, Json value) {
  if (value.is_object() && value.contains("$ref"))
    return resolved(document, document.at(Json::json_pointer(value["$ref"].get<std::string>().substr(1))));
  if (value.is_structured())
    for (Json& member : value) member = resolved(document, std::move(member));
  return value;
}

/// The path as the route table has it: a parameter that takes all that is left ends with dots there.
std::string path_of(const Json& operation, std::string path) {
  for (const auto& parameter : operation.at("parameters")) {
    const std::string name = "{" + parameter.at("name").get<std::string>() + "}";
    if (parameter.value("x-nexus-tail", false)) path.insert(path.find(name) + name.size() - 1, "...");
  }
  return path;
}

}  // namespace

bool ApiRoute::has_header_context() const {
  for (const auto& parameter : operation.at("parameters"))
    if (parameter.at("name") == "X-Tenant-Id") return true;
  return false;
}

std::string ApiRoute::judged_surface(const Filled& filled) const {
  const Json body = takes_json() ? parse_own_json(filled.body) : Json();
  // What is only measured keeps the route's own surface, whatever it measures; analytics are of the surface they name.
  const bool may_name = line.policy == "control" || line.policy == "full" || line.action.starts_with("analytics_");
  const bool named = may_name && body.is_object() && body.contains("surface") && body["surface"].is_string();
  return named ? body["surface"].get<std::string>() : operation.value("x-nexus-surface", "");
}

bool ApiRoute::takes_json() const {
  return operation.contains("requestBody") && operation["requestBody"]["content"].contains("application/json") &&
         !takes_form();
}

bool ApiRoute::takes_json_or_form() const {
  return takes_form() && operation["requestBody"]["content"].contains("application/json");
}

bool ApiRoute::takes_form() const {
  return operation.contains("requestBody") && operation["requestBody"]["content"].contains("multipart/form-data");
}

Routes find_routes(World& world) {
  std::map<std::string, Line> known;
  for (const Lines& lines : all_lines())
    for (const Line& line : lines) known.emplace(line.route, line);
  Routes out;
  const Answer document = world.call("GET", "/openapi.json");
  for (const auto& [shown_path, operations] : document.json.at("paths").items())
    for (const auto& [method, shown] : operations.items()) {
      if (method == "head") continue;  // GET, without its body
      const Json operation = resolved(document.json, shown);
      const std::string path = path_of(operation, shown_path);
      const auto line = known.extract(upper(method) + " " + path);
      if (line.empty())
        out.without_line.push_back(upper(method) + " " + path);
      else
        out.swept.push_back({upper(method), path, operation, line.mapped()});
    }
  for (const auto& [route, line] : known) out.without_route.push_back(route);
  return out;
}

bool ApiRoute::takes_any_key() const {
  if (!takes_json()) return false;
  const Json& schema = operation["requestBody"]["content"]["application/json"]["schema"];
  return schema.contains("additionalProperties") && schema["additionalProperties"].is_object();
}

bool ApiRoute::takes_text() const {
  return operation.contains("requestBody") && operation["requestBody"]["content"].contains("text/plain");
}

std::vector<ApiRoute> all_routes(World& world) { return find_routes(world).swept; }

Headers good_headers(const ApiRoute& route, const Stage& stage, const Filled& filled) {
  Headers headers = route.needs_token() ? World::as(stage.who) : Headers{};
  if (route.has_header_context()) headers = World::in(stage.who, stage.tenant.id, stage.env);
  if (!filled.content_type.empty()) headers.emplace_back("Content-Type", filled.content_type);
  return with(std::move(headers), filled.headers);
}

Prepared prepare(const ApiRoute& route, const Stage& stage) { return {route, stage, route.line.fill(stage)}; }

Answer Prepared::ask_with_body(const std::string& body, const Headers& more) const {
  return stage.world.call(route.method, filled.target, with(good_headers(route, stage, filled), more), body);
}

Answer ask(const ApiRoute& route, const Stage& stage, const Headers& more) { return prepare(route, stage).ask(more); }

Answer ask_with_body(const ApiRoute& route, const Stage& stage, const std::string& body, const Headers& more) {
  return prepare(route, stage).ask_with_body(body, more);
}

int rank(const std::string& role) {
  for (std::size_t i = 0; i < roles().size(); ++i)
    if (roles()[i] == role) return static_cast<int>(i);
  return role == "system" ? 4 : -1;
}

const std::vector<std::string>& roles() {
  static const std::vector<std::string> all = {"viewer", "member", "admin", "owner"};
  return all;
}

bool path_fits(const std::string& path_template, const std::string& path) {
  std::istringstream wanted(path_template), given(path);
  std::string want, have;
  while (std::getline(wanted, want, '/')) {
    if (want.ends_with("...}")) return static_cast<bool>(std::getline(given, have, '/'));
    if (!std::getline(given, have, '/')) return false;
    if (!want.starts_with('{') && want != have) return false;
  }
  return !std::getline(given, have, '/');
}

}  // namespace nexus::test
