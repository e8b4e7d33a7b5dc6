// How a lane runs the units of one group, and what it does when the server or the connection fails.
#include <algorithm>
#include <thread>

#include "store/attempt.hpp"
#include "store/postgres/asking_session.hpp"
#include "store/postgres/lane.hpp"
#include "store/rows.hpp"

namespace nexus::store {
namespace {
using Clock = std::chrono::steady_clock;

/// How often a group runs at most: once as usual, once carefully, and again where the connection is lost meanwhile.
constexpr int kRunsMax = 4;
/// After so long no further run begins: who waits is told to try again.
constexpr std::chrono::seconds kRunsWithin{5};
/// Between two attempts to learn the outcome of a COMMIT.
constexpr std::chrono::milliseconds kPause{100};

/// The server commits without a standby that is demanded: to ask again makes no outcome certain.
bool is_alone(const std::exception& error) {
  const auto* known = dynamic_cast<const Error*>(&error);
  return known != nullptr && known->failure == Failure::unreplicated;
}

}  // namespace

void Lane::run_group_until_settled() {
  std::optional<Error> last;
  bool careful = false;
  const auto until = Clock::now() + kRunsWithin;
  for (int runs = 0; runs < kRunsMax && (runs == 0 || Clock::now() < until); ++runs) {
    try {
      if (run_group(careful)) return;
      careful = true;
    } catch (const Error& error) {
      last = error;
      if (!on_) break;  // no connection can be made now
      if (on_->link.lost()) continue;
      on_->session.rollback();
      break;
    }
  }
  // Also of those that were refused: perhaps because of what is undone now.
  for (Item& item : batch_) item.result = Result();
  settle(failed(Outcome::not_applied, last.value_or(Error(Failure::other, "the group failed again and again"))));
}

// Returns whether all units have their results. False: nothing is committed, and the group has to run again, carefully.
// Throws Error when the whole transaction is lost; nothing is committed then either.
bool Lane::run_group(bool careful) {
  connect();
  begin_group();
  for (std::size_t place = 0; place < batch_.size(); ++place)
    if (!run_item(place, careful)) return false;
  return run_left() && commit(careful);
}

void Lane::begin_group() {
  Connected& on = *on_;
  round_trips_before_ = on.link.round_trips();
  on.heads.forget();
  on.tx.take_touched();
  on.tx.take_left();
  left_.clear();
  on.session.begin(Isolation::read_committed);
  Locks locks;
  for (const Item& item : batch_) {
    if (item.work.realms.is_alone()) locks.add_all();
    for (const Place& place : item.work.realms.named()) locks.add(place.realm());
  }
  locks.take(on.control);
  ask_ahead();
  Query row =
      on.control.query("SELECT CAST(pg_current_xact_id() AS text), current_setting('synchronous_standby_names')");
  row.next();
  transaction_ = row.text(0);
  if (options_.require_sync && row.text_view(1).empty())
    throw Error(Failure::unreplicated, "postgres: synchronous_standby_names is empty, and store.require_sync is set");
}

void Lane::ask_ahead() {
  AskingSession asking(on_->session);
  for (const Item& item : batch_)
    if (item.work.asks) item.work.asks(Reader(asking));
}

// Sets the unit's result, anew in each run: what refused it may have been undone. Returns and throws as run_group().
bool Lane::run_item(std::size_t place, bool careful) {
  Item& item = batch_[place];
  Connected& on = *on_;
  const auto& limits = options_.limits;
  const auto start = limits.now();
  const bool twice = limits.rerun_one_of != 0 && random_() % limits.rerun_one_of == 0;
  careful = doubts_.doubt(item.line) || careful || twice;
  const auto begin = [&] {
    on.heads.begin_unit();
    on.session.begin_unit(careful);
  };
  const auto undo = [&] {
    on.tx.take_left();
    const bool undone = on.session.undo_unit();
    on.heads.undo_unit();
    return undone;
  };
  on.tx.allow(&item.work.realms);
  begin();
  item.result = attempt([&] {
    item.work.unit(on.tx);
    if (twice) {
      undo();
      begin();
      item.work.unit(on.tx);
    }
    // The server takes nothing more of it, nor of the units after it.
    if (on.session.is_failed()) throw Error(Failure::other, "a unit went on after a statement of it had failed");
    if (!careful) return;
    for (const auto& each : on.tx.take_left()) each.work(on.tx);
    on.session.flush();
  });
  const auto took = std::chrono::duration_cast<std::chrono::nanoseconds>(limits.now() - start).count();
  {
    const std::lock_guard lock(mutex_);
    queue_.charge(item, took);
  }
  if (on.link.lost()) throw Error(Failure::unreachable, "postgres: the connection was lost before COMMIT");
  if (item.result.outcome == Outcome::applied) {
    on.session.end_unit();
    for (auto& each : on.tx.take_left()) left_.emplace_back(place, std::move(each));
    return true;
  }
  if (careful && item.result.failure != Failure::none) doubts_.raise(item.line);
  if (undo()) return true;
  // It did not run carefully, so nobody knows whose write failed: it may be one of an earlier unit, sent with this
  // one's.
  on.session.rollback();
  return false;
}

// Does what the units left to the end. Returns as run_group() does: in a careful run nothing is left.
bool Lane::run_left() {
  Connected& on = *on_;
  for (const auto& [place, each] : std::exchange(left_, {})) {
    on.tx.allow(&batch_[place].work.realms);
    const Result result = attempt([&] { each.work(on.tx); });
    if (on.link.lost()) throw Error(Failure::unreachable, "postgres: the connection was lost before COMMIT");
    if (result.outcome == Outcome::applied) continue;
    doubts_.raise(batch_[place].line);
    on.session.rollback();
    return false;
  }
  return true;
}

// Returns and throws as run_group() does.
bool Lane::commit(bool careful) {
  Connected& on = *on_;
  Proof proof{transaction_};
  const auto chains = on.heads.moved_chains();
  if (!chains.empty()) proof.row = ProvingRow{chains[0].first, chains[0].second.seq, chains[0].second.hash};
  const auto touched = on.tx.take_touched();
  const auto start = Clock::now();
  if (!send_commit(careful, proof)) return false;
  commit_time_ = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - start);
  const bool is_known =
      std::ranges::none_of(batch_, [](const Item& item) { return item.result.outcome == Outcome::unknown; });
  if (is_known && options_.kept != nullptr) options_.kept->remember(chains);
  if (!touched.empty()) committed_(touched);
  return true;
}

