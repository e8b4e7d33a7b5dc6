// What the gates remember of their facts is what they would read now: after any change, also one that is rolled back,
// they decide as if they had never asked before. What they remember is bounded in bytes, whatever clients make up.
#include "daemon/gates/known.hpp"
#include "daemon/strategy_locks/lock.hpp"

#include <stdlib.h>

#include <filesystem>
#include <limits>
#include <random>

#include "daemon/gates/chain.hpp"
#include "store/gates.hpp"
#include "store/model_rows.hpp"
#include "store/sqlite/connection.hpp"
#include "store/sqlite/migrations.hpp"
#include "tests/catch.hpp"

namespace nexus::gates {
namespace {

constexpr Micros kKnownNow = 20'000 * kDay + 11 * kHour;

struct World {
  std::filesystem::path directory;
  std::unique_ptr<store::Connection> connection;
  std::unique_ptr<store::Tx> tx;

  World() {
    std::string name = (std::filesystem::temp_directory_path() / "nexus-known-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp");
    directory = name;
    connection = std::make_unique<store::Connection>(store::ConnectionOptions{.path = directory / "nexus.db"});
    store::migrate(*connection, store::embedded_migrations());
    tx = std::make_unique<store::Tx>(*connection);
    tx->run("BEGIN");
  }
  ~World() {
    tx.reset();
    connection.reset();
    std::error_code ignored;
    std::filesystem::remove_all(directory, ignored);
  }
};

Json gates_of(const store::Reader& reader, const std::string& tenant, const std::string& surface, Micros now,
              Facts& facts = Facts::shared(), const std::string& action = "publish") {
  Caller caller;
  caller.user_id = "u_ann";
  caller.actor_type = "human";
  caller.tenant_id = TenantId::parse(tenant);
  caller.env_id = Env::dev;
  return explain(reader,
                 {.caller = caller,
                  .action = action,
                  .surface = surface,
                  .policy = Policy::full,
                  .now = now,
                  .strict = true},
                 facts)
      .gates_json(true);
}

/// Asked where nothing is remembered.
Json gates_afresh(const store::Reader& reader, const std::string& tenant, const std::string& surface, Micros now) {
  Facts nothing(0);
  return gates_of(reader, tenant, surface, now, nothing);
}

/// One change at random of something that some gate reads.
class Changes {
 public:
  explicit Changes(store::Tx& tx) : tx_(tx) {}

  void make_one() {
    tenant_ = pick(2) == 0 ? "t_a" : "t_b";
    surface_ = pick(3) == 0 ? "*" : pick(2) == 0 ? "cards" : "raw";
    switch (pick(10)) {
      case 0:
        return switch_off();
      case 1:
        return license();
      case 2:
        return declare();
      case 3:
        return lock();
      case 4:
        return opine();
      case 5:
        return budget();
      case 6:
        return corridor();
      case 7:
        return bound();
      case 8:
        return use();
      case 9:
        return observe();
    }
  }
  std::uint64_t pick(std::uint64_t below) { return random_() % below; }

 private:
  std::string fresh() { return "id" + std::to_string(++last_); }

