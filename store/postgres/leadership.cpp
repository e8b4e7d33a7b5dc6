#include "store/postgres/leadership.hpp"

#include <algorithm>

#include "daemon/base/insist.hpp"
#include "daemon/base/thread.hpp"

#include "store/postgres/locks.hpp"
#include "store/rows.hpp"

namespace nexus::store {
namespace {

// A beat that waits longer makes place for the next one. A new term waits for the units of the last one, whose sessions
// the server ends after 2 s of silence.
// Nor does it wait for a standby: while none is there daemons go on reading, and count each other. A lease that a
// failover sets back is safe behind the fence.
constexpr const char* kSettings = "SET lock_timeout = '3s'; SET synchronous_commit = local";
constexpr std::chrono::milliseconds kBeatPatience{5000};
// On a new connection, for a command that has taken the database meanwhile.
constexpr std::chrono::milliseconds kWaitAgain{100};

constexpr const char* kSilentServer = "the database's server does not answer";

}  // namespace

PostgresLeadership::Held::Held(const LinkOptions& options, std::chrono::milliseconds wait)
    : lock(options, Service::shared, wait) {
  lock.link().execute(kSettings);
  lock.link().set_patience(kBeatPatience);
}

PostgresLeadership::PostgresLeadership(LinkOptions link, Serving serving)
    : options_(std::move(link)), serving_(std::move(serving)), on_(std::make_unique<Held>(options_, serving_.wait)) {}

PostgresLeadership::~PostgresLeadership() { stop(); }

void PostgresLeadership::start(std::function<std::uint64_t()> applied, ServerWatch* watch) {
  applied_ = std::move(applied);
  watch_ = watch;
  beat();
  if (serving_.every.count() == 0) return;
  thread_ = std::thread([this] {
    name_thread("beat");
    loop();
  });
}

void PostgresLeadership::loop() {
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, serving_.every, [this] { return stopping_; })) {
    lock.unlock();
    try {
      beat();
    } catch (const SchemaError& error) {
      const std::lock_guard known(mutex_);
      insist([&] { known_.trouble = error.what(); });
    } catch (const std::exception&) {
      // The next beat tries again. The lanes tell readiness of a server that is away, and the lease runs out.
    }
    lock.lock();
  }
}

void PostgresLeadership::connect() {
  if (on_ != nullptr) on_->lock.link().look();
  if (on_ != nullptr && !on_->lock.link().lost()) return;
  on_.reset();
  on_ = std::make_unique<Held>(options_, kWaitAgain);
}

std::vector<Daemon> PostgresLeadership::tell_keys(std::vector<std::string> names) {
  {
    const std::lock_guard lock(beating_);
    keys_ = std::move(names);
  }
  return beat();
}

std::vector<Daemon> PostgresLeadership::beat() {
  const std::lock_guard lock(beating_);
  try {
    connect();
  } catch (const ServerRefused&) {
    note_answer();
    throw;
  }
  PostgresSession& session = on_->session;
  const Micros asked_at = local_now();
  try {
    session.begin(Isolation::read_committed);
    const Micros now = server_now();
    note_answer();  // before COMMIT, which a disk may delay
    put_daemon(on_->tx,
               {.daemon_id = serving_.daemon_id,
                .host = serving_.host,
                .version = serving_.version,
                .signing_keys = keys_,
                .applied = static_cast<std::int64_t>(applied_())},
               now);
    std::vector<Daemon> daemons = list_daemons(on_->tx, now - kSilent);
    session.commit();
    if (watch_ != nullptr) watch_->refresh(read_standing(on_->tx));
    count(daemons);
    keep_lease(now, asked_at);
    return daemons;
  } catch (...) {
    session.rollback();
    if (!on_->lock.link().lost()) note_answer();
    throw;
  }
}

/// A server that refuses is there.
void PostgresLeadership::note_answer() {
  const Micros now = local_now();
  const std::lock_guard lock(mutex_);
  known_.answered_at = now;
}

