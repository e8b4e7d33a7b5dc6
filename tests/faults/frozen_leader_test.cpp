// P6: the leader is frozen while it makes the notes of checkpoints, and another daemon begins a term. The old leader
// goes on with a note of its old term, which is refused. The fence is asked for in each unit's own transaction, so the
// control takes it away in the database: it gives the old leader its lease back.
#include <csignal>
#include <cstdio>

#include "store/daemons.hpp"
#include "store/postgres/link.hpp"
#include "tests/catch.hpp"
#include "tests/faults/fleet.hpp"
#include "tests/support/databases.hpp"
#include "tests/support/opened_store.hpp"
#include "tests/support/postgres_server.hpp"

using namespace nexus::test;

namespace {

constexpr std::size_t kRowsOfNote = 1024;  // written by anybody, after which a note is due
constexpr std::size_t kLastRows = 124;     // more than what daemons write by themselves meanwhile

/// Each note tells who wrote it, and in which term.
constexpr const char* kWatchNotes = R"(
CREATE TABLE noted (writer text, term bigint, tenant_id text);
CREATE FUNCTION watch_note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO noted SELECT current_setting('application_name'), term, NEW.tenant_id FROM leases;
  RETURN NEW;
END $$;
CREATE TRIGGER watched BEFORE INSERT ON audit_checkpoints FOR EACH ROW EXECUTE FUNCTION watch_note())";

/// A term has one writer, and a chain of so many rows has one note.
constexpr const char* kDoubles =
    "SELECT (SELECT count(*) FROM (SELECT 1 FROM noted GROUP BY term HAVING count(DISTINCT writer) > 1) AS t) + "
    "(SELECT count(*) FROM (SELECT 1 FROM audit_checkpoints WHERE tenant_id <> '' GROUP BY tenant_id, env, size "
    "HAVING count(*) > 1) AS n)";

struct Terms {
  Terms() {
    link.execute(kWatchNotes);
    if (term() != 1 || !metric(0, "nexus_leader")) throw std::runtime_error("the first daemon does not lead");
  }

  std::string way(std::size_t daemon) const { return server.url() + "&application_name=" + name_of(daemon); }
  static std::string name_of(std::size_t daemon) { return daemon == 0 ? "first" : "second"; }
  std::int64_t ask(const std::string& sql) const { return count(fleet.data_dir(0), sql); }
  void await(const std::string& sql, std::int64_t wanted = 1) const { await_count(fleet.data_dir(0), sql, wanted); }
  std::int64_t term() const { return ask("SELECT term FROM leases"); }
  std::string holder() const {
    const OpenedStore store(fleet.data_dir(0));
    return nexus::store::find_lease(store.reader())->daemon_id;
  }
  std::int64_t doubles() const { return ask(kDoubles); }
  std::int64_t metric(std::size_t daemon, const std::string& name) const {
    const std::string page = Client(fleet.addresses()[daemon]).request("GET", "/metrics").body;
    const std::size_t at = page.find("\n" + name + " ");
    return at == std::string::npos ? -1 : std::stoll(page.substr(at + name.size() + 2));
  }
  std::size_t other() const { return 1 - leader; }

