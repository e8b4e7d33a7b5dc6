// nexusctl gate: what the gates would say about an act (explain), what they say about an act outside Nexus (check), and
// why they decided as they did (why, from the audit row).
#include "cli/engine/one_request.hpp"
#include "daemon/base/counted.hpp"
#include "daemon/base/money.hpp"

namespace nexus::cli {
namespace {

constexpr int kBlocked = 1;  // a negative answer, not a failure

const Shape kDecisionShape = {"result", {"action", "surface", "result", "decision_id"}};
const Shape kGateShape = {"gate", {"gate", "verdict", "code", "detail", "remedy"}};

Json question_of(const Values& values) {
  return texts_of(values, {"ACTION", "--surface", "--subject-type", "--subject-id", "--provider"});
}

bool is_blocked(const Json& decision) { return value_at(decision, "result") == "BLOCK"; }

/// The facts of a budget that lets pass, as a sentence; empty for every other gate.
std::string figures_of(const Json& gate) {
  std::string text;
  for (const auto& policy : value_at(gate, "input.policies"))
    text += (text.empty() ? "" : "; ") + cell_at(policy, "surface") + ": " +
            amount_text(policy.value("cost_micros", 0LL)) + " of " +
            amount_text(policy.value("threshold_micros", 0LL)) + " " + cell_at(policy, "currency") + " in " +
            counted(policy.value("window_days", 0LL), "day");
  return text;
}

/// Refusals before the gates, and the gates, as rows of one table. The commands that help repeat the typed options.
Json rows_of(const Json& decision, const Json& gates, const Settings& settings) {
  Json rows = Json::array();
  for (const auto& refusal : value_at(decision, "preconditions")) {
    Json row = refusal;
    row["gate"] = "before: " + refusal.value("route", "");
    row["verdict"] = "block";
    rows.push_back(std::move(row));
  }
  for (const auto& gate : gates) rows.push_back(gate);
  for (auto& row : rows) {
    if (const std::string figures = figures_of(row); !figures.empty() && !row.contains("detail"))
      row["detail"] = figures;
    if (const Json& remedy = value_at(row, "remedy"); remedy.is_string())
      row["remedy"] = with_typed(remedy.get<std::string>(), settings.typed);
  }
  return rows;
}

/// People get the gates as a table, scripts the whole decision.
void print_decision(Session& session, const Json& document) {
  const Json& decision = value_at(document, "decision");
  const Json* gates = at_path(decision, "gates");
  if (gates == nullptr || session.json_output() || session.settings().field) {
    session.print_record(document, kDecisionShape);
    return;
  }
  session.print_list({{"items", rows_of(decision, *gates, session.settings())}, {"next_cursor", nullptr}}, kGateShape);
  session.note(is_blocked(decision) ? "BLOCK" : "PASS");
}

/// A remark about a misspelt name must be seen even with --quiet: the decision is not about the act that was meant.
void warn_unknown(Session& session, const std::string& action, const Json& document) {
  const Json& near = value_at(document, "near");
  std::string text = "nobody knows the action " + action;
  if (near.is_string()) text += "; did you mean " + near.get<std::string>() + "?";
  session.warn(text);
}

int run_explain(Session& session, const Values& values) {
  Json body = question_of(values);
  if (const auto user = values.find("--as")) body["as_user"] = *user;
  const Answer answer = session.call({.method = "POST", .path = "/gates/explain", .body = std::move(body)});
  const Json& decision = value_at(answer.json, "decision");
  const bool is_unknown = value_at(answer.json, "known") == false;
  const bool judged = decision.is_object();
  if (judged || session.json_output() || session.settings().field) print_decision(session, answer.json);
  if (is_unknown) warn_unknown(session, values.text("ACTION"), answer.json);
  return is_unknown || !judged || is_blocked(decision) ? kBlocked : 0;
}

int run_gate_check(Session& session, const Values& values) {
  Json body = question_of(values);
  if (!body.contains("surface")) body["surface"] = "control";
  const Answer answer =
      session.call({.method = "POST", .path = "/gates/check", .body = std::move(body), .retry = false});
  print_decision(session, answer.json);
  return 0;
}

int run_why(Session& session, const Values& values) {
  const Answer answer = session.call({.path = "/audit/" + segment(values.text("SEQ"))});
  const Json& text = value_at(answer.json, "body");
  const Json body = text.is_string() ? parse_own_json(text.get<std::string>()) : text.is_null() ? Json::object() : text;
  Json decision = {{"action", body.value("action", "")},
                   {"surface", body.value("surface", "")},
                   {"result", body.value("result", "")},
                   {"gates", body.value("gates", Json::array())}};
  print_decision(session, {{"decision", std::move(decision)}});
  return 0;
}

constexpr const char* kGateDescription = R"(
Every change passes the gates in one order: kill switch, firearms, strategy lock and three-wise, budget, KPI,
temperature. Then the daemon writes its audit row. The first gate that refuses ends it.)";

constexpr const char* kExplainDescription = R"(
The daemon judges an action of its own under the surface of its route, which you need not name. Name the surface where
the body of the act names it (budgets, corridors, temperatures, analytics, locks), and for acts of your own.

What would refuse before the gates comes first: a role that is too low, a suspended tenant, a feature that is off,
local storage in prod. Each refusal comes with a command that would help.)";

constexpr const char* kExplainExitStatus = R"(
`gate explain` exits with 1 when something would refuse, and when nobody knows the action: neither this daemon, nor a
declared dangerous action, nor a lock in force.)";

constexpr const char* kCheckDescription = R"(
Use it for an agent that is about to publish, or a tool that is about to run. It leaves an audit row. The action is
one of your own: what this daemon does itself passes the gates where it is done.)";

}  // namespace

Command gate_command() {
  const Parameter action = argument("ACTION", "such as raw_register, or one of your own");
  const Parameter judged = option("--surface", "SURFACE", "the product area, where the action leaves it open");
  const Parameter surface = option("--surface", "SURFACE", "the product area; control without it");
  const Parameter subject_type = one_of({"agent", "tool", "surface", "app", "user"},
                                        option("--subject-type", "TYPE", "agent, tool, surface, app or user"));
  const Parameter subject_id = option("--subject-id", "ID", "who acts; needs its own licence");
  const Parameter provider = option("--provider", "NAME", "a provider that the act uses");
  return {.name = "gate",
          .topic = Topic::decide,
          .summary = "the gates: what they would say, say, and said",
          .description = kGateDescription,
          .see_also = "nexusctl-kill(1)",
          .example = "nexusctl gate explain raw_register",
          .commands = {
              {.name = "explain",
               .summary = "ask every gate, past the first refusal, and change nothing",
               .description = kExplainDescription,
               .exit_status = kExplainExitStatus,
               .example = "nexusctl gate explain raw_register\n"
                          "nexusctl gate explain budget_policy_update --surface cards",
               .parameters = {action, judged, option("--as", "USER_ID", "another member, for admins"), subject_type,
                              subject_id, provider},
               .run = run_explain},
              {.name = "check",
               .summary = "pass an act outside Nexus through the gates",
               .description = kCheckDescription,
               .exit_status = "`gate check` exits with 5 when a gate refuses.",
               .example = "nexusctl gate check send_newsletter --surface mail",
               .parameters = {action, surface, subject_type, subject_id, provider},
               .run = run_gate_check},
              {.name = "why",
               .summary = "what the gates said, from the audit row",
               .example = "nexusctl gate why SEQ",
               .parameters = {argument("SEQ", "the row's number, as in Nexus-Audit-Seq")},
               .run = run_why},
          }};
}

}  // namespace nexus::cli