  void switch_off() {
    store::KillSwitches document;
    if (pick(2) == 0) document.entries.push_back({store::SwitchEntry::Kind::action, "publish"});
    document.version = ++last_;
    store::put_kill_switches(tx_, {.tenant = tenant_, .env = "dev"}, document);
  }
  void license() {
    if (pick(2) == 0 && !licences_.empty()) {
      store::Licence gone = licences_.back();
      gone.revoked_at = kKnownNow;
      return store::update_row<firearms::kLicence>(tx_, gone);
    }
    store::Licence licence;
    licence.tenant_id = tenant_;
    licence.env = "dev";
    licence.licence_id = fresh();
    licence.subject_type = "user";
    licence.subject_id = "u_ann";
    licence.level = pick(2) == 0 ? "low" : "high";
    store::insert_row<firearms::kLicence>(tx_, licence);
    licences_.push_back(licence);
  }
  void declare() {
    store::put_declared_level(tx_, {.tenant = tenant_, .env = "dev"}, "publish",
                              pick(2) == 0 ? store::Level::low : store::Level::medium, kKnownNow, "u");
  }
  void lock() {
    strategy_locks::Lock lock;
    lock.tenant_id = tenant_;
    lock.env = "dev";
    lock.lock_id = fresh();
    if (surface_ != "*") lock.surface = surface_;
    lock.scope = "other";
    lock.title = "plan";
    lock.constraints = "{}";
    lock.allowed_actions = {pick(3) == 0 ? "other" : "publish"};
    if (pick(2) == 0) lock.three_wise_id = "question";
    if (pick(3) == 0) lock.valid_from = kKnownNow + kHour;
    if (pick(3) == 0) lock.valid_until = kKnownNow + kHour;
    lock.status = "draft";
    store::insert_row<strategy_locks::kLock>(tx_, lock);
    lock.status = pick(4) == 0 ? "rejected" : "approved";
    store::update_row<strategy_locks::kLock>(tx_, lock);
  }
  void opine() {
    store::insert_row<three_wise::kOpinion>(
        tx_, {tenant_, "dev", "question", fresh(), pick(3) == 0 ? "REJECT" : "APPROVE", "because", kKnownNow});
  }
  void budget() {
    store::BudgetPolicy policy;
    policy.tenant_id = tenant_;
    policy.env = "dev";
    policy.surface = surface_;
    policy.threshold_micros = static_cast<std::int64_t>(pick(40));
    policy.currency = "USD";
    policy.window_days = 1 + static_cast<int>(pick(3));
    store::put_row<budget::kPolicy>(tx_, policy);
  }
  void corridor() {
    store::put_row<kpi::kDefinition>(tx_, {tenant_, "dev", "views", {}, {}, pick(2) == 0 ? "sum" : "last", 1, "u"});
    store::put_row<kpi::kCorridor>(
        tx_, {tenant_, "dev", surface_, "views", 0.0, static_cast<double>(pick(40)), 7, true, 1, "u", {}});
  }
  void bound() {
    store::replace_bounds(tx_, {.tenant = tenant_, .env = "dev"}, surface_, "ceiling",
                          {{"views", static_cast<double>(pick(40))}});
  }
  void use() {
    store::UsageEvent event;
    event.tenant_id = tenant_;
    event.env = "dev";
    event.usage_id = fresh();
    event.surface = surface_;
    event.provider = "openai";
    event.cost_micros = 3;
    event.currency = "USD";
    event.occurred_at = kKnownNow - static_cast<Micros>(pick(72)) * kHour;
    store::insert_usage(tx_, std::span(&event, 1), store::usage_rollups(std::span(&event, 1), {}));
  }
  void observe() {
    const store::MetricSample sample{surface_, "views", 3, kKnownNow - static_cast<Micros>(pick(72)) * kHour};
    store::add_metrics(tx_, {.tenant = tenant_, .env = "dev"}, pick(2) == 0 ? "kpi" : "usage",
                       store::metric_rows(std::span(&sample, 1)));
  }

