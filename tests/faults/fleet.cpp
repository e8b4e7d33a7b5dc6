#include "tests/faults/fleet.hpp"

#include <cstdlib>
#include <stdexcept>

#include "store/postgres/locks.hpp"
#include "store/rows.hpp"
#include "tests/support/databases.hpp"
#include "tests/support/second_daemon.hpp"

namespace nexus::test {
namespace {

using Clock = std::chrono::steady_clock;

constexpr auto kBetweenTries = std::chrono::milliseconds(5);

/// What a fault of the server or of another daemon explains.
bool is_passing(const Answer& answer) {
  return answer.status == 503 || answer.code() == "store.outcome_unknown" || answer.code() == "idempotency.in_flight";
}

}  // namespace

int many(int in_long_run, int else_) { return std::getenv("NEXUS_TEST_LONG") != nullptr ? in_long_run : else_; }

Fleet::Fleet(const std::vector<std::string>& databases) {
  for (const std::string& database : databases) {
    const auto data = directory_.path() / ("data-" + std::to_string(options_.size()));
    if (options_.empty()) {
      give_database(database, data);
      options_.push_back(loaded(data));
    } else {
      options_.push_back(beside(at(0), loaded(data), data, database));
    }
    daemons_.emplace_back(std::in_place, options_.back());
    options_.back().port = daemons_.back()->port();
    addresses_.push_back(daemons_.back()->address());
  }
  token_ = at(0).token();
}

Headers Fleet::in_dev() const {
  return {{"Authorization", "Bearer " + token_}, {"X-Tenant-Id", "t_dev"}, {"X-Env", "dev"}};
}

void Fleet::start_again(std::size_t number) { daemons_.at(number).emplace(options_.at(number)); }

int send_presign(Client& client, const Fleet& fleet, Memory& memory, const std::string& name, Retry retry) {
  Headers headers = fleet.in_dev();
  if (retry == Retry::with_key) headers.emplace_back("Idempotency-Key", "key-" + name);
  const Answer answer = client.request("POST", "/nexus/raw/presign-upload", headers, to_text({{"filename", name}}));
  if (answer.status / 100 == 2) {
    if (answer.has("idempotency-replayed")) memory.count_replay();
    memory.acknowledge({name, answer.json["asset_id"], std::stoll(answer.header("nexus-audit-seq")),
                        answer.header("nexus-audit-hash")});
    return answer.status;
  }
  memory.give_back(name);
  if (answer.status != 0 && !is_passing(answer)) memory.complain(name + ": " + answer.body);
  return answer.status;
}

FleetLoad::FleetLoad(const Fleet& fleet, Memory& memory, int threads, Retry retry, std::size_t first) {
  for (int i = 0; i < threads; ++i)
    threads_.emplace_back([this, &fleet, &memory, retry, first, i] {
      run(fleet, memory, retry, first, first + static_cast<std::size_t>(i));
    });
}

FleetLoad::~FleetLoad() {
  stop_ = true;
  for (auto& thread : threads_) thread.join();
}

void FleetLoad::run(const Fleet& fleet, Memory& memory, Retry retry, std::size_t first, std::size_t number) {
  std::vector<Client> clients;
  for (std::size_t i = first; i < fleet.addresses().size(); ++i) clients.emplace_back(fleet.addresses()[i]);
  while (!stop_) {
    if (send_presign(clients[number % clients.size()], fleet, memory, memory.take(), retry) != 0) continue;
    ++number;
    std::this_thread::sleep_for(kBetweenTries);
  }
}

std::vector<std::string> settle_and_compare(Fleet& fleet, Memory& memory, std::size_t by) {
  Client client(fleet.at(by).address());
  const auto deadline = Clock::now() + std::chrono::seconds(60);
  for (std::string name; memory.take_unacknowledged(name);) {
    send_presign(client, fleet, memory, name, Retry::with_key);
    if (Clock::now() > deadline) throw std::runtime_error("retries do not end:\n" + fleet.at(by).log());
  }
  std::vector<std::string> complaints = memory.complaints();
  for (auto& more : {compare(fleet.data_dir(by), kPresigned, memory.acknowledged()), verify(fleet.data_dir(by))})
    complaints.insert(complaints.end(), more.begin(), more.end());
  return complaints;
}

std::chrono::milliseconds time_of_more(Memory& memory, std::size_t count) {
  const auto start = Clock::now();
  if (!memory.wait_for(memory.acknowledged().size() + count))
    throw std::runtime_error("nothing is acknowledged for 20 s");
  return since(start);
}

HeldRealm::HeldRealm(const std::string& database, nexus::Realm realm)
    : link_({.url = database, .idle_in_transaction = std::chrono::milliseconds(0)}) {
  store::Tx tx(session_);
  session_.begin(store::Isolation::read_committed);
  store::Locks locks;
  locks.add(realm);
  locks.take(tx);
  const auto key = store::integer_of(
      tx.query("SELECT CAST(classid AS bigint) << 32 | CAST(objid AS bigint) FROM pg_locks WHERE locktype = 'advisory' "
               "AND mode = 'ExclusiveLock' AND pid = pg_backend_pid()"));
  session_.rollback();
  // Without the lock that all share: who takes that one for himself keeps everybody else waiting meanwhile.
  session_.begin(store::Isolation::read_committed);
  tx.query("SELECT pg_advisory_xact_lock(?1)", key);
  pid_ = store::integer_of(tx.query("SELECT pg_backend_pid()"));
}

bool HeldRealm::has_waiter(const std::filesystem::path& data_dir, const std::string& name,
                           std::chrono::seconds within) const {
  const std::string waiters =
      "SELECT count(*) FROM pg_locks AS held JOIN pg_locks AS asked USING (locktype, classid, objid) JOIN "
      "pg_stat_activity AS a ON a.pid = asked.pid WHERE held.locktype = 'advisory' AND held.mode = 'ExclusiveLock' AND "
      "NOT asked.granted AND a.application_name = '" +
      name + "' AND held.pid = " + std::to_string(pid_);
  const auto deadline = Clock::now() + within;
  while (count(data_dir, waiters) == 0) {
    if (Clock::now() > deadline) return false;
    std::this_thread::sleep_for(kBetweenTries);
  }
  return true;
}

std::int64_t await_count(const std::filesystem::path& data_dir, const std::string& sql, std::int64_t wanted) {
  const auto deadline = Clock::now() + std::chrono::minutes(1);
  for (;;) {
    if (const std::int64_t found = count(data_dir, sql); found >= wanted) return found;
    if (Clock::now() > deadline) throw std::runtime_error("it never came true: " + sql);
    std::this_thread::sleep_for(kBetweenTries);
  }
}

}  // namespace nexus::test