/// A transaction of its own: who has to wait for an old term's last unit is there all the same.
void PostgresLeadership::keep_lease(Micros now, Micros asked_at) try {
  on_->session.begin(Isolation::read_committed);
  const auto term = hold_lease(now);
  on_->session.commit();
  const std::lock_guard lock(mutex_);
  known_.term = term;
  known_.until = asked_at + kLeaseTime;
} catch (const Error& error) {
  if (error.failure != Failure::busy) throw;
  on_->session.rollback();  // the next beat tries again
}

std::optional<std::int64_t> PostgresLeadership::hold_lease(Micros now) {
  Tx& tx = on_->tx;
  const Micros until = now + kLeaseTime;
  if (const auto mine = renew_lease(tx, serving_.daemon_id, until)) return mine;
  if (const auto theirs = find_lease(tx); theirs && theirs->until >= now) return std::nullopt;
  lock_change_of_term(tx);
  return take_lease(tx, serving_.daemon_id, now, until);
}

void PostgresLeadership::count(const std::vector<Daemon>& daemons) {
  std::int64_t more = 0;
  for (const Daemon& daemon : daemons) {
    if (daemon.daemon_id == serving_.daemon_id) continue;
    std::int64_t& heard = heard_[daemon.daemon_id];
    more += std::max<std::int64_t>(0, daemon.applied - heard);
    heard = std::max(heard, daemon.applied);
  }
  std::erase_if(heard_,
                [&](const auto& each) { return std::ranges::count(daemons, each.first, &Daemon::daemon_id) == 0; });
  const std::lock_guard known(mutex_);
  known_.trouble.clear();
  known_.daemons = std::max<std::int64_t>(1, static_cast<std::int64_t>(daemons.size()));
  known_.applied_elsewhere += static_cast<std::uint64_t>(more);
  known_.agreed_key = store::agreed_key(daemons);
}

void PostgresLeadership::stop() noexcept {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    known_.term.reset();
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
  const std::lock_guard lock(beating_);
  const std::unique_ptr<Held> last = std::move(on_);
  if (last == nullptr || applied_ == nullptr) return;
  try {
    last->session.begin(Isolation::read_committed);
    drop_daemon(last->tx, serving_.daemon_id);
    give_lease_back(last->tx, serving_.daemon_id);
    last->session.commit();
  } catch (const std::exception&) {
    // The lease runs out by itself.
  }
}

std::optional<std::int64_t> PostgresLeadership::term() const {
  const Micros now = local_now();
  const std::lock_guard lock(mutex_);
  return now < known_.until ? known_.term : std::nullopt;
}

void PostgresLeadership::require(Tx& tx, std::int64_t term) const {
  lock_term(tx);
  const auto lease = find_lease(tx);  // its own statement, so that it sees what was committed before the lock
  if (!lease || lease->daemon_id != serving_.daemon_id || lease->term != term) throw NotLeader();
}

std::int64_t PostgresLeadership::daemons() const {
  const std::lock_guard lock(mutex_);
  return known_.daemons;
}

std::string PostgresLeadership::trouble() const {
  if (is_silent()) return kSilentServer;
  const std::lock_guard lock(mutex_);
  return known_.trouble;
}

bool PostgresLeadership::is_silent() const {
  if (serving_.every.count() == 0) return false;  // nobody asks
  const Micros now = local_now();
  const std::lock_guard lock(mutex_);
  return now - known_.answered_at > kLeaseTime;
}

std::string PostgresLeadership::agreed_key() const {
  const std::lock_guard lock(mutex_);
  return known_.agreed_key;
}

std::uint64_t PostgresLeadership::applied_elsewhere() const {
  const std::lock_guard lock(mutex_);
  return known_.applied_elsewhere;
}

Micros PostgresLeadership::local_now() const {
  if (serving_.now) return serving_.now();
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

Micros PostgresLeadership::server_now() const {
  const Micros now = read_server_clock(on_->tx);
  return serving_.now ? serving_.now() : now;
}

}  // namespace nexus::store
