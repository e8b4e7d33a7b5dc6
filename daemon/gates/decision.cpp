#include "daemon/gates/decision.hpp"

#include "daemon/base/problems.hpp"

namespace nexus::gates {

std::string_view to_string(Policy policy) {
  switch (policy) {
    case Policy::none:
      return "none";
    case Policy::audited:
      return "audited";
    case Policy::read:
      return "read";
    case Policy::control:
      return "control";
    case Policy::telemetry:
      return "telemetry";
    case Policy::full:
      return "full";
  }
  return "";
}

std::string_view to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::pass:
      return "pass";
    case Verdict::block:
      return "block";
    case Verdict::not_configured:
      return "not_configured";
    case Verdict::skipped:
      return "skipped";
    case Verdict::overridden:
      return "overridden";
  }
  return "";
}

const GateAnswer* Decision::blocked() const {
  for (const auto& gate : gates)
    if (gate.verdict == Verdict::block) return &gate;
  return nullptr;
}

Json Decision::gates_json(bool remedies) const {
  Json list = Json::array();
  for (const auto& gate : gates) {
    Json item = {{"gate", gate.gate}, {"verdict", to_string(gate.verdict)}};
    if (gate.code) item["code"] = info(*gate.code).code;
    if (!gate.detail.empty()) item["detail"] = gate.detail;
    if (!gate.input.is_null()) item["input"] = gate.input;
    if (remedies && !gate.remedy.empty()) item["remedy"] = gate.remedy;
    list.push_back(std::move(item));
  }
  return list;
}

Json Decision::to_json(bool remedies) const {
  return {{"decision_id", decision_id},
          {"action", action},
          {"surface", surface},
          {"result", blocked() == nullptr ? "PASS" : "BLOCK"},
          {"gates", gates_json(remedies)}};
}

Problem Decision::refusal() const {
  const GateAnswer& gate = *blocked();
  Problem problem(gate.code.value_or(problems::internal_error), gate.detail);
  problem.remedy = gate.remedy;
  problem.decision = to_json();
  return problem;
}

}  // namespace nexus::gates
