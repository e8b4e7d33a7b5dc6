// The strategy-lock gate and the three-wise verdict as decision tables.
#include "daemon/gates/problems.hpp"
#include "daemon/gates/strategy_lock.hpp"
#include "tests/catch.hpp"

namespace nexus::gates {
namespace {

using std::nullopt;

AllowingLock plain(std::string lock_id) { return {std::move(lock_id), nullopt, nullopt}; }
AllowingLock asking(std::string lock_id, std::optional<std::string_view> verdict) {
  return {std::move(lock_id), "q-of-" + lock_id, verdict};
}

struct LockRow {
  std::string name;
  bool strict = true;
  bool configured = true;
  std::vector<AllowingLock> allowing = {};
  Verdict verdict = Verdict::pass;
  std::optional<Code> code = {};
  std::string lock_id = {};  // in the input
};

std::vector<LockRow> lock_table() {
  const Code missing = problems::strategy_lock_required;
  const Code waiting = problems::three_wise_verdict_required;
  return {
      {.name = "no lock, strict", .configured = false, .verdict = Verdict::block, .code = missing},
      {.name = "no lock, not strict", .strict = false, .configured = false, .verdict = Verdict::not_configured},
      {.name = "a lock of another action, strict", .verdict = Verdict::block, .code = missing},
      {.name = "a lock of another action, not strict", .strict = false, .verdict = Verdict::block, .code = missing},
      {.name = "a lock, strict", .allowing = {plain("a")}, .lock_id = "a"},
      {.name = "a lock, not strict", .strict = false, .allowing = {plain("a")}, .lock_id = "a"},
      {.name = "no verdict yet",
       .allowing = {asking("a", nullopt)},
       .verdict = Verdict::block,
       .code = waiting,
       .lock_id = "a"},
      {.name = "no verdict yet, not strict",
       .strict = false,
       .allowing = {asking("a", nullopt)},
       .verdict = Verdict::block,
       .code = waiting,
       .lock_id = "a"},
      {.name = "unsure",
       .allowing = {asking("a", "UNSURE")},
       .verdict = Verdict::block,
       .code = waiting,
       .lock_id = "a"},
      {.name = "rejected",
       .allowing = {asking("a", "REJECT")},
       .verdict = Verdict::block,
       .code = waiting,
       .lock_id = "a"},
      {.name = "approved", .allowing = {asking("a", "APPROVE")}, .lock_id = "a"},
      {.name = "one good lock suffices",
       .allowing = {asking("a", "REJECT"), asking("b", nullopt), plain("c")},
       .lock_id = "c"},
      {.name = "the first that waits is named",
       .allowing = {asking("a", nullopt), asking("b", "REJECT")},
       .verdict = Verdict::block,
       .code = waiting,
       .lock_id = "a"},
  };
}

TEST_CASE("the strategy-lock gate decides as its table says") {
  const Caller caller;
  for (const LockRow& row : lock_table()) {
    INFO(row.name);
    const Question question{
        .caller = caller, .action = "card_create", .surface = "cards", .policy = Policy::full, .strict = row.strict};
    const GateAnswer answer = judge_strategy_lock({row.configured, row.allowing}, question);
    CHECK(answer.gate == "strategy_lock");
    CHECK(to_string(answer.verdict) == to_string(row.verdict));
    CHECK(answer.code == row.code);
    CHECK((answer.input.is_null() ? "" : answer.input.at("lock_id")) == row.lock_id);
    CHECK(answer.remedy.starts_with("nexusctl ") == (row.verdict == Verdict::block));
    if (row.code == problems::three_wise_verdict_required) CHECK(answer.detail.find(row.lock_id) != std::string::npos);
  }
}

TEST_CASE("the remedy repeats a surface only when it is a plain word, and names an env that is not the caller's") {
  Caller caller;
  caller.env_id = Env::dev;
  Question question{.caller = caller, .action = "card_create", .surface = "cards", .policy = Policy::full};
  CHECK(judge_strategy_lock({}, question).remedy == "nexusctl lock create TITLE --surface cards --allow card_create");
  question.env = Env::prod;
  CHECK(judge_strategy_lock({}, question).remedy ==
        "nexusctl lock create TITLE --surface cards --allow card_create --env prod");
  question.surface = "$(reboot)";
  CHECK(judge_strategy_lock({}, question).remedy.find("reboot") == std::string::npos);
}

TEST_CASE("a lock is in force from its beginning until its end, on its surface or on every one") {
  store::LockSpan lock;
  CHECK(in_force(lock, "cards", 100));
  lock.valid_from = 100;
  CHECK(in_force(lock, "cards", 100));
  CHECK_FALSE(in_force(lock, "cards", 99));
  lock.valid_until = 200;
  CHECK(in_force(lock, "cards", 199));
  CHECK_FALSE(in_force(lock, "cards", 200));
  lock.surface = "cards";
  CHECK(in_force(lock, "cards", 100));
  CHECK_FALSE(in_force(lock, "atoms", 100));
  CHECK_FALSE(in_force(lock, "", 100));
}

TEST_CASE("the verdict of the three wise") {
  struct Case {
    store::Votes votes;
    std::optional<std::string_view> verdict;
  };
  const Case cases[] = {
      {{0, 0, 0}, nullopt},   {{2, 0, 0}, nullopt},   {{1, 1, 0}, nullopt},   {{3, 0, 0}, "APPROVE"},
      {{0, 3, 0}, "REJECT"},  {{0, 0, 3}, "UNSURE"},  {{2, 1, 0}, "APPROVE"}, {{1, 2, 0}, "REJECT"},
      {{1, 1, 1}, "UNSURE"},  {{2, 0, 1}, "APPROVE"}, {{1, 0, 2}, "UNSURE"},  {{0, 1, 2}, "UNSURE"},
      {{2, 2, 0}, "UNSURE"},  {{2, 1, 2}, "APPROVE"}, {{1, 2, 2}, "REJECT"},  {{2, 1, 3}, "UNSURE"},
      {{5, 4, 5}, "APPROVE"},
  };
  for (const auto& row : cases) {
    INFO(row.votes.approvals << " for, " << row.votes.rejections << " against, " << row.votes.unsure << " unsure");
    CHECK(verdict_of(row.votes) == row.verdict);
  }
}

}  // namespace
}  // namespace nexus::gates
