// What the server says of replication, of its disk and of its clock, and what a store that requires a standby refuses.
#include <future>
#include <thread>

#include "databases.hpp"
#include "store/postgres/server_standing.hpp"

using namespace nexus::store;
using namespace nexus::store::test;
using Catch::Matchers::ContainsSubstring;

namespace {

/// A server of its own, whose settings the test changes.
struct Settable {
  void set(const std::string& setting) {
    control.link.execute("ALTER SYSTEM SET " + setting);
    control.tx.query("SELECT pg_reload_conf()");
  }
  ServerStanding standing() { return read_standing(control.tx); }
  /// A minute is a failure.
  static void until(const std::function<bool()>& is_true) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    while (!is_true()) {
      if (std::chrono::steady_clock::now() > end) throw std::runtime_error("it never came true");
      std::this_thread::yield();
    }
  }

  nexus::test::PostgresServer server;
  NewDatabase made{server};
  OpenLink control{made.link()};
};

}  // namespace

TEST_CASE("what the server says of replication and of its disk is read as it is now") {
  Settable on;
  ServerStanding standing = on.standing();
  CHECK_FALSE(standing.waits_for_standby());
  CHECK_FALSE(standing.fsync);  // of a test's server
  CHECK(standing.full_page_writes);
  CHECK(standing.replication_text() == "no synchronous standby: a failover may lose acknowledged writes");
  on.set("synchronous_standby_names = 'ANY 1 (a, b)'");
  on.set("full_page_writes = off");
  Settable::until([&] { return on.standing().waits_for_standby() && !on.standing().full_page_writes; });
  standing = on.standing();
  CHECK(standing.standby_names == "ANY 1 (a, b)");
  CHECK(standing.standbys == 0);
  CHECK_THAT(standing.replication_text(), ContainsSubstring("no synchronous standby is connected"));
  on.set("synchronous_standby_names = ''");
  Settable::until([&] { return !on.standing().waits_for_standby(); });
}

TEST_CASE("clocks are compared beyond the doubt of the round trip") {
  using std::chrono::milliseconds;
  const OpenLink open;
  const ServerStanding here = read_standing(open.tx);
  CHECK(std::chrono::abs(here.clock_ahead) <= here.clock_doubt + milliseconds(1));
  CHECK_FALSE(here.has_skew());
  const auto skew = [](milliseconds ahead, milliseconds doubt) {
    return ServerStanding{.standby_names = {}, .clock_ahead = ahead, .clock_doubt = doubt}.has_skew();
  };
  CHECK(skew(milliseconds(601), milliseconds(100)));
  CHECK(skew(milliseconds(-601), milliseconds(100)));
  CHECK_FALSE(skew(milliseconds(600), milliseconds(100)));
  CHECK_FALSE(skew(milliseconds(-499), milliseconds(0)));
}

TEST_CASE("sessions of ours wait for their commits, whatever is set on the server and whenever") {
  Settable on;
  on.set("synchronous_commit = off");
  const auto asked = "SELECT CAST(setting = 'on' AS int) FROM pg_settings WHERE name = 'synchronous_commit'";
  OpenLink link(on.made.link());
  CHECK(link.integer(asked) == 1);
  on.set("synchronous_commit = local");
  CHECK(OpenLink({.url = on.made.link().url + "&options=-csynchronous_commit%3Doff"}).integer(asked) == 1);
  CHECK(link.integer(asked) == 1);
  OpenLink stricter({.url = on.made.link().url + "&options=-csynchronous_commit%3Dremote_apply"});
  CHECK(stricter.integer(
            "SELECT CAST(setting = 'remote_apply' AS int) FROM pg_settings WHERE name = 'synchronous_commit'") == 1);
}

TEST_CASE("a store that requires a standby opens and writes only while commits wait for one") {
  Settable on;
  auto options = on.made.options();
  options.require_sync = true;
  CHECK_THROWS_WITH(PostgresDatabase(options), ContainsSubstring("store.require_sync"));
  CHECK_THROWS_AS(PostgresDatabase(options), SchemaError);
  PostgresDatabase(on.made.options());  // the control: who requires none opens it

  on.server.begin_standby("other");
  on.set("synchronous_standby_names = 'other'");
  Settable::until([&] { return on.standing().standbys == 1; });
  PostgresDatabase database(options);
  CHECK_THAT(database.standing().replication_text(), ContainsSubstring("that are connected: 1"));
  const auto write = [&] { return database.writer().run([](Tx& tx) { append_row(tx, kDev); }, Realms().add(kDev)); };
  CHECK(write().outcome == Outcome::applied);
  on.set("synchronous_standby_names = ''");
  Settable::until([&] { return !database.standing().waits_for_standby(); });  // without a write
  const Result refused = write();
  CHECK(refused.outcome == Outcome::not_applied);
  CHECK(refused.failure == Failure::unreplicated);
  CHECK(rows_of(database.read().reader(), kDev) == 1);
  on.set("synchronous_standby_names = 'other'");
  Settable::until([&] { return database.standing().waits_for_standby(); });
  CHECK(write().outcome == Outcome::applied);
}

TEST_CASE("a commit that was let go because nobody is to wait any more is unknown to who demands a standby") {
  const bool demands = GENERATE(true, false);  // the control: who demands none is told what the server says
  Settable on;
  auto options = on.made.options();
  PostgresDatabase(on.made.options());  // with its migrations, whose commits would wait
  on.set("synchronous_standby_names = 'absent'");
  Settable::until([&] { return on.standing().waits_for_standby(); });
  options.require_sync = demands;
  PostgresDatabase database(options);
  auto result = std::async(std::launch::async, [&] {
    return database.writer().run([](Tx& tx) { append_row(tx, kDev); }, Realms().add(kDev));
  });
  OpenLink link(on.made.link());
  Settable::until(
      [&] { return link.integer("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'") > 0; });
  on.set("synchronous_standby_names = ''");
  CHECK(result.get().outcome == (demands ? Outcome::unknown : Outcome::applied));
}
