// Explain: what would refuse an act. Goes on after the first refusal and leaves no trace.
#pragma once
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "daemon/gates/strictness.hpp"
#include "daemon/http/route.hpp"

namespace nexus::gate_checks {

/// The action of the route that judges acts outside: a switch on it stops them all.
inline constexpr std::string_view kCheckAction = "gates_check";

/// The act that the gates are asked about.
struct Act {
  std::string action, surface, subject_type, subject_id;
  std::optional<std::string> provider;
};
/// Leaves `surface` to the caller.
Act parse_act(http::Input& input);
Json act_schema();

/// Every action of the route table, and its routes; none for rows that the daemon writes by itself.
using Actions = std::map<std::string, std::vector<const http::Route*>, std::less<>>;

struct ExplainServices {
  std::shared_ptr<const Actions> actions;
  gates::Strictness strict;
  bool refuse_local_blobs_in_prod = true;
};

void add_explain_route(http::RouteTable& routes, const ExplainServices& services);

}  // namespace nexus::gate_checks
