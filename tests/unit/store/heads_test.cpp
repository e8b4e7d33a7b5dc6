// The heads of chains and events, which the writer keeps in memory: whatever its units do, every sequence is without
// gaps, every row seals the one before it, and a unit that was undone left nothing.
#include "store/heads.hpp"

#include <random>

#include "fault_vfs.hpp"
#include "store/audit_log.hpp"
#include "store/events.hpp"
#include "support.hpp"
#include "tests/catch.hpp"

namespace nexus::store::test {
namespace {

DatabaseOptions heads_options(const Scratch& scratch) {
  DatabaseOptions options;
  options.path = scratch.database();
  options.readers = 1;
  return options;
}

/// Seals the row before it: names its hash, and has a time that does not fall.
void append_row(Tx& tx, Realm realm, const std::string& hash) {
  const auto head = find_audit_head(tx, realm);
  AuditRow row;
  row.tenant_id = realm.tenant;
  row.env = realm.env;
  row.seq = head ? head->seq + 1 : 1;
  row.at = head ? head->at + 1 : 1;
  row.prev_hash = head ? head->hash : "genesis";
  row.hash = hash;
  row.action = row.actor = row.trace_id = "x";
  row.result = "PASS";
  row.body = "{}";
  append_audit_row(tx, row);
}

void append_some_event(Tx& tx, Realm realm, const std::string& id) {
  domain::Event event;
  event.tenant_id = realm.tenant;
  event.env = realm.env;
  event.event_id = id;
  event.surface = event.actor_id = event.actor_type = event.event_type = "x";
  event.trace_id = event.request_id = event.input = event.output = event.metadata = "{}";
  append_event(tx, event);
}

/// What a unit does, one after the other.
enum class Step : unsigned { append_row, append_event, list_heads, prune, count };

struct Act {
  Step step;
  Place place;
  std::string hash;
};

struct Plan {
  std::vector<Act> acts;
  bool throws = false;
};

Plan make_plan(std::mt19937& random, int number) {
  Plan plan;
  const unsigned acts = random() % 5;
  for (unsigned i = 0; i < acts; ++i)
    plan.acts.push_back({static_cast<Step>(random() % static_cast<unsigned>(Step::count)),
                         {"t_" + std::to_string(random() % 3), random() % 2 == 0 ? "dev" : "prod"},
                         std::to_string(number) + "." + std::to_string(i)});
  plan.throws = random() % 3 == 0;
  return plan;
}

/// Every listed head is the one that the unit itself sees.
void require_listed(const Tx& tx) {
  for (const AuditHead& listed : list_audit_heads(tx)) {
    const auto head = find_audit_head(tx, listed.realm());
    if (!head || head->seq != listed.seq || head->hash != listed.hash) throw std::logic_error("an old head was listed");
  }
}

void carry_out(Tx& tx, const Plan& plan) {
  for (const Act& act : plan.acts) {
    const Realm realm = act.place.realm();
    if (act.step == Step::append_row) append_row(tx, realm, act.hash);
    if (act.step == Step::append_event) append_some_event(tx, realm, act.hash);
    if (act.step == Step::list_heads) require_listed(tx);
    if (act.step == Step::prune) note_pruned(tx, kActivity, realm, find_event_span(tx, realm).head);
  }
  if (plan.throws) throw std::runtime_error("undone");
}

struct Counts {
  std::int64_t rows = 0, events = 0;
  std::string last_hash = "genesis";
};

/// What the applied units appended, in order.
std::map<Place, Counts> counted(const std::vector<Plan>& plans) {
  std::map<Place, Counts> all;
  for (const Plan& plan : plans)
    for (const Act& act : plan.acts) {
      Counts& counts = all[act.place];
      if (plan.throws) continue;
      if (act.step == Step::append_event) ++counts.events;
      if (act.step != Step::append_row) continue;
      ++counts.rows;
      counts.last_hash = act.hash;
    }
  return all;
}

void require_whole(const Reader& reader, Realm realm, const Counts& counts) {
  std::string hash = "genesis";
  std::int64_t seq = 0;
  for (const AuditRow& row : list_audit_rows_after(reader, realm, 0, 100000)) {
    REQUIRE(row.seq == ++seq);
    REQUIRE(row.prev_hash == hash);
    hash = row.hash;
  }
  CHECK(seq == counts.rows);
  CHECK(hash == counts.last_hash);
  const auto head = find_audit_head(reader, realm).value_or(Head{0, "genesis"});
  CHECK(head.seq == seq);
  CHECK(head.hash == hash);
  seq = 0;
  for (const auto& event : list_events_after(reader, realm, std::nullopt, 0, 100000)) REQUIRE(event.seq == ++seq);
  CHECK(seq == counts.events);
  CHECK(find_event_span(reader, realm).head == seq);
}

}  // namespace

TEST_CASE("units that are undone or run twice leave no gap in any sequence") {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    INFO("seed " << seed);
    std::mt19937 random(seed);
    const Scratch scratch;
    auto options = heads_options(scratch);
    options.writer.rerun_one_of = 3;
    options.writer.batch_units = 1 + random() % 20;
    SqliteDatabase database(std::move(options));
    std::vector<Plan> plans;
    for (int i = 0; i < 120; ++i) plans.push_back(make_plan(random, i));
    Gate gate;
    REQUIRE(database.writer().submit([&gate](Tx&) { gate.pass(); }, [](const Result&) {}));
    std::vector<Outcome> outcomes;
    for (const Plan& plan : plans)
      database.writer().submit([&plan](Tx& tx) { carry_out(tx, plan); },
                               [&outcomes](const Result& result) { outcomes.push_back(result.outcome); });
    gate.open();
    database.writer().stop();
    REQUIRE(outcomes.size() == plans.size());
    for (std::size_t i = 0; i < plans.size(); ++i)
      REQUIRE(outcomes[i] == (plans[i].throws ? Outcome::refused : Outcome::applied));
    Lease lease = database.read();
    for (const auto& [place, counts] : counted(plans)) require_whole(lease.reader(), place.realm(), counts);
  }
}

