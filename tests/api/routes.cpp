// The literal lines, one a route.
#include "tests/api/routes.hpp"

#include <map>
#include <sstream>
#include <stdexcept>

namespace nexus::test {
namespace {

using Fill = std::function<Filled(const Stage&)>;

bool is_root(const Stage& stage) { return stage.who.id == "system"; }

/// Whoever may write in the tenant, for what must be there before.
const Person& writer(const Stage& stage) { return stage.tenant.owner; }

Fill just(const std::string& target) {
  return [target](const Stage&) { return Filled{target}; };
}

Filled json(const std::string& target, const Json& body) { return {target, body.dump(), "application/json"}; }

Fill of_tenant(const std::string& rest) {
  return [rest](const Stage& stage) { return Filled{"/tenants/" + stage.tenant.id + rest}; };
}

Filled put_member(const Stage& stage) {
  const std::string user = stage.world.new_person().id;
  return json("/tenants/" + stage.tenant.id + "/members/" + user, {{"role", "viewer"}});
}

Filled delete_member(const Stage& stage) {
  const std::string user = stage.world.new_person().id;
  stage.world.set_member(stage.tenant.id, user, "viewer");
  return {"/tenants/" + stage.tenant.id + "/members/" + user};
}

Filled post_token(const Stage& stage) {
  Json body = {{"name", "made by a sweep"}};
  if (is_root(stage)) body["user_id"] = stage.tenant.viewer.id;
  return json("/tokens", body);
}

Filled delete_token(const Stage& stage) {
  World& world = stage.world;
  const std::string user = is_root(stage) ? stage.tenant.viewer.id : stage.who.id;
  const Answer made = world.call("POST", "/tokens", World::as(world.root()), Json{{"user_id", user}});
  return {"/tokens/" + made.json.at("token_id").get<std::string>()};
}

Filled register_upload(const Stage& stage) {
  const StoredFile file = stage.world.uploaded(writer(stage), stage.tenant.id, stage.env);
  return json("/nexus/raw/register", {{"asset_id", file.asset_id}, {"filename", file.filename}});
}

Fill of_asset(const std::string& rest) {
  return [rest](const Stage& stage) {
    return Filled{"/nexus/raw/" + stage.world.registered(writer(stage), stage.tenant.id, stage.env).asset_id + rest};
  };
}

/// Its creator is the one who asks, when he may create at all.
Filled delete_asset(const Stage& stage) {
  const Person& creator = stage.who.id == stage.tenant.member.id ? stage.tenant.member : writer(stage);
  return {"/nexus/raw/" + stage.world.registered(creator, stage.tenant.id, stage.env).asset_id};
}

Filled post_blob(const Stage& stage) {
  const Json presigned = stage.world.presign(writer(stage), stage.tenant.id, "sweep.txt", stage.env);
  const auto [body, type] = form_of(presigned.at("fields"), "swept");
  return {"/blobs/nexus", body, type};
}

Filled get_blob(const Stage& stage) {
  World& world = stage.world;
  const StoredFile file = world.registered(writer(stage), stage.tenant.id, stage.env);
  const Answer answer = world.call("GET", "/nexus/raw/" + file.asset_id + "/download",
                                   World::in(writer(stage), stage.tenant.id, stage.env));
  const std::string url = answer.header("location");
  return {url.substr(url.find('/', url.find("://") + 3))};
}

std::vector<Line> lines() {
  return {
      {"GET /livez", "open", "", "none", 200, just("/livez")},
      {"GET /readyz", "open", "", "none", 200, just("/readyz")},
      {"GET /version", "open", "", "none", 200, just("/version")},
      {"GET /openapi.json", "open", "", "none", 200, just("/openapi.json")},
      {"GET /problems/{code}", "open", "", "none", 200, just("/problems/auth.missing_token")},
      {"GET /metrics", "open", "", "none", 200, just("/metrics")},  // open with --dev alone
      {"GET /auth/me", "token", "auth_me", "none", 200, just("/auth/me")},
      {"POST /tokens", "token", "token_create", "audited", 201, post_token},
      {"GET /tokens", "token", "token_list", "none", 200, just("/tokens")},
      {"DELETE /tokens/{token_id}", "token", "token_revoke", "audited", 204, delete_token},
      {"POST /tenants", "system", "tenant_create", "audited", 201,
       [](const Stage& stage) {
         return json("/tenants", {{"tenant_id", stage.world.new_id("t")}, {"name", "Swept"}});
       }},
      {"GET /tenants", "token", "tenant_list", "none", 200, just("/tenants")},
      {"GET /tenants/{tenant_id}", "viewer", "tenant_read", "none", 200, of_tenant("")},
      {"PATCH /tenants/{tenant_id}", "system", "tenant_update", "audited", 200,
       [](const Stage& stage) { return json("/tenants/" + stage.tenant.id, {{"name", "Renamed"}}); }},
      {"GET /tenants/{tenant_id}/members", "admin", "member_list", "none", 200, of_tenant("/members")},
      {"PUT /tenants/{tenant_id}/members/{user_id}", "admin", "member_set", "audited", 201, put_member},
      {"DELETE /tenants/{tenant_id}/members/{user_id}", "admin", "member_remove", "audited", 204, delete_member,
       "viewer"},  // who may leave
      {"POST /users", "system", "user_create", "audited", 201,
       [](const Stage& stage) { return json("/users", {{"user_id", stage.world.new_id("u")}}); }},
      {"GET /users", "system", "user_list", "none", 200, just("/users")},
      {"GET /users/{user_id}", "system", "user_read", "none", 200, just("/users/u_dev")},
      {"GET /kill-switches", "admin", "kill_switch_read", "read", 200, just("/kill-switches")},
      {"PUT /kill-switches", "admin", "kill_switch_update", "control", 200,
       [](const Stage&) { return json("/kill-switches", {{"reason", "a sweep"}}); }},
      {"POST /nexus/raw/presign-upload", "member", "raw_presign", "full", 200,
       [](const Stage&) { return json("/nexus/raw/presign-upload", {{"filename", "sweep.txt"}}); }},
      {"POST /nexus/raw/register", "member", "raw_register", "full", 201, register_upload},
      {"GET /nexus/raw", "viewer", "raw_read", "read", 200, just("/nexus/raw")},
      {"GET /nexus/raw/{asset_id}", "viewer", "raw_read", "read", 200, of_asset("")},
      {"GET /nexus/raw/{asset_id}/download", "viewer", "raw_read", "read", 302, of_asset("/download")},
      {"DELETE /nexus/raw/{asset_id}", "member", "raw_delete", "full", 204, delete_asset},
      {"POST /blobs/{bucket}", "presigned", "", "none", 204, post_blob},
      {"GET /blobs/{bucket}/{key...}", "presigned", "", "none", 200, get_blob},
  };
}

std::string upper(std::string text) {
  for (char& c : text) c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c);
  return text;
}

}  // namespace

