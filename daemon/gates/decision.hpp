// What a gate is asked and what the chain of gates answers. Plain values; the chain itself is in chain.hpp.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/base/clock.hpp"
#include "daemon/base/json.hpp"
#include "daemon/base/problem.hpp"
#include "daemon/guard/caller.hpp"

namespace nexus::gates {

/// Which part of the chain judges a route.
enum class Policy {
  none,       // open and presigned routes: no gate
  audited,    // identity, locks, questions: audited where they change something, not gated
  read,       // kill switch (when named) and rate limit; no audit row
  control,    // KillSwitch, StrategyLock, Audit: configuration must stay repairable
  telemetry,  // KillSwitch, Firearms, StrategyLock, Audit
  full,       // the whole chain
};

std::string_view to_string(Policy policy);

/// The tenant and env by whose documents a request is judged.
struct GateScope {
  const TenantId& tenant;
  Env env;
};

/// One act before the gates.
struct Question {
  const Caller& caller;
  std::string_view action;
  std::string_view surface;
  Policy policy;
  std::string_view own_action = {};         // the route's own, where `action` is one that the request names
  std::vector<std::string> providers = {};  // that the request names, if any
  Micros now = 0;
  std::string subject_type = {};  // of an act outside Nexus: agent, tool, surface, app, user
  std::string subject_id = {};
  bool strict = true;           // the env is one where nothing configured means no
  std::optional<Env> env = {};  // instead of the caller's
  bool tightens = false;        // it only makes things tighter: judged by who acts alone
  bool lifts_switches = false;  // the route lifts kill switches: no switch on an action judges it

  /// Where the request stands: without an env in prod, without a tenant in (t_system, prod).
  GateScope scope() const {
    return {caller.tenant_id ? *caller.tenant_id : TenantId::system(), env.value_or(caller.env_id.value_or(Env::prod))};
  }
};

enum class Verdict { pass, block, not_configured, skipped, overridden };
std::string_view to_string(Verdict verdict);

struct GateAnswer {
  std::string_view gate;
  Verdict verdict = Verdict::pass;
  std::optional<Code> code = {};  // of a block
  std::string detail = {};
  std::string remedy = {};  // a nexusctl line
  Json input = nullptr;     // the facts it decided on: integers and texts only, decimals as texts
};

struct Decision {
  std::string decision_id;
  std::string action;
  std::string surface;
  std::vector<GateAnswer> gates;

  /// The first gate that blocks; nullptr when all let pass.
  const GateAnswer* blocked() const;
  /// `{"decision_id","action","surface","result","gates":[…]}`; with `remedies`, each blocking gate's too.
  Json to_json(bool remedies = false) const;
  /// The `gates` of to_json alone, as the audit row keeps them.
  Json gates_json(bool remedies = false) const;
  /// The refusal of blocked(), which must not be null.
  Problem refusal() const;
};

}  // namespace nexus::gates