bool Lane::send_commit(bool careful, const Proof& proof) {
  Connected& on = *on_;
  try {
    on.heads.write();
    if (on.session.commit(options_.standby()) == Committed::here_alone)
      settle(failed(Outcome::unknown, Error(Failure::other, "committed without a synchronous standby")));
    return true;
  } catch (const Error&) {
    // Where the server is asked behind the COMMIT, either may have failed, unless the transaction is still there.
    if (options_.require_sync && !on.session.is_failed()) on.link.give_up();
    if (on.link.lost()) return settle_lost_commit(proof);
    if (careful) throw;
    on.session.rollback();
    return false;
  } catch (const std::exception&) {  // no memory, perhaps for the answer: the COMMIT may have been done
    on.link.give_up();
    return settle_lost_commit(proof);
  }
}

// Returns whether the units have their results now: committed, or unknown because no server can be asked for too long.
bool Lane::settle_lost_commit(const Proof& proof) {
  for (const auto until = Clock::now() + options_.outcome_time;;) {
    try {
      connect();
      return was_committed(on_->session, proof, options_.standby());
    } catch (const std::exception& error) {  // a password file that cannot be read just now is no Error
      if (on_) on_->session.rollback();
      if (Clock::now() < until && !is_alone(error)) {
        std::this_thread::sleep_for(kPause);
        continue;
      }
      settle(failed(Outcome::unknown, Error(Failure::unreachable, error.what())));
      return true;
    }
  }
}

}  // namespace nexus::store
