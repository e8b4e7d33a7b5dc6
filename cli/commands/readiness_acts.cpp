// The items of readiness that act and then look: each change leaves its row, the rows are traced and fit together, and
// the gates refuse in their order.
#include <algorithm>

#include "cli/commands/readiness_items.hpp"
#include "daemon/audit/export.hpp"
#include "daemon/base/bytes.hpp"
#include "daemon/base/crypto.hpp"
#include "daemon/base/uuid.hpp"

namespace nexus::cli::readiness {
namespace {

const std::vector<std::string> kGates = {"kill_switch", "firearms", "strategy_lock", "budget", "kpi", "temperature"};
constexpr const char* kAction = "maybes_create";
constexpr const char* kSurface = "maybes";

struct Receipt {
  std::string seq, hash;
};

Receipt receipt_of(const Answer& answer, const std::string& what) {
  Receipt receipt{answer.http.header("nexus-audit-seq"), answer.http.header("nexus-audit-hash")};
  require(!receipt.seq.empty() && !receipt.hash.empty(), what + " was answered without a receipt of its audit row");
  return receipt;
}

Answer try_change(Walk& walk, const Headers& headers = {}) {
  const Answer answer = walk.ask({.method = "POST",
                                  .path = "/maybes/items",
                                  .body = Json{{"title", "readiness"}, {"body", "a change, to be recorded"}},
                                  .headers = headers},
                                 walk.owner());
  if (answer.status == 201)
    walk.made.emplace_back("/maybes/items/" + segment(text_of(answer, "item_id")), walk.system(kEnv));
  return answer;
}

Answer change(Walk& walk, const Headers& headers = {}) {
  Answer answer = try_change(walk, headers);
  require_outcome(answer, "POST /maybes/items", "201");
  return answer;
}

/// The row of a receipt, which must be what the receipt says.
Json row_of(Walk& walk, const Receipt& receipt) {
  const Answer answer = walk.ask({.path = "/audit/" + segment(receipt.seq)}, walk.owner());
  require_outcome(answer, "GET /audit/" + receipt.seq, "200");
  require(text_of(answer, "hash") == receipt.hash, "row " + receipt.seq + " has another hash than its receipt");
  return answer.json;
}

/// The newest row of the action, as the list has it.
Json newest_row(Walk& walk) {
  const Answer answer = walk.ask({.path = "/audit", .query = {{"action", kAction}, {"limit", "1"}}}, walk.owner());
  require_outcome(answer, "GET /audit", "200");
  const Json& row = value_at(answer.json, "items.0");
  require(value_at(row, "seq").is_number_integer() && value_at(row, "hash").is_string(), "GET /audit names no row");
  return row;
}

void require_field(const Json& row, const std::string& path, const std::string& wanted) {
  const std::string got = cell_at(row, path);
  require(got == wanted, "row " + cell_at(row, "seq") + " says " + path + " " + got + ", not " + wanted);
}

/// The gates of a decision, in its order.
std::vector<std::string> gates_of(const Json& decision) {
  std::vector<std::string> names;
  for (const Json& gate : decision.value("gates", Json::array())) names.push_back(cell_at(gate, "gate"));
  return names;
}

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const auto& name : names) text += (text.empty() ? "" : " > ") + name;
  return text;
}

void set_switch(Walk& walk, const Json& actions) {
  require_outcome(
      walk.ask({.method = "PUT", .path = "/kill-switches", .body = Json{{"disabled_actions", actions}}}, walk.owner()),
      "PUT /kill-switches", "200");
}

void set_floor(Walk& walk, const Json& floors) {
  require_outcome(walk.ask({.method = "PUT",
                            .path = "/temperature/floors",
                            .body = Json{{"surface", kSurface}, {"performance_floors", floors}}},
                           walk.owner()),
                  "PUT /temperature/floors", "200");
}

/// A change that a gate must stop: with its code, after the gates that stand before it, and with a row that says so.
std::string stopped(Walk& walk, const std::string& wanted, std::size_t gates) {
  const Answer answer = try_change(walk);
  require_outcome(answer, "POST /maybes/items", wanted);
  const auto passed = gates_of(value_at(answer.json, "decision"));
  require(std::ranges::equal(passed, std::vector(kGates.begin(), kGates.begin() + static_cast<long>(gates))),
          "the refusal's gates are " + joined(passed));
  const Json row = row_of(walk, receipt_of(answer, "a gate's refusal"));
  require_field(row, "body.result", "BLOCK");
  return wanted + " in row " + cell_at(row, "seq");
}