bool ApiRoute::has_header_context() const {
  for (const auto& parameter : operation.at("parameters"))
    if (parameter.at("name") == "X-Tenant-Id") return true;
  return false;
}

bool ApiRoute::takes_json() const {
  return operation.contains("requestBody") && operation["requestBody"]["content"].contains("application/json");
}

bool ApiRoute::takes_form() const {
  return operation.contains("requestBody") && operation["requestBody"]["content"].contains("multipart/form-data");
}

std::vector<ApiRoute> all_routes(World& world) {
  std::map<std::string, Line> known;
  for (Line& line : lines()) known.emplace(line.route, std::move(line));
  std::vector<ApiRoute> out;
  const Answer document = world.call("GET", "/openapi.json");
  for (const auto& [path, operations] : document.json.at("paths").items())
    for (const auto& [method, operation] : operations.items()) {
      const auto line = known.extract(upper(method) + " " + path);
      if (line.empty()) throw std::runtime_error("no sweep knows " + upper(method) + " " + path + ": give it a line");
      out.push_back({upper(method), path, operation, line.mapped()});
    }
  if (!known.empty()) throw std::runtime_error("the daemon has no route " + known.begin()->first);
  return out;
}

Headers good_headers(const ApiRoute& route, const Stage& stage, const Filled& filled) {
  Headers headers = route.needs_token() ? World::as(stage.who) : Headers{};
  if (route.has_header_context()) headers = World::in(stage.who, stage.tenant.id, stage.env);
  if (!filled.content_type.empty()) headers.emplace_back("Content-Type", filled.content_type);
  return headers;
}

Answer ask(const ApiRoute& route, const Stage& stage, const Headers& more) {
  const Filled filled = route.line.fill(stage);
  return stage.world.call(route.method, filled.target, with(good_headers(route, stage, filled), more), filled.body);
}

Answer ask_with_body(const ApiRoute& route, const Stage& stage, const std::string& body, const Headers& more) {
  const Filled filled = route.line.fill(stage);
  return stage.world.call(route.method, filled.target, with(good_headers(route, stage, filled), more), body);
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
