// The question to a gate and the decision of the chain of gates. Plain values; the chain itself is in chain.hpp.
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
  audited,    // identity, locks, questions: mutations are audited, nothing is gated
  read,       // kill switch (when named) and rate limit; no audit row
  control,    // KillSwitch, StrategyLock, Audit: configuration must remain repairable
  telemetry,  // KillSwitch, Firearms, StrategyLock, Audit
  full,       // the whole chain
};

std::string_view to_string(Policy policy);

/// The strict envs: there an unconfigured gate refuses instead of letting pass. prod is always strict.
class Strictness {
 public:
  explicit Strictness(const std::vector<Env>& strict = {Env::staging, Env::prod}) {
    for (const Env env : strict) set_[static_cast<std::size_t>(env)] = true;
    set_[static_cast<std::size_t>(Env::prod)] = true;
  }
  bool operator()(Env env) const { return set_[static_cast<std::size_t>(env)]; }

 private:
  bool set_[3] = {};
};

/// The tenant and env whose documents judge a request.
struct GateScope {
  const TenantId& tenant;
  Env env;
};

/// One act that the gates judge.
struct Question {
  const Caller& caller;
  std::string_view action;
  std::string_view surface;
  Policy policy;
  std::string_view own_action = {};         // the route's own, when the request names `action`
  std::vector<std::string> providers = {};  // named by the request, if any
  Micros now = 0;
  std::string subject_type = {};  // of an act outside Nexus: agent, tool, surface, app, user
  std::string subject_id = {};
  bool strict = true;           // in this env an unconfigured gate refuses
  std::optional<Env> env = {};  // instead of the caller's
  bool tightens = false;        // it only tightens: only the caller is judged
  bool lifts_switches = false;  // the route lifts kill switches: no switch on an action judges it

  /// The tenant and env of the request: prod without an env, (t_system, prod) without a tenant.
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
  Json input = nullptr;     // the facts of the decision: integers and texts only, decimals as texts
};
/// A refusal.
GateAnswer block(std::string_view gate, Code code, std::string detail, std::string remedy, Json input = nullptr);

/// The shortest text that reads back as the same number. The facts of a decision go into the audit row, whose canonical
/// form has no floats.
std::string decimal(double value);

struct Decision {
  std::string decision_id;  // empty when `decide` let a read pass
  std::string action;
  std::string surface;
  std::vector<GateAnswer> gates;

  /// The first blocking gate; nullptr when all let pass.
  const GateAnswer* blocked() const;
  /// `{"decision_id","action","surface","result","gates":[…]}`; with `remedies`, each blocking gate's too.
  Json to_json(bool remedies = false) const;
  /// The `gates` of to_json alone.
  Json gates_json(bool remedies = false) const;
  /// Their canonical text with remedies, as the audit row keeps them: the writer makes one for each act.
  std::string gates_text() const;
  /// The refusal of blocked(), which must not be null.
  Problem refusal() const;
};

}  // namespace nexus::gates