TEST_CASE("a group that was not committed leaves no head behind") {
  for (const std::int64_t at : {1, 2, 3}) {
    const Scratch scratch;
    FaultVfs vfs;
    auto options = heads_options(scratch);
    options.vfs = vfs.name();
    SqliteDatabase database(std::move(options));
    const Realm realm{.tenant = "t_a", .env = "dev"};
    const auto append = [&](const std::string& hash) {
      return database.writer().run([&](Tx& tx) {
        append_row(tx, realm, hash);
        append_some_event(tx, realm, hash);
      });
    };
    REQUIRE(append("one").outcome == Outcome::applied);
    vfs.arm({FaultKind::disk_full, at, true});
    REQUIRE(append("lost").outcome == Outcome::not_applied);
    vfs.arm({});
    REQUIRE(append("two").outcome == Outcome::applied);
    require_whole(database.read().reader(), realm, {2, 2, "two"});
  }
}

TEST_CASE("a move of heads writes their row once a group") {
  const Scratch scratch;
  auto options = heads_options(scratch);
  options.writer.batch_time = std::chrono::minutes(1);
  SqliteDatabase database(std::move(options));
  static int writes;
  static constexpr Heads::Table table{[](const Reader&, Realm) { return std::optional<Head>(); },
                                      [](Tx&, Realm, const Head&) { ++writes; }};
  const Realm realm{.tenant = "t_a", .env = "dev"};
  writes = 0;
  Gate gate;
  REQUIRE(database.writer().submit([&gate](Tx&) { gate.pass(); }, [](const Result&) {}));
  for (int i = 0; i < 10; ++i)
    database.writer().submit(
        [&](Tx& tx) { Heads::move(tx, table, realm, {Heads::find(tx, table, realm).value_or(Head{}).seq + 1}); },
        [](const Result&) {});
  gate.open();
  std::int64_t last = 0;
  database.writer().apply([&](Tx& tx) { last = Heads::find(tx, table, realm).value_or(Head{}).seq; });
  CHECK(writes == 1);
  CHECK(last == 10);
}

}  // namespace nexus::store::test