  /// So many rows, through the daemon that does not lead: the last of them is there before the leader hears of all.
  void write(std::size_t rows) {
    std::vector<std::thread> threads;
    std::atomic<std::size_t> left{rows};
    for (int i = 0; i < 8; ++i)
      threads.emplace_back([&] {
        Client client(fleet.addresses()[other()]);
        for (std::size_t before = left; before > 0; before = left)
          if (left.compare_exchange_weak(before, before - 1) &&
              send_presign(client, fleet, memory, memory.take(), Retry::with_key) / 100 != 2)
            ++left;
      });
    for (std::thread& thread : threads) thread.join();
  }
  /// Stops the leader in the transaction that would make the notes of chains. The server ends its session then, as it
  /// does by itself after two seconds.
  void freeze_in_note() {
    undone_ = undone();
    Headers staging = fleet.in_dev();
    staging.back().second = "staging";
    const std::string body = nexus::to_text({{"filename", "staging"}});
    Client(fleet.addresses()[other()]).request("POST", "/nexus/raw/presign-upload", staging, body);
    write(kRowsOfNote - kLastRows);
    {
      // The notes of both chains are one unit, and nothing else writes to this one.
      const HeldRealm held(server.url(), {.tenant = "t_dev", .env = "staging"});
      write(kLastRows);
      // The leader hears of them by beats, and may have made a note of the first ones.
      while (!held.has_waiter(fleet.data_dir(0), name_of(leader), std::chrono::seconds(6))) write(kRowsOfNote);
      fleet.at(leader).signal(SIGSTOP);
    }
    const std::string left = " FROM pg_stat_activity WHERE application_name = '" + name_of(leader) +
                             "' AND backend_xid IS NOT NULL AND state = 'idle in transaction'";
    await("SELECT count(*)" + left);
    ask("SELECT count(pg_terminate_backend(pid, 10000))" + left);
  }
  /// The other daemon leads, in a term of its own, and has made the notes that are due. As if the lease had run out.
  void take_over() {
    const std::int64_t before = term();
    const std::string over_all = "SELECT count(*) FROM noted WHERE tenant_id = '' AND term > " + std::to_string(before);
    link.execute("UPDATE leases SET until = 0");
    await("SELECT term FROM leases", before + 1);
    await(over_all);
  }
  /// The one that was frozen goes on, and has done with its note, which it may not write.
  void go_on() {
    fleet.at(leader).signal(SIGCONT);
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (undone() == undone_)
      if (std::chrono::steady_clock::now() > until) throw std::runtime_error(fleet.at(leader).log());
  }
  /// What the store is like without the fence: to the old leader it seems that its term goes on.
  void give_lease_back(const std::string& daemon_id, std::int64_t term) {
    link.execute("UPDATE leases SET daemon_id = '" + daemon_id + "', term = " + std::to_string(term));
  }

  PostgresServer server;
  Fleet fleet{std::vector<std::string>{way(0), way(1)}};
  nexus::store::Link link{{.url = server.url()}};
  Memory memory{Kind::presign};
  std::size_t leader = 0;

 private:
  std::int64_t undone() const {
    return metric(leader, "nexus_writer_refused_total") + metric(leader, "nexus_writer_not_applied_total");
  }

  std::int64_t undone_ = 0;  // units of the leader, before it was frozen
};

}  // namespace

TEST_CASE("a leader that was frozen in a note does not write it when another one leads", "[fleet][P6]") {
  if (!is_on_postgres()) return;
  Terms terms;
  const auto start = std::chrono::steady_clock::now();
  const int rounds = many(10, 5);
  for (int round = 0; round < rounds; ++round) {
    terms.freeze_in_note();
    terms.take_over();
    terms.go_on();
    CHECK(terms.term() == round + 2);
    CHECK(terms.doubles() == 0);
    terms.leader = terms.other();
  }
  CHECK(terms.ask("SELECT count(DISTINCT term) FROM noted") >= rounds);
  CHECK(settle_and_compare(terms.fleet, terms.memory) == std::vector<std::string>{});
  std::printf("%d leaders frozen in a note, in %ld ms\n", rounds, since(start).count());
}

TEST_CASE("the control: without the fence a leader that was frozen writes its note beside that of the next one",
          "[fleet][P6]") {
  if (!is_on_postgres()) return;
  Terms terms;
  const std::string first = terms.holder();
  terms.freeze_in_note();
  terms.take_over();
  REQUIRE(terms.doubles() == 0);
  terms.give_lease_back(first, 1);
  terms.fleet.at(0).signal(SIGCONT);
  CHECK_NOTHROW(terms.await(kDoubles));
}
