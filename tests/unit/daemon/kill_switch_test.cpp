// The kill switch as a decision table: document, question, verdict.
#include "daemon/gates/kill_switch.hpp"

#include "tests/catch.hpp"

namespace nexus::gates {
namespace {

constexpr Micros kNow = 1'800'000'000 * kSecond;

struct Row {
  std::string name;
  std::vector<std::string> disabled_actions = {};
  std::vector<std::string> disabled_providers = {};
  bool disable_autonomy = false;
  // the question
  std::string action;
  Policy policy = Policy::full;
  std::string actor = "human";
  std::vector<std::string> providers = {};
  // the answer
  Verdict verdict = Verdict::pass;
};

const std::vector<Row> kTable = {
    {.name = "nothing is disabled", .action = "raw_register"},
    {.name = "the action is named",
     .disabled_actions = {"raw_register"},
     .action = "raw_register",
     .verdict = Verdict::block},
    {.name = "another action is named", .disabled_actions = {"raw_presign"}, .action = "raw_register"},
    {.name = "a longer name is another action", .disabled_actions = {"raw_registers", "raw"}, .action = "raw_register"},
    {.name = "a name in capitals is another action", .disabled_actions = {"RAW_REGISTER"}, .action = "raw_register"},
    {.name = "one of several is named",
     .disabled_actions = {"a", "b", "raw_register"},
     .action = "raw_register",
     .verdict = Verdict::block},
    // ---- the star ----
    {.name = "the star stops full", .disabled_actions = {"*"}, .action = "raw_register", .verdict = Verdict::block},
    {.name = "the star stops telemetry",
     .disabled_actions = {"*"},
     .action = "usage_record",
     .policy = Policy::telemetry,
     .verdict = Verdict::block},
    {.name = "the star spares reads", .disabled_actions = {"*"}, .action = "raw_read", .policy = Policy::read},
    {.name = "the star spares control",
     .disabled_actions = {"*"},
     .action = "limits_update",
     .policy = Policy::control},
    {.name = "a read stops when named",
     .disabled_actions = {"raw_read"},
     .action = "raw_read",
     .policy = Policy::read,
     .verdict = Verdict::block},
    {.name = "a control action stops when named",
     .disabled_actions = {"limits_update"},
     .action = "limits_update",
     .policy = Policy::control,
     .verdict = Verdict::block},
    // ---- the switch itself ----
    {.name = "the switch is never judged by its name",
     .disabled_actions = {"kill_switch_update"},
     .action = "kill_switch_update",
     .policy = Policy::control,
     .verdict = Verdict::skipped},
    {.name = "the switch is never judged by the star",
     .disabled_actions = {"*"},
     .action = "kill_switch_update",
     .policy = Policy::control,
     .verdict = Verdict::skipped},
    // ---- autonomy ----
    {.name = "autonomy off stops an agent",
     .disable_autonomy = true,
     .action = "raw_register",
     .actor = "agent",
     .verdict = Verdict::block},
    {.name = "autonomy off stops an agent's telemetry",
     .disable_autonomy = true,
     .action = "usage_record",
     .policy = Policy::telemetry,
     .actor = "agent",
     .verdict = Verdict::block},
    {.name = "autonomy off spares a human", .disable_autonomy = true, .action = "raw_register"},
    {.name = "autonomy off spares the system token",
     .disable_autonomy = true,
     .action = "raw_register",
     .actor = "system"},
    {.name = "autonomy on lets an agent act", .action = "raw_register", .actor = "agent"},
    // ---- providers ----
    {.name = "a disabled provider",
     .disabled_providers = {"openai"},
     .action = "usage_record",
     .policy = Policy::telemetry,
     .providers = {"openai"},
     .verdict = Verdict::block},
    {.name = "a disabled provider in capitals",
     .disabled_providers = {"openai"},
     .action = "usage_record",
     .policy = Policy::telemetry,
     .providers = {"OpenAI"},
     .verdict = Verdict::block},
    {.name = "one of a batch",
     .disabled_providers = {"openai"},
     .action = "usage_record",
     .policy = Policy::telemetry,
     .providers = {"a", "b", "openai"},
     .verdict = Verdict::block},
    {.name = "another provider",
     .disabled_providers = {"openai"},
     .action = "usage_record",
     .policy = Policy::telemetry,
     .providers = {"openai2"}},
    {.name = "no provider is named", .disabled_providers = {"openai"}, .action = "raw_register"},
};

GateAnswer judge(const Row& row) {
  store::KillSwitches document;
  document.disabled_actions = row.disabled_actions;
  document.disable_providers = row.disabled_providers;
  document.disable_autonomy = row.disable_autonomy;
  Caller caller;
  caller.actor_type = row.actor;
  return judge_kill_switch(document, {.caller = caller,
                                      .action = row.action,
                                      .surface = "raw_storage",
                                      .policy = row.policy,
                                      .providers = row.providers,
                                      .now = kNow});
}

TEST_CASE("the kill switch decides as its table says") {
  for (const Row& row : kTable) {
    INFO(row.name);
    const GateAnswer answer = judge(row);
    CHECK(answer.gate == "kill_switch");
    CHECK(to_string(answer.verdict) == to_string(row.verdict));
    CHECK((answer.code == Code::kill_switch_blocked) == (row.verdict == Verdict::block));
    CHECK(answer.remedy.starts_with("nexusctl kill ") == (row.verdict == Verdict::block));
  }
}

TEST_CASE("a block never repeats the provider that was sent") {
  const GateAnswer answer = judge({.name = "",
                                   .disabled_providers = {"hush"},
                                   .action = "usage_record",
                                   .policy = Policy::telemetry,
                                   .providers = {"HUSH"}});
  REQUIRE(answer.verdict == Verdict::block);
  CHECK(answer.detail.find("HUSH") == std::string::npos);
  CHECK(answer.remedy.find("HUSH") == std::string::npos);
}

TEST_CASE("a document that was never set disables nothing") {
  const auto document = in_force(std::nullopt, kNow);
  CHECK(document.disabled_actions.empty());
  CHECK(document.disable_providers.empty());
  CHECK_FALSE(document.disable_autonomy);
  CHECK(document.version == 0);
}

TEST_CASE("a document ends by itself at its time, but keeps its version") {
  store::KillSwitches stored;
  stored.disabled_actions = {"*"};
  stored.disable_providers = {"openai"};
  stored.disable_autonomy = true;
  stored.version = 7;
  CHECK(in_force(stored, kNow).disabled_actions.size() == 1);
  stored.expires_at = kNow + 1;
  CHECK(in_force(stored, kNow).disabled_actions.size() == 1);
  stored.expires_at = kNow;
  const auto expired = in_force(stored, kNow);
  CHECK(expired.disabled_actions.empty());
  CHECK(expired.disable_providers.empty());
  CHECK_FALSE(expired.disable_autonomy);
  CHECK(expired.version == 7);
}

GateAnswer answer_of(std::string_view gate, Verdict verdict) {
  GateAnswer answer;
  answer.gate = gate;
  answer.verdict = verdict;
  return answer;
}

TEST_CASE("a decision without a block passes") {
  const Decision decision{"d",
                          "a",
                          "s",
                          {answer_of("kill_switch", Verdict::skipped), answer_of("kpi", Verdict::not_configured),
                           answer_of("budget", Verdict::overridden)}};
  CHECK(decision.blocked() == nullptr);
  CHECK(decision.to_json()["result"] == "PASS");
}

TEST_CASE("a decision names its first block and answers it as a refusal") {
  Decision decision{"d", "a", "s", {answer_of("kill_switch", Verdict::pass), answer_of("budget", Verdict::block)}};
  decision.gates[1].code = Code::kill_switch_blocked;
  decision.gates[1].detail = "why";
  decision.gates[1].remedy = "nexusctl kill show";
  REQUIRE(decision.blocked() != nullptr);
  CHECK(decision.blocked()->gate == "budget");
  const Problem refusal = decision.refusal();
  CHECK(refusal.code == Code::kill_switch_blocked);
  CHECK(refusal.detail == "why");
  CHECK(refusal.remedy == "nexusctl kill show");
  CHECK(refusal.decision == parse_json(R"({"decision_id":"d","action":"a","surface":"s","result":"BLOCK","gates":[
                        {"gate":"kill_switch","verdict":"pass"},
                        {"gate":"budget","verdict":"block","code":"kill_switch_blocked","detail":"why"}]})"));
}

}  // namespace
}  // namespace nexus::gates
