// Terms that wait beside those of an approved lock: as every daemon that knew drafts wrote them.
#include "daemon/strategy_locks/terms.hpp"

#include "tests/catch.hpp"

namespace nexus::strategy_locks {
namespace {

constexpr const char* kKept =
    R"({"allowed_actions":["c"],"constraints":"{\"a\":1}","description":null,"scope":"other","surface":"cards",)"
    R"("three_wise_id":null,"title":"Another plan","valid_from":null,"valid_until":5})";

TEST_CASE("a draft that is on record is read, and is written the same way") {
  Lock lock;
  lock.lock_id = "lock";
  lock.title = "A plan";
  lock.description = "of old";
  lock.three_wise_id = "question";
  lock.draft = kKept;
  const Lock waiting = with_draft(lock);
  CHECK(waiting.lock_id == "lock");
  CHECK(waiting.title == "Another plan");
  CHECK(waiting.surface == "cards");
  CHECK_FALSE(waiting.description);
  CHECK(waiting.constraints == R"({"a":1})");
  CHECK(waiting.allowed_actions == std::vector<std::string>{"c"});
  CHECK_FALSE(waiting.three_wise_id);
  CHECK_FALSE(waiting.valid_from);
  CHECK(waiting.valid_until == 5);
  CHECK(draft_text(waiting) == kKept);
  lock.draft.reset();
  CHECK(with_draft(lock).title == "A plan");
}

}  // namespace
}  // namespace nexus::strategy_locks
