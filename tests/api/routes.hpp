// Every route of the daemon as the sweeps see it: what GET /openapi.json says, beside a literal line of the contract
// that also knows how to ask it well. A route without a line fails the suite, so that nobody adds one unswept.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "tests/api/world.hpp"

namespace nexus::test {

/// Where and as whom a request is made.
struct Stage {
  World& world;
  const Tenant& tenant;
  Person who;
  std::string env = "dev";
};

/// A request that would be done if its caller may.
struct Filled {
  std::string target;
  std::string body = {};
  std::string content_type = {};
  Headers headers = {};
};

/// A line of the contract.
struct Line {
  std::string route;   // "GET /auth/me"
  std::string access;  // open | presigned | token | user (a token of one) | viewer | member | admin | owner | system
  std::string action;
  std::string policy;
  int success;
  std::function<Filled(const Stage&)> fill;
  std::string declared = {};  // the role that OpenAPI names, where it is not `access`
  std::string judged = {};    // the action that the gates judge, where it is not `action`
  std::string refusal = {};   // the code of `success`, where a good request is refused
};

struct ApiRoute {
  std::string method, path;
  Json operation;  // of the OpenAPI document
  Line line;

  std::string name() const { return method + " " + path; }
  /// The outcome() of a good request.
  std::string done() const { return std::to_string(line.success) + (line.refusal.empty() ? "" : " " + line.refusal); }
  bool needs_token() const { return line.access != "open" && line.access != "presigned"; }
  bool has_header_context() const;  // X-Tenant-Id and X-Env
  bool has_path_tenant() const { return path.starts_with("/tenants/{tenant_id}"); }
  bool has_tenant() const { return has_header_context() || has_path_tenant(); }
  /// What the gates judge: the action, and the surface that this request's body names, else the route's own.
  std::string judged_action() const { return line.judged.empty() ? line.action : line.judged; }
  std::string judged_surface(const Filled& filled) const;
  bool takes_json() const;          // and nothing else
  bool takes_json_or_form() const;  // its line sends the form
  bool takes_form() const;
  bool takes_text() const;
  bool takes_any_key() const;  // its JSON body is a map, whose keys are the client's
  bool mutates() const { return needs_token() && line.policy != "none" && line.policy != "read"; }
};

struct Routes {
  std::vector<ApiRoute> swept;
  std::vector<std::string> without_line;   // routes of the daemon that no sweep knows how to ask
  std::vector<std::string> without_route;  // lines of routes that the daemon does not have
};
Routes find_routes(World& world);
/// Those with a line; a test of its own holds that these are all.
std::vector<ApiRoute> all_routes(World& world);

/// The headers of a good request of this stage to this route.
Headers good_headers(const ApiRoute& route, const Stage& stage, const Filled& filled);
/// A good request, filled once. What is refused uses nothing up, so that it may be asked in many wrong ways.
struct Prepared {
  const ApiRoute& route;
  const Stage stage;
  const Filled filled;
  Answer ask(const Headers& more = {}) const { return ask_with_body(filled.body, more); }
  Answer ask_with_body(const std::string& body, const Headers& more = {}) const;
};
Prepared prepare(const ApiRoute& route, const Stage& stage);

/// Asks the route well.
Answer ask(const ApiRoute& route, const Stage& stage, const Headers& more = {});
/// Asks with the body changed.
Answer ask_with_body(const ApiRoute& route, const Stage& stage, const std::string& body, const Headers& more = {});

/// viewer 0 … owner 3, system 4
int rank(const std::string& role);
/// The members of a tenant, weakest first.
const std::vector<std::string>& roles();

/// Whether a concrete path is one of the template's.
bool path_fits(const std::string& path_template, const std::string& path);

}  // namespace nexus::test
