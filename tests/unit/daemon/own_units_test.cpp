// What the daemon itself writes all the time names the realms that it writes in: a unit that may write anywhere runs
// alone, and where several run at once, those of all daemons would wait for it.
#include "daemon/guard/token_use.hpp"
#include "daemon/http/read_events.hpp"
#include "daemon/http/refusals.hpp"
#include "tests/catch.hpp"

namespace nexus::http {
namespace {

/// Runs nothing, and keeps of what it was given whose rows it would have written.
struct Watched final : store::Database {
  struct Asked final : store::Writer {
    using Writer::submit;
    bool submit(store::Work work) override {
      realms.push_back(work.realms);
      return takes;
    }
    void on_commit(Committed) override {}
    void stop() override {}
    store::WriterStats stats() const override { return {}; }
    bool is_own_thread() const override { return false; }
    std::vector<store::Realms> realms;
    bool takes = true;
  };
  store::Lease read() override { throw std::logic_error("nothing is read"); }
  store::Writer& writer() override { return asked; }
  bool is_damaged() const override { return false; }
  Asked asked;
};

void check_only(const store::Realms& realms, const std::vector<Place>& places) {
  CHECK_FALSE(realms.is_alone());
  CHECK(realms.named() == places);
  CHECK(realms.payer().empty());  // the daemon's share
}

}  // namespace

TEST_CASE("events of reads are written beside the units of other realms") {
  Watched database;
  ReadEvents events(
      database, [] { return false; }, [](std::size_t) {});
  Caller caller;
  caller.user_id = "u_ann";
  caller.actor_type = "human";
  caller.tenant_id = TenantId::parse("t_a");
  for (const Env env : {Env::dev, Env::dev, Env::prod}) {
    caller.env_id = env;
    std::vector<audit::Activity> told(1);
    told[0].event_type = "card_search";
    events.record(caller, "search", std::move(told));
  }
  database.asked.takes = false;
  events.flush();  // the two that came while the first was under way
  REQUIRE(database.asked.realms.size() == 2);
  check_only(database.asked.realms[0], {{"t_a", "dev"}});
  check_only(database.asked.realms[1], {{"t_a", "dev"}, {"t_a", "prod"}});
}

TEST_CASE("a row about refusals is written beside the units of other realms") {
  Watched database;
  RefusalLog log(database, "i-1", [] { return RefusalLog::Time{}; });
  audit::Act act = audit::own_act({.tenant = "t_system", .env = "prod"}, "auth_failed", "route", "/nexus/raw");
  act.pass = false;
  log.record(act);
  REQUIRE(database.asked.realms.size() == 1);
  check_only(database.asked.realms[0], {{"t_system", "prod"}});
}

TEST_CASE("the last uses of tokens are written beside the units of every realm") {
  Watched database;
  TokenUse use;
  for (const char* id : {"j-3", "j-1", "j-2"}) use.note(id, 10);
  use.flush(database);
  REQUIRE(database.asked.realms.size() == 1);
  check_only(database.asked.realms[0], {});
}

}  // namespace nexus::http
