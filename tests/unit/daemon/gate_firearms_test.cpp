// The firearms gate as decision tables: which level an action needs, which licence is good, and what the gate answers.
#include "daemon/gates/firearms.hpp"
#include "daemon/gates/problems.hpp"
#include "tests/catch.hpp"

namespace nexus::gates {
namespace {

using store::Level;
using store::Licence;

constexpr Micros kNow = 1'800'000'000 * kSecond;

Licence licence(Level level, std::optional<std::string> scope = {}, std::optional<Micros> expires_at = {}) {
  Licence out;
  out.licence_id = "l";
  out.scope = std::move(scope);
  out.level = to_string(level);
  out.expires_at = expires_at;
  return out;
}

Licence revoked(Level level) {
  Licence out = licence(level);
  out.revoked_at = kNow - 1;
  return out;
}

struct FirearmsRow {
  std::string name;
  std::optional<Level> needed = {};
  std::vector<Licence> callers = {};
  std::string subject_type = {};
  std::vector<Licence> subjects = {};
  Verdict verdict = Verdict::pass;
  std::string says = {};  // in the detail of a block
};

std::vector<FirearmsRow> table() {
  return {
      {.name = "an action that is not dangerous"},
      {.name = "no licence", .needed = Level::low, .verdict = Verdict::block, .says = "you hold none"},
      {.name = "a licence of the level", .needed = Level::medium, .callers = {licence(Level::medium)}},
      {.name = "a licence above the level", .needed = Level::medium, .callers = {licence(Level::high)}},
      {.name = "a licence below the level",
       .needed = Level::medium,
       .callers = {licence(Level::low)},
       .verdict = Verdict::block,
       .says = "level medium"},
      {.name = "a revoked licence", .needed = Level::low, .callers = {revoked(Level::high)}, .verdict = Verdict::block},
      {.name = "a licence that ends now",
       .needed = Level::low,
       .callers = {licence(Level::high, {}, kNow)},
       .verdict = Verdict::block},
      {.name = "a licence that ends next", .needed = Level::low, .callers = {licence(Level::high, {}, kNow + 1)}},
      {.name = "a licence for this action", .needed = Level::low, .callers = {licence(Level::low, "publish")}},
      {.name = "a licence for another action",
       .needed = Level::low,
       .callers = {licence(Level::high, "publisher")},
       .verdict = Verdict::block},
      {.name = "a licence for every action", .needed = Level::low, .callers = {licence(Level::low, "*")}},
      {.name = "one good licence among bad ones",
       .needed = Level::high,
       .callers = {revoked(Level::high), licence(Level::low), licence(Level::high)}},
      // ---- the subject of an act outside Nexus ----
      {.name = "both are licensed",
       .needed = Level::low,
       .callers = {licence(Level::low)},
       .subject_type = "tool",
       .subjects = {licence(Level::low)}},
      {.name = "the subject is not",
       .needed = Level::low,
       .callers = {licence(Level::low)},
       .subject_type = "tool",
       .verdict = Verdict::block,
       .says = "the subject"},
      {.name = "the caller is not",
       .needed = Level::low,
       .subject_type = "tool",
       .subjects = {licence(Level::high)},
       .verdict = Verdict::block,
       .says = "you hold none"},
      {.name = "the subject's is below the level",
       .needed = Level::high,
       .callers = {licence(Level::high)},
       .subject_type = "agent",
       .subjects = {licence(Level::medium)},
       .verdict = Verdict::block,
       .says = "the subject"},
      {.name = "nobody needs one for what is not dangerous", .subject_type = "tool"},
  };
}

TEST_CASE("the firearms gate decides as its table says") {
  Caller caller;
  caller.user_id = "u_ann";
  for (const FirearmsRow& row : table()) {
    INFO(row.name);
    const Question question{.caller = caller,
                            .action = "publish",
                            .surface = "cards",
                            .policy = Policy::full,
                            .now = kNow,
                            .subject_type = row.subject_type,
                            .subject_id = "the subject's id"};
    const GateAnswer answer = judge_firearms({row.needed, row.callers, row.subjects}, question);
    CHECK(answer.gate == "firearms");
    CHECK(to_string(answer.verdict) == to_string(row.verdict));
    CHECK((answer.code == problems::firearms_licence_required) == (row.verdict == Verdict::block));
    CHECK(answer.remedy.starts_with("nexusctl firearms issue ") == (row.verdict == Verdict::block));
    CHECK(answer.detail.find(row.says) != std::string::npos);
    CHECK(answer.detail.find("the subject's id") == std::string::npos);
    CHECK(answer.input.is_null() == !row.needed);
  }
}

TEST_CASE("the remedy names the caller, the level and this action alone") {
  Caller caller;
  caller.user_id = "u_ann";
  const Question question{
      .caller = caller, .action = "publish", .surface = "cards", .policy = Policy::full, .now = kNow};
  CHECK(judge_firearms({Level::high, {}, {}}, question).remedy ==
        "nexusctl firearms issue user u_ann high --scope publish");
  // What the person may do beyond the agent is not widened.
  caller.actor_type = "agent";
  CHECK(judge_firearms({Level::high, {}, {}}, question).remedy ==
        "nexusctl firearms issue agent u_ann high --scope publish");
}

TEST_CASE("three actions are dangerous from the start, and a declaration only raises them") {
  CHECK(level_needed("dangerous_tool_use", std::nullopt) == Level::medium);
  CHECK(level_needed("agent_autonomy_high", std::nullopt) == Level::high);
  CHECK(level_needed("publish_sensitive", std::nullopt) == Level::high);
  CHECK(level_needed("raw_register", std::nullopt) == std::nullopt);
  CHECK(level_needed("raw_register", Level::low) == Level::low);
  CHECK(level_needed("dangerous_tool_use", Level::high) == Level::high);
  CHECK(level_needed("dangerous_tool_use", Level::low) == Level::medium);
}

TEST_CASE("a licence's status follows from its times; revoked wins over expired") {
  CHECK(status_of(licence(Level::low), kNow) == "active");
  CHECK(status_of(licence(Level::low, {}, kNow + 1), kNow) == "active");
  CHECK(status_of(licence(Level::low, {}, kNow), kNow) == "expired");
  Licence both = licence(Level::low, {}, kNow - 1);
  both.revoked_at = kNow;
  CHECK(status_of(both, kNow) == "revoked");
}

}  // namespace
}  // namespace nexus::gates
