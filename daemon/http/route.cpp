#include "daemon/http/route.hpp"

#include <algorithm>
#include <stdexcept>

#include "daemon/base/bytes.hpp"
#include "daemon/base/problems.hpp"
#include "daemon/base/text.hpp"
#include "daemon/http/handlers.hpp"

namespace nexus::http {
namespace {

using gates::Policy;

bool is_param(std::string_view segment) { return segment.starts_with('{'); }
bool is_tail(std::string_view segment) { return segment.ends_with("...}"); }
std::string param_name(std::string_view segment) {
  segment.remove_prefix(1);
  segment.remove_suffix(is_tail(segment) ? 4 : 1);
  return std::string(segment);
}

std::string_view first_segment(std::string_view path) {
  path.remove_prefix(1);
  return path.substr(0, path.find('/'));
}

/// The pattern without its parameter names: two routes with one shape and method would shadow each other.
std::string shape(const Route& route) {
  std::string out = route.method;
  for (const auto segment : split(route.path, '/')) out.append("/").append(is_param(segment) ? "{}" : segment);
  return out;
}

/// Takes the next segment off a path.
std::string_view take_segment(std::string_view& path) {
  const std::string_view segment = first_segment(path);
  path.remove_prefix(segment.size() + 1);
  return segment;
}

/// Whether the path has the pattern's literals, and a segment for each of its parameters. Most patterns end here,
/// without a copy of anything.
bool fits(std::string_view pattern, std::string_view path) {
  if (!path.starts_with(pattern.substr(0, pattern.find('{')))) return false;
  while (!pattern.empty() && !path.empty()) {
    const std::string_view want = take_segment(pattern);
    if (is_tail(want)) return true;
    if (const std::string_view have = take_segment(path); !is_param(want) && want != have) return false;
  }
  return pattern.empty() && path.empty();
}

std::optional<PathParams> match_path(std::string_view pattern, std::string_view path) {
  if (!fits(pattern, path)) return std::nullopt;
  PathParams params;
  while (!pattern.empty()) {
    const std::string_view want = take_segment(pattern);
    const std::string_view have = is_tail(want) ? path.substr(1) : take_segment(path);
    if (!is_param(want)) continue;
    auto value = percent_decode(have);
    if (!value || value->empty() || !is_utf8(*value)) return std::nullopt;
    params.emplace(param_name(want), std::move(*value));
  }
  return params;
}

/// The methods of those routes that have the path: of several patterns, the one with the fewest parameters.
std::vector<std::string> methods_of(const std::vector<const Route*>& routes, std::string_view path) {
  std::vector<std::string> methods;
  std::size_t fewest = std::string_view::npos;
  for (const Route* route : routes) {
    const auto params = match_path(route->path, path);
    if (!params || params->size() > fewest) continue;
    if (params->size() < fewest) methods.clear();
    fewest = params->size();
    methods.push_back(route->method);
    if (route->method == "GET") methods.emplace_back("HEAD");
  }
  return methods;
}

[[noreturn]] void refuse(const Route& route, const std::string& why) {
  throw std::logic_error("route " + route.method + " " + route.path + ": " + why);
}

void judge_access(const Route& route) {
  const bool has_tenant = route.demand.scope != Scope::none;
  const Access access = route.demand.access;
  if (has_tenant && access != Access::role && access != Access::system) refuse(route, "a tenant route without access");
  if (!has_tenant && access == Access::role) refuse(route, "a role is asked for where there is no tenant");
  if (route.demand.scope == Scope::path && route.path.find("{tenant_id}") == std::string::npos)
    refuse(route, "the path names no tenant");
}

void judge_policy(const Route& route) {
  const bool open = route.demand.access == Access::open || route.demand.access == Access::presigned;
  const bool writes = is_mutation(route);
  const bool changes = route.method != "GET";
  if (writes && (route.policy == Policy::none || route.policy == Policy::read))
    refuse(route, "a mutation without a gate policy");
  if (!writes && route.policy != Policy::none && route.policy != Policy::read)
    refuse(route, "a gate policy for mutations on a route that writes nothing");
  if (changes && !writes && !open && route.policy != Policy::read) refuse(route, "a mutation without a gate policy");
  if (writes != route.demand.mutates) refuse(route, "whether it mutates must be said in its demand");
  if (!open && route.action.empty()) refuse(route, "no action");
  const bool gated = route.policy != Policy::none && route.policy != Policy::audited;
  if (gated && route.demand.scope == Scope::none) refuse(route, "gates need a tenant");
  if (route.demand.scope == Scope::header && route.policy == Policy::none)
    refuse(route, "a tenant route without policy");
  if (!open && route.surface.empty()) refuse(route, "no surface");
}

void judge_effects(const Route& route) {
  const bool configures = route.policy == Policy::control || route.policy == Policy::audited;
  if (!is_mutation(route) || !configures) return;
  const Effects& effects = route.effects;
  if (effects.urgency == Urgency::open) refuse(route, "whether it stops things is left open");
  if (effects.streams == EndsStreams::open) refuse(route, "whether it may end streams is left open");
  if (effects.repairs == Repairs::open) refuse(route, "whether it repairs is left open");
  if (effects.direction == Direction::open) refuse(route, "whether it only tightens is left open");
}

void judge_form(const Route& route) {
  const auto* form = std::get_if<FormHandler>(&route.handler);
  if (form == nullptr) {
    if (route.body == Body::json_or_form) refuse(route, "a form without a handler of forms");
    return;
  }
  if (form->blobs == nullptr || !form->parse || !route.writes_blobs) refuse(route, "a form without storage");
  if (route.demand.scope != Scope::header) refuse(route, "a storage key needs a tenant and an env");
  if (route.body != (form->json ? Body::json_or_form : Body::form)) refuse(route, "its body is not what it reads");
}

void judge_stream(const Route& route) {
  const auto* stream = std::get_if<StreamHandler>(&route.handler);
  if ((stream != nullptr) != route.demand.streams) refuse(route, "whether it streams must be said in its demand");
  if (stream == nullptr) return;
  if (route.method != "GET" || route.body != Body::none) refuse(route, "a stream is a GET without a body");
  if (route.policy != Policy::read || route.demand.scope != Scope::header) refuse(route, "a stream past the gates");
  if (!stream->parse) refuse(route, "a stream that nobody opens");
}

}  // namespace

bool is_mutation(const Route& route) {
  return std::holds_alternative<WriteHandler>(route.handler) || std::holds_alternative<FormHandler>(route.handler);
}

bool is_list(const Route& route) {
  return std::holds_alternative<ReadHandler>(route.handler) &&
         std::ranges::find(route.docs.query, "limit", &QueryParameter::name) != route.docs.query.end();
}

std::string spelled(const Route& route, const PathParams& params) {
  std::string out;
  for (const auto segment : split(std::string_view(route.path).substr(1), '/'))
    out.append("/").append(is_param(segment) ? percent_encode(params.find(param_name(segment))->second) : segment);
  return out;
}

void RouteTable::add(Route route) {
  judge_access(route);
  judge_policy(route);
  judge_effects(route);
  judge_form(route);
  judge_stream(route);
  if (route.effects.direction != Direction::open) route.demand.direction = route.effects.direction;
  route.takes_long = route.takes_long || is_list(route);
  const std::string wanted = shape(route);
  for (const auto& other : routes_)
    if (shape(*other) == wanted) refuse(route, "there are two of it");
  routes_.push_back(std::make_unique<Route>(std::move(route)));
  const Route& added = *routes_.back();
  by_first_segment_[std::string(first_segment(added.path))].push_back(&added);
  if (added.path.find('{') == std::string::npos) literal_paths_.insert(added.path);
}

RouteTable::Match RouteTable::match(std::string_view method, std::string_view path) const {
  Match match;
  const auto found = by_first_segment_.find(first_segment(path));
  if (found == by_first_segment_.end()) return match;
  const std::string_view wanted = method == "HEAD" ? "GET" : method;
  for (const Route* route : found->second) {
    if (route->method != wanted) continue;
    auto params = match_path(route->path, path);
    if (!params || (match.route != nullptr && params->size() >= match.params.size())) continue;
    match.route = route;
    match.params = std::move(*params);
  }
  // A literal path has its own methods: those of /a/{id} are not allowed on /a/list.
  if (!match.params.empty() && literal_paths_.contains(path)) match = Match();
  if (match.route == nullptr) match.allowed = methods_of(found->second, path);
  return match;
}

void refuse_unread() { throw Problem(problems::store_busy, "the gates changed while the request ran: try again"); }

}  // namespace nexus::http
