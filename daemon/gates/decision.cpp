#include "daemon/gates/decision.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "daemon/base/problems.hpp"

namespace nexus::gates {

std::string_view to_string(Policy policy) {
  static constexpr std::string_view kNames[] = {"none", "audited", "read", "control", "telemetry", "full"};
  return kNames[static_cast<std::size_t>(policy)];
}

std::string_view to_string(Verdict verdict) {
  static constexpr std::string_view kNames[] = {"pass", "block", "not_configured", "skipped", "overridden"};
  return kNames[static_cast<std::size_t>(verdict)];
}

std::string decimal(double value) {
  char text[32];
  const auto [end, error] = std::to_chars(text, text + sizeof text, value);
  return error == std::errc() ? std::string(text, end) : std::string("?");
}

GateAnswer block(std::string_view gate, Code code, std::string detail, std::string remedy, Json input) {
  return {.gate = gate,
          .verdict = Verdict::block,
          .code = code,
          .detail = std::move(detail),
          .remedy = std::move(remedy),
          .input = std::move(input)};
}

const GateAnswer* Decision::blocked() const {
  const auto found = std::ranges::find(gates, Verdict::block, &GateAnswer::verdict);
  return found == gates.end() ? nullptr : &*found;
}

Json Decision::gates_json(bool remedies) const {
  Json::array_t list;
  list.reserve(gates.size());
  for (const auto& gate : gates) {
    Json item = make_object({{"gate", gate.gate}, {"verdict", to_string(gate.verdict)}});
    if (gate.code) item["code"] = info(*gate.code).code;
    if (!gate.detail.empty()) item["detail"] = gate.detail;
    if (!gate.input.is_null()) item["input"] = gate.input;
    if (remedies && !gate.remedy.empty()) item["remedy"] = gate.remedy;
    list.push_back(std::move(item));
  }
  return list;
}

std::string Decision::gates_text() const {
  std::string out;
  out.reserve(64 * gates.size() + 2);
  const auto add = [&out](std::string_view key, std::string_view text) {
    out.append(key);
    append_canonical(out, text);
  };
  char before = '[';
  for (const GateAnswer& gate : gates) {
    out += std::exchange(before, ',');
    out += '{';
    if (gate.code) add(R"("code":)", info(*gate.code).code), out += ',';
    if (!gate.detail.empty()) add(R"("detail":)", gate.detail), out += ',';
    add(R"("gate":)", gate.gate);
    if (!gate.input.is_null()) out.append(R"(,"input":)").append(canonical(gate.input));
    if (!gate.remedy.empty()) add(R"(,"remedy":)", gate.remedy);
    add(R"(,"verdict":)", to_string(gate.verdict));
    out += '}';
  }
  return out.append(gates.empty() ? "[]" : "]");
}

Json Decision::to_json(bool remedies) const {
  return make_object({{"decision_id", decision_id},
                      {"action", action},
                      {"surface", surface},
                      {"result", blocked() == nullptr ? "PASS" : "BLOCK"},
                      {"gates", gates_json(remedies)}});
}

Problem Decision::refusal() const {
  const GateAnswer& gate = *blocked();
  Problem problem(gate.code.value_or(problems::internal_error), gate.detail);
  problem.remedy = gate.remedy;
  problem.decision = to_json();
  return problem;
}

}  // namespace nexus::gates
