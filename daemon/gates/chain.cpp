#include "daemon/gates/chain.hpp"

#include "daemon/base/uuid.hpp"
#include "daemon/gates/kill_switch.hpp"

namespace nexus::gates {
namespace {

bool uses_kill_switch(Policy policy) { return policy != Policy::none && policy != Policy::audited; }

GateAnswer ask_kill_switch(const store::Reader& reader, const Question& question) {
  const auto stored =
      store::find_kill_switches(reader, question.caller.tenant().str(), to_string(question.caller.env()));
  return judge_kill_switch(in_force(stored, question.now), question);
}

/// One gate of the chain: for which policies it stands, and how it is asked.
struct Gate {
  bool (*stands_for)(Policy policy);
  GateAnswer (*ask)(const store::Reader& reader, const Question& question);
};

constexpr Gate kChain[] = {
    {uses_kill_switch, ask_kill_switch},
};

}  // namespace

Decision decide(const store::Reader& reader, const Question& question) {
  Decision decision{uuid_v7(), std::string(question.action), std::string(question.surface), {}};
  for (const Gate& gate : kChain) {
    if (!gate.stands_for(question.policy)) continue;
    decision.gates.push_back(gate.ask(reader, question));
    if (decision.gates.back().verdict == Verdict::block) break;
  }
  return decision;
}

}  // namespace nexus::gates