  store::Tx& tx_;
  std::mt19937_64 random_{20261126};
  std::int64_t last_ = 0;
  std::string tenant_, surface_;
  std::vector<store::Licence> licences_;
};

TEST_CASE("what is remembered is what would be read, whatever is changed and taken back") {
  World world;
  Changes changes(*world.tx);
  std::set<std::string> answers;
  for (int step = 0; step < 3000; ++step) {
    world.tx->run("SAVEPOINT unit");
    const auto compare = [&] {
      const std::string tenant = changes.pick(2) == 0 ? "t_a" : "t_b";
      const std::string surface = changes.pick(2) == 0 ? "cards" : "raw";
      const Micros now = kKnownNow + (changes.pick(4) == 0 ? 2 * kHour : 0);
      const Json remembered = gates_of(*world.tx, tenant, surface, now);
      REQUIRE(remembered == gates_afresh(*world.tx, tenant, surface, now));
      answers.insert(to_text(remembered));
    };
    changes.make_one();
    compare();
    if (changes.pick(3) == 0) world.tx->run("ROLLBACK TO unit");
    world.tx->run("RELEASE unit");
    compare();
  }
  CHECK(answers.size() > 200);  // else the changes changed nothing that gates see
}

TEST_CASE("a mark that was rolled back is never drawn again") {
  World world;
  std::set<std::int64_t> marks;
  for (int i = 0; i < 1000; ++i) {
    world.tx->run("SAVEPOINT unit");
    store::put_kill_switches(*world.tx, {.tenant = "t_a", .env = "dev"}, {});
    REQUIRE(
        marks.insert(store::find_gate_marks(*world.tx, {.tenant = "t_a", .env = "dev"}).configuration.value()).second);
    world.tx->run("ROLLBACK TO unit");
    world.tx->run("RELEASE unit");
    REQUIRE_FALSE(store::find_gate_marks(*world.tx, {.tenant = "t_a", .env = "dev"}).configuration);
  }
}

TEST_CASE("every table of configuration draws a new mark when a row comes, changes and goes") {
  World world;
  for (const char* table :
       {"kill_switches", "kill_switch_entries", "firearms_licences", "dangerous_actions", "strategy_locks",
        "three_wise_opinions", "budget_policies", "kpi_definitions", "kpi_corridors", "temperature_bounds"}) {
    INFO(table);
    auto query = world.tx->query(
        "SELECT count(*) FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = ?1 AND "
        "name IN (?1 || '_insert_marked', ?1 || '_update_marked', ?1 || '_delete_marked')",
        table);
    REQUIRE(query.next());
    CHECK(query.integer(0) == 3);
  }
}

TEST_CASE("a clock that is set back finds the locks that were over") {
  World world;
  strategy_locks::Lock lock;
  lock.tenant_id = "t_a";
  lock.env = "dev";
  lock.lock_id = "a";
  lock.scope = "other";
  lock.title = "plan";
  lock.constraints = "{}";
  lock.allowed_actions = {"*"};
  lock.valid_until = kKnownNow;
  lock.status = "approved";
  store::insert_row<strategy_locks::kLock>(*world.tx, lock);
  const Known known(*world.tx, {.tenant = "t_a", .env = "dev"}, "cards");
  CHECK(known.locks("publish", kKnownNow).empty());
  CHECK(known.lock_spans(kKnownNow).empty());
  CHECK(known.locks("publish", kKnownNow - 1).size() == 1);
  CHECK(known.lock_spans(kKnownNow - 1).size() == 1);
}

constexpr std::size_t kUnbounded = std::numeric_limits<std::size_t>::max();

/// The locks that one tenant and env may have, each with the actions that it may have.
void add_locks(store::Tx& tx) {
  for (int i = 0; i < limits::locks_in_force_max; ++i) {
    strategy_locks::Lock lock;
    lock.tenant_id = "t_a";
    lock.env = "dev";
    lock.lock_id = "0190163d-8694-739b-aea5-966c26f8ad" + std::to_string(100 + i);
    lock.scope = "other";
    lock.title = "plan";
    lock.allowed_actions.clear();
    for (std::size_t a = 0; a < limits::lock_actions_max; ++a)
      lock.allowed_actions.push_back("an_action_of_the_length_that_actions_have_" + std::to_string(a));
    lock.status = "approved";
    store::insert_row<strategy_locks::kLock>(tx, lock);
  }
}

/// What is remembered after requests on so many surfaces, or of so many actions, that clients made up.
std::size_t remembered(const store::Reader& reader, Facts& facts, int surfaces, int actions) {
  for (int i = 0; i < surfaces; ++i) gates_of(reader, "t_a", "surface_" + std::to_string(i), kKnownNow, facts);
  for (int i = 0; i < actions; ++i)
    gates_of(reader, "t_a", "cards", kKnownNow, facts,
             "an_action_of_the_length_that_actions_have_" + std::to_string(i));
  return facts.bytes();
}

TEST_CASE("locks are remembered once for all surfaces") {
  World world;
  add_locks(*world.tx);
  Facts facts(kUnbounded);
  remembered(*world.tx, facts, 0, 1);
  const std::size_t before = facts.bytes();
  CHECK(before > 256 * sizeof(store::ApprovedLock));  // the control: the locks that allow the action are among it
  CHECK(remembered(*world.tx, facts, 146, 0) - before < 256 * 1024);
}

TEST_CASE("what is remembered never takes more bytes than it may, whatever clients make up") {
  World world;
  add_locks(*world.tx);
  constexpr std::size_t bound = 1 * limits::MiB;
  Facts unbounded(kUnbounded);
  CHECK(remembered(*world.tx, unbounded, 400, 64) > 2 * bound);  // the control
  Facts bounded(bound);
  for (int i = 8; i <= 64; i += 8) REQUIRE(remembered(*world.tx, bounded, 0, i) <= bound);
  CHECK(remembered(*world.tx, bounded, 400, 64) <= bound);
  CHECK(bounded.bytes() > bound / 2);  // it is used
}

TEST_CASE("the fact that was not used for the longest time goes first, and one over the bound is not kept") {
  const auto value = std::make_shared<const int>(1);
  Facts facts(4000);
  facts.keep({"a"}, value, 1000);
  facts.keep({"b"}, value, 1000);
  facts.keep({"c"}, value, 1000);
  CHECK(facts.find({"a"}));
  facts.keep({"d"}, value, 1000);
  CHECK(facts.find({"a"}));
  CHECK_FALSE(facts.find({"b"}));
  CHECK(facts.find({"c"}));
  CHECK(facts.find({"d"}));
  facts.keep({"d"}, value, 10);  // in place of the other
  const std::size_t before = facts.bytes();
  facts.keep({"e"}, value, 4000);
  CHECK_FALSE(facts.find({"e"}));
  CHECK(facts.bytes() == before);
  CHECK(before < 3000);
}

TEST_CASE("a fact of another state is not found, and many changes take no more memory than one") {
  const auto value = std::make_shared<const int>(1);
  Facts facts(kUnbounded);
  facts.keep({"a"}, value, 10);
  const std::size_t once = facts.bytes();
  for (std::int64_t mark = 1; mark <= 100; ++mark) facts.keep({"a", mark}, value, 10);
  CHECK(facts.bytes() == once);
  CHECK(facts.find({"a", 100}));
  CHECK_FALSE(facts.find({"a", 99}));
  CHECK_FALSE(facts.find({"a"}));
}

}  // namespace
}  // namespace nexus::gates
