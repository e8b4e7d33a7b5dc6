// The kill switch as a decision table: document, question, verdict.
#include "daemon/gates/kill_switch.hpp"

#include "daemon/gates/problems.hpp"
#include "tests/catch.hpp"

namespace nexus::gates {
namespace {

using Kind = store::SwitchEntry::Kind;

constexpr Micros kSwitchNow = 1'800'000'000 * kSecond;

struct SwitchRow {
  std::string name;
  std::vector<std::string> disabled_actions = {};
  std::vector<std::string> disabled_providers = {};
  bool disable_autonomy = false;
  std::vector<std::string> disabled_users = {};
  // the question
  std::string action;
  Policy policy = Policy::full;
  std::string actor = "human";
  std::vector<std::string> providers = {};
  std::string own_action = {};
  bool tightens = false;
  bool lifts_switches = false;
  // the answer
  Verdict verdict = Verdict::pass;
};

const std::vector<SwitchRow> kSwitchTable = {
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
     .lifts_switches = true,
     .verdict = Verdict::skipped},
    {.name = "the switch is never judged by the star",
     .disabled_actions = {"*"},
     .action = "kill_switch_update",
     .policy = Policy::control,
     .lifts_switches = true,
     .verdict = Verdict::skipped},
    {.name = "another route that calls itself so is judged",
     .disabled_actions = {"kill_switch_update"},
     .action = "kill_switch_update",
     .policy = Policy::control,
     .verdict = Verdict::block},
    {.name = "an act outside stops with the route that asks for it",
     .disabled_actions = {"gates_check"},
     .action = "publish",
     .own_action = "gates_check",
     .verdict = Verdict::block},
    {.name = "what only tightens is never judged by an action",
     .disabled_actions = {"limits_update", "*"},
     .action = "limits_update",
     .policy = Policy::control,
     .tightens = true},
    {.name = "an action that is not gated is not judged by its name",
     .disabled_actions = {"lock_create", "*"},
     .action = "lock_create",
     .policy = Policy::audited},
    // ---- users ----
    {.name = "a user who is switched off writes nothing",
     .disabled_users = {"u_ann"},
     .action = "raw_register",
     .verdict = Verdict::block},
    {.name = "and reads nothing",
     .disabled_users = {"u_bob", "u_ann"},
     .action = "member_list",
     .policy = Policy::none,
     .verdict = Verdict::block},
    {.name = "nor lifts a switch",
     .disabled_users = {"u_ann"},
     .action = "kill_switch_update",
     .policy = Policy::control,
     .lifts_switches = true,
     .verdict = Verdict::block},
    {.name = "nor tightens anything",
     .disabled_users = {"u_ann"},
     .action = "limits_update",
     .policy = Policy::control,
     .tightens = true,
     .verdict = Verdict::block},
    {.name = "another user", .disabled_users = {"u_an", "u_anne"}, .action = "raw_register"},
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
    {.name = "autonomy off stops an agent's configuration",
     .disable_autonomy = true,
     .action = "limits_update",
     .policy = Policy::control,
     .actor = "agent",
     .verdict = Verdict::block},
    {.name = "autonomy off stops what is not gated",
     .disable_autonomy = true,
     .action = "token_create",
     .policy = Policy::audited,
     .actor = "agent",
     .verdict = Verdict::block},
    {.name = "autonomy off stops an agent that lifts a switch",
     .disable_autonomy = true,
     .action = "kill_switch_update",
     .policy = Policy::control,
     .actor = "agent",
     .lifts_switches = true,
     .verdict = Verdict::block},
    {.name = "autonomy off spares an agent that tightens",
     .disable_autonomy = true,
     .action = "limits_update",
     .policy = Policy::control,
     .actor = "agent",
     .tightens = true},
    {.name = "autonomy off spares an agent that reads",
     .disable_autonomy = true,
     .action = "raw_read",
     .policy = Policy::read,
     .actor = "agent"},
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

GateAnswer judge_switch(const SwitchRow& row) {
  store::KillSwitches document;
  for (const auto& name : row.disabled_actions) document.entries.push_back({Kind::action, name});
  for (const auto& name : row.disabled_providers) document.entries.push_back({Kind::provider, name});
  for (const auto& name : row.disabled_users) document.entries.push_back({Kind::user, name});
  if (row.disable_autonomy) document.entries.push_back({Kind::autonomy, ""});
  Caller caller;
  caller.user_id = "u_ann";
  caller.actor_type = row.actor;
  return judge_kill_switch(document, Holder::tenant,
                           {.caller = caller,
                            .action = row.action,
                            .surface = "raw_storage",
                            .policy = row.policy,
                            .own_action = row.own_action,
                            .providers = row.providers,
                            .now = kSwitchNow,
                            .tightens = row.tightens,
                            .lifts_switches = row.lifts_switches});
}

TEST_CASE("the kill switch decides as its table says") {
  for (const SwitchRow& row : kSwitchTable) {
    INFO(row.name);
    const GateAnswer answer = judge_switch(row);
    CHECK(answer.gate == "kill_switch");
    CHECK(to_string(answer.verdict) == to_string(row.verdict));
    CHECK((answer.code == problems::kill_switch_blocked) == (row.verdict == Verdict::block));
    CHECK(answer.remedy.starts_with("nexusctl kill ") == (row.verdict == Verdict::block));
  }
}

TEST_CASE("a block never repeats the provider that was sent") {
  const GateAnswer answer = judge_switch({.name = "",
                                          .disabled_providers = {"hush"},
                                          .action = "usage_record",
                                          .policy = Policy::telemetry,
                                          .providers = {"hush"}});
  REQUIRE(answer.verdict == Verdict::block);
  CHECK(answer.detail.find("hush") == std::string::npos);
  CHECK(answer.remedy.find("hush") == std::string::npos);
}

TEST_CASE("a document that was never set disables nothing") {
  const auto document = in_force(std::nullopt, kSwitchNow);
  CHECK(document.entries.empty());
  CHECK(document.version == 0);
}

TEST_CASE("a refusal by the operator's document says who lifts it") {
  store::KillSwitches document;
  document.entries.push_back({Kind::action, "raw_register"});
  Caller caller;
  const Question question{.caller = caller, .action = "raw_register", .surface = "raw_storage", .policy = Policy::full};
  const GateAnswer answer = judge_kill_switch(document, Holder::everywhere, question);
  CHECK(answer.detail ==
        "the action raw_register is switched off in this env of every tenant: only the operator lifts it");
  CHECK(answer.remedy == "nexusctl kill everywhere allow raw_register --token-file FILE");
}

TEST_CASE("entries without an end of their own end with the document, which keeps its version") {
  store::KillSwitches stored;
  stored.entries.push_back({Kind::action, "*"});
  stored.entries.push_back({.kind = Kind::provider, .name = "openai", .ends_with_document = false});
  stored.entries.push_back(
      {.kind = Kind::user, .name = "u_ann", .ends_with_document = false, .expires_at = kSwitchNow + 2});
  stored.reason = "an incident";
  stored.version = 7;
  CHECK(in_force(stored, kSwitchNow).entries.size() == 3);
  stored.expires_at = kSwitchNow + 1;
  CHECK(in_force(stored, kSwitchNow).entries.size() == 3);
  stored.expires_at = kSwitchNow;
  const auto later = in_force(stored, kSwitchNow);
  REQUIRE(later.entries.size() == 2);
  CHECK(later.entries[0].name == "openai");
  CHECK(later.entries[1].name == "u_ann");
  CHECK(later.entries[1].reason == "an incident");  // it outlives the document's own
  CHECK_FALSE(later.reason);
  CHECK_FALSE(later.expires_at);
  CHECK(later.version == 7);
  CHECK(in_force(stored, kSwitchNow + 2).entries.size() == 1);
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
  decision.gates[1].code = problems::kill_switch_blocked;
  decision.gates[1].detail = "why";
  decision.gates[1].remedy = "nexusctl kill show";
  REQUIRE(decision.blocked() != nullptr);
  CHECK(decision.blocked()->gate == "budget");
  const Problem refusal = decision.refusal();
  CHECK(refusal.code == problems::kill_switch_blocked);
  CHECK(refusal.detail == "why");
  CHECK(refusal.remedy == "nexusctl kill show");
  CHECK(refusal.decision == parse_json(R"({"decision_id":"d","action":"a","surface":"s","result":"BLOCK","gates":[
                        {"gate":"kill_switch","verdict":"pass"},
                        {"gate":"budget","verdict":"block","code":"kill_switch_blocked","detail":"why"}]})"));
}

TEST_CASE("the text of the gates is the canonical form of what a decision shows") {
  Decision decision{"d", "a", "s", {}};
  CHECK(decision.gates_text() == "[]");
  for (const bool coded : {false, true})
    for (const char* detail : {"", "a \"quoted\" \xC3\xBC"})
      for (const Json& input : {Json(), Json{{"level", "high"}, {"count", 3}}}) {
        GateAnswer answer = answer_of("budget", Verdict::block);
        if (coded) answer.code = problems::kill_switch_blocked;
        answer.detail = detail;
        answer.remedy = "nexusctl kill show";
        answer.input = input;
        decision.gates.push_back(answer);
        CHECK(decision.gates_text() == canonical(decision.gates_json(true)));
      }
  decision.gates.front().input = {{"share", 0.5}};
  CHECK_THROWS_AS(decision.gates_text(), JsonError);
}

}  // namespace
}  // namespace nexus::gates
