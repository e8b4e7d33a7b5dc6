// nexusctl budget: usage and its cost, and the thresholds of surfaces.
#include "cli/commands/measures.hpp"
#include "cli/engine/one_request.hpp"
#include "daemon/base/counted.hpp"

namespace nexus::cli {
namespace {

const Shape kUsageShape = {
    "usage_id",
    {"usage_id", "occurred_at", "surface", "provider", "tokens_input", "tokens_output", "cost", "voided_at"}};
const Shape kPolicyShape = {"surface", {"surface", "threshold", "spent", "window_days"}};
const Shape kGroupShape = {"key", {"key", "cost", "count"}};

Json cost_of(const Values& values, const std::string& amount) {
  return {{"amount_micros", micros_of(amount, values.text(amount))}, {"currency", values.text("--currency")}};
}

Json usage_of(const Values& values) {
  Json body = {{"provider", values.text("PROVIDER")},
               {"cost", cost_of(values, "--cost")},
               {"tokens_input", values.number("--tokens-input", 0, 1'000'000'000'000).value_or(0)},
               {"tokens_output", values.number("--tokens-output", 0, 1'000'000'000'000).value_or(0)}};
  body.update(texts_of(
      values,
      {"--surface", "--tool-type", "--tool-id", {"--model", "model_or_plan_id"}, "--usage-id", "--occurred-at"}));
  if (values.given("--metric")) body["metadata"] = numbers_of("--metric", values.list("--metric"));
  return body;
}

// People get the groups and the total; programs get the whole document.
int run_summary(Session& session, const Values& values) {
  window_days_of(values);
  const Json summary = session
                           .call(request_of({.path = "/budget/usage/summary"}, session, values,
                                            {"--surface", "--window-days", "--group-by"}))
                           .json;
  const Format format = session.view().format;
  if (session.json_output() || format == Format::yaml || session.settings().field) {
    session.print_record(summary, {"surface", {"surface", "total_cost", "total_events"}});
    return 0;
  }
  session.print_list({{"items", value_at(summary, "grouped")}, {"next_cursor", nullptr}}, kGroupShape);
  session.note("in all " + cell_at(summary, "total_cost") + " by " +
               counted(summary.value("total_events", 0LL), "event") + " in " +
               counted(summary.value("window_days", 0LL), "day"));
  return 0;
}

Json policy_of(const Values& values) {
  return {{"surface", values.text("SURFACE")},
          {"threshold", cost_of(values, "--threshold")},
          {"window_days", window_days_of(values).value_or(7)}};
}

constexpr const char* kBudgetDescription = R"(
Usage is what somebody paid a provider for. A budget is the most that a surface, or all surfaces together (`*`), may
cost in a window of days. The daemon refuses what exceeds its budget until the window has moved on or somebody raises
the budget. Members record usage; admins and owners set budgets.

Amounts are decimals here and whole micro-units in JSON: 0.125 is 125000. A tenant and env keep one currency, the first
one that was written; its three letters may be typed in any case.)";

Parameter group_option() {
  return one_of({"provider", "surface", "model_or_plan_id", "tool_type"},
                option("--group-by", "WHAT", "provider, surface, model_or_plan_id or tool_type (provider)"));
}

}  // namespace

Command budget_command() {
  const Parameter currency = required_option("--currency", "CODE", "three letters, such as USD");
  return {
      .name = "budget",
      .topic = Topic::measure,
      .summary = "usage, its cost, and the thresholds of surfaces",
      .description = kBudgetDescription,
      .see_also = "nexusctl-gate(1), nexusctl-kpi(1), nexusctl-temperature(1)",
      .example = "nexusctl budget policy cards --threshold 25 --currency USD --window-days 30",
      .commands = {
          {.name = "record",
           .summary = "record what was used and what it cost",
           .example = "nexusctl budget record openai --cost 0.125 --currency USD --surface cards --tokens-input 900",
           .parameters = {required_option("--cost", "AMOUNT", "the cost, such as 0.125"), currency,
                          option("--tokens-input", "N", "tokens that went in (0)"),
                          option("--tokens-output", "N", "tokens that came out (0)"),
                          surface_option("the surface it was used for; without one it counts for all alone"),
                          option("--tool-type", "TEXT", "the kind of tool"), option("--tool-id", "TEXT", "the tool"),
                          option("--model", "TEXT", "the model or plan"),
                          repeated_option("--metric", "NAME=NUMBER", "a number for the temperature"),
                          repeatable(option("--usage-id", "ID", "the event's own id: sent twice, it counts once")),
                          past(option("--occurred-at", "TIME", "when, at most 24 h back (now)")),
                          argument("PROVIDER", "who is paid")},
           .run = sends({.method = "POST", .path = "/budget/usage"}, kUsageShape, usage_of)},
          list_command("usage", "list usage, newest first", "nexusctl budget usage --since 24h --all",
                       {.path = "/budget/usage"}, kUsageShape,
                       {past(option("--since", "TIME", "only usage that occurred from this time on")),
                        past(option("--until", "TIME", "only usage that occurred before this time"))}),
          {.name = "void",
           .summary = "void usage that was recorded by mistake",
           .description = "It counts no more, in no window. The row stays, and its id stays taken. Admins void, agents "
                          "never. --reason is required; the log keeps it.",
           .example = "nexusctl budget void USAGE_ID --reason TEXT",
           .parameters = {argument("USAGE_ID", "the event's id")},
           .run = sends_reason("budget void", "USAGE_ID", {.method = "POST", .path = "/budget/usage/{USAGE_ID}/void"},
                               kUsageShape)},
          {.name = "summary",
           .summary = "what was spent in a window",
           .example = "nexusctl budget summary --surface cards --window-days 30 --group-by provider",
           .parameters = {surface_option("this surface alone (all)"), window_option(), group_option()},
           .run = run_summary},
          {.name = "policy",
           .summary = "set the budget of a surface, or of all together",
           .example = "nexusctl budget policy cards --threshold 25 --currency USD --window-days 30\n"
                      "nexusctl budget policy '*' --threshold 100 --currency USD --window-days 30",
           .parameters = {required_option("--threshold", "AMOUNT", "a cost above it refuses, such as 25.50"), currency,
                          window_option(), argument("SURFACE", "the surface; * is all of them together")},
           .run = sends({.method = "PUT", .path = "/budget/policies"}, kPolicyShape, policy_of)},
          {.name = "remove",
           .summary = "remove the budget of a surface, or that of all together",
           .description = "In a strict env (staging and prod, unless told otherwise) a surface without any budget is "
                          "refused.",
           .example = "nexusctl budget remove cards",
           .parameters = {argument("SURFACE", "the surface; * is that of all together")},
           .run = deletes({.path = "/budget/policies/{SURFACE}"}, "SURFACE")},
          list_command("policies", "list the budgets, and what is spent of them", "nexusctl budget policies",
                       {.path = "/budget/policies"}, kPolicyShape),
      }};
}

}  // namespace nexus::cli