/// The verdict of each gate for the action, past the first refusal.
void require_explained(Walk& walk) {
  const Answer answer =
      walk.ask({.method = "POST", .path = "/gates/explain", .body = Json{{"action", kAction}, {"surface", kSurface}}},
               walk.owner());
  require_outcome(answer, "POST /gates/explain", "200");
  const Json& decision = value_at(answer.json, "decision");
  require(gates_of(decision) == kGates, "/gates/explain names " + joined(gates_of(decision)));
  for (const char* place : {"gates.0.verdict", "gates.5.verdict"})
    require(cell_at(decision, place) == "block",
            "/gates/explain says " + std::string(place) + " " + cell_at(decision, place) + ", not block");
}

}  // namespace

std::string audit_is_wired(Walk& walk) {
  const Answer made = change(walk);
  const Receipt receipt = receipt_of(made, "POST /maybes/items");
  const Json row = row_of(walk, receipt);
  const std::vector<std::pair<std::string, std::string>> wanted = {{"body.action", kAction},
                                                                   {"body.result", "PASS"},
                                                                   {"body.tenant", kTenant},
                                                                   {"body.env", kEnv},
                                                                   {"body.subject.id", text_of(made, "item_id")},
                                                                   {"body.actor.id", kOwner},
                                                                   {"body.actor.token", walk.cast.owner_token_id}};
  for (const auto& [path, value] : wanted) require_field(row, path, value);
  return "row " + receipt.seq + " " + receipt.hash + ": " + kAction + " by " + kOwner;
}

std::string audit_is_traced(Walk& walk) {
  const std::string request_id = "readiness-" + uuid_v7(), trace_id = hex(random_bytes(16));
  const Answer made =
      change(walk, {{"X-Request-Id", request_id}, {"traceparent", "00-" + trace_id + "-00f067aa0ba902b7-01"}});
  require(made.http.header("x-request-id") == request_id, "the answer carries another request id than was sent");
  for (const auto& [name, value] : {std::pair{"request_id", request_id}, std::pair{"trace_id", trace_id}}) {
    const Answer found = walk.ask({.path = "/audit", .query = {{name, value}}}, walk.owner());
    require_outcome(found, std::string("GET /audit by ") + name, "200");
    const Json& items = value_at(found.json, "items");
    require(items.is_array() && items.size() == 1, std::string("GET /audit finds not one row by the ") + name);
    require_field(items[0], "body.request_id", request_id);
    require_field(items[0], "body.trace_id", trace_id);
    require_field(items[0], "body.subject.id", text_of(made, "item_id"));
  }
  return "request id " + request_id + " and trace id " + trace_id + " lead to one row";
}

std::string audit_verifies(Walk& walk) {
  const std::string item_id = text_of(change(walk), "item_id");
  const Json row = newest_row(walk);
  require_field(row, "body.subject.id", item_id);
  const auto seq = value_at(row, "seq").get<std::int64_t>();
  const Answer verdict = walk.ask({.path = "/audit/verify"}, walk.owner());
  require_outcome(verdict, "GET /audit/verify", "200");
  require(value_at(verdict.json, "ok") == true, "the daemon finds its own log broken");
  audit::Kept kept;
  kept.receipts.emplace_back(seq, cell_at(row, "hash"));
  audit::ExportVerifier verifier(std::move(kept));
  const Answer exported =
      walk.ask({.path = "/audit/export"}, walk.owner(), [&](std::string_view bytes) { verifier.take(bytes); });
  require_outcome(exported, "GET /audit/export", "200");
  const bool whole = verifier.ended();
  const audit::Report report = verifier.finish();
  require(report.ok(), report.findings.empty() ? "the export is broken"
                                               : "the export has " + std::string(to_string(report.findings[0].fault)) +
                                                     " at row " + std::to_string(report.findings[0].seq));
  require(whole, "the export was cut");
  require(report.kept_rows >= seq, "row " + std::to_string(seq) + " is not exported");
  return std::to_string(report.rows) + " rows, one unbroken chain, signed up to row " +
         std::to_string(report.signed_rows) + ", head " + report.head;
}

/// The first gate and the last one are made to refuse at once; then one after the other gives way.
std::string gates_run_in_order(Walk& walk) {
  set_floor(walk, {{"readiness", 1}});
  set_switch(walk, {kAction});
  require_explained(walk);
  const std::string first = stopped(walk, "403 kill_switch_blocked", 1);
  set_switch(walk, Json::array());
  const std::string last = stopped(walk, "403 temperature_breach", kGates.size());
  set_floor(walk, Json::object());
  change(walk);
  return joined(kGates) + "; " + first + "; lifted: " + last + "; both lifted: 201";
}

}  // namespace nexus::cli::readiness
