// Rows of refusals by the guard, on a clock of the test's own: none is lost, and a flood that goes on is a row a
// minute.
#include "daemon/http/refusals.hpp"

#include <chrono>

#include "daemon/base/json.hpp"
#include "store/audit_log.hpp"
#include "tests/catch.hpp"
#include "tests/unit/store/support.hpp"

namespace nexus::http {
namespace {

using namespace std::chrono_literals;

struct RefusalFixture {
  store::test::Scratch scratch;
  store::SqliteDatabase database{{.path = scratch.database()}};
  RefusalLog::Time now{};
  RefusalLog log{database, "i-1", [this] { return now; }};

  void refuse(const std::string& action = "auth_failed") {
    audit::Act act = audit::own_act({.tenant = "t_system", .env = "prod"}, action, "route", "/nexus/raw");
    act.pass = false;
    log.record(act);
  }
  /// The daemon's tick; what was written is committed when this returns.
  void pass(std::chrono::milliseconds time) {
    now += time;
    log.flush();
    database.writer().run([](store::Tx&) {});
  }
  std::vector<std::int64_t> counts() {
    std::vector<std::int64_t> out;
    auto lease = database.read();
    for (const auto& row :
         store::list_audit_rows_after(lease.reader(), {.tenant = "t_system", .env = "prod"}, 0, 10'000))
      out.push_back(parse_own_json(row.details.value())["count"].get<std::int64_t>());
    return out;
  }
  static std::int64_t sum(const std::vector<std::int64_t>& counts) {
    std::int64_t all = 0;
    for (const auto count : counts) all += count;
    return all;
  }
};

}  // namespace

TEST_CASE("a flood of refusals that goes on is written once a minute, and every one is counted", "[audit]") {
  RefusalFixture fixture;
  constexpr int kHour = 3600, kEachSecond = 10;
  for (int i = 0; i < kHour * kEachSecond; ++i) {
    fixture.refuse();
    fixture.pass(100ms);
  }
  const auto counts = fixture.counts();
  CHECK(counts.size() <= 60 + 12);  // a minute each, and those of the first minute
  CHECK(counts.size() >= 55);
  CHECK(counts.front() == 1);
  fixture.log.flush(true);
  fixture.database.writer().run([](store::Tx&) {});
  CHECK(fixture.sum(fixture.counts()) == kHour * kEachSecond);
}

TEST_CASE("a flood of one kind keeps no row of another kind back", "[audit]") {
  RefusalFixture fixture;
  for (int i = 0; i < 6000; ++i) {
    fixture.refuse();
    fixture.pass(100ms);
  }
  const auto before = fixture.counts().size();
  fixture.refuse("authz_denied");
  fixture.database.writer().run([](store::Tx&) {});
  CHECK(fixture.counts().size() == before + 1);
}

TEST_CASE("who pauses between floods gains little; one refusal after a pause is written at once", "[audit]") {
  RefusalFixture fixture;
  for (int hour = 0; hour < 60; ++hour) {  // a second of flood in each 62
    for (int i = 0; i < 10; ++i) {
      fixture.refuse();
      fixture.pass(100ms);
    }
    for (int i = 0; i < 61; ++i) fixture.pass(1s);
  }
  CHECK(fixture.counts().size() <= 2 * 60 + 12);
  const auto before = fixture.counts().size();
  fixture.pass(10min);
  fixture.refuse();
  fixture.database.writer().run([](store::Tx&) {});
  CHECK(fixture.counts().size() == before + 1);
}

}  // namespace nexus::http
