#include "store/postgres/lane_connection.hpp"

#include <algorithm>

#include "store/postgres/locks.hpp"

namespace nexus::store {
namespace {

constexpr std::chrono::milliseconds kPauseMin{200}, kPauseMax{1500};
// How often the server is asked how it stands.
constexpr std::chrono::seconds kServerLook{1};
// It asks for no lock: a server that needs longer hangs.
constexpr std::chrono::seconds kLookPatience{3};

/// A link's patience while this lives, and what it has after.
struct Patience {
  Patience(Link& link_, std::chrono::milliseconds now, std::chrono::milliseconds after_) : link(link_), after(after_) {
    link.set_patience(now);
  }
  ~Patience() { link.set_patience(after); }
  Patience(const Patience&) = delete;
  Patience& operator=(const Patience&) = delete;
  Link& link;
  const std::chrono::milliseconds after;
};

}  // namespace

bool LaneConnection::is_alive() {
  if (on_ != nullptr) on_->link.look();
  return on_ != nullptr && !on_->link.lost();
}

void LaneConnection::connect(const LinkOptions& options) {
  if (!is_alive()) make(options);
  look_at_server(options.patience);
}

void LaneConnection::make(const LinkOptions& options) {
  on_.reset();
  if (Clock::now() < make_again_) std::rethrow_exception(failure_);
  try {
    auto made = std::make_unique<Connected>(options);
    if (serves_ && !try_share_service(made->control))
      throw Error(Failure::unreachable, "postgres: a command of nexusd uses the database alone");
    on_ = std::move(made);
    pause_ = kPauseMin;
    look_again_ = Clock::time_point();
  } catch (...) {
    failure_ = std::current_exception();
    make_again_ = Clock::now() + std::chrono::milliseconds(std::uniform_int_distribution<std::int64_t>(
                                     pause_.count() / 2, pause_.count())(random_));
    pause_ = std::min(2 * pause_, kPauseMax);
    throw;
  }
}

void LaneConnection::look_at_server(std::chrono::milliseconds patience) {
  const auto now = Clock::now();
  if (watch_ == nullptr || now < look_again_) return;
  const Patience short_one(on_->link, kLookPatience, patience);
  watch_->keep(read_standing(on_->control));
  look_again_ = now + kServerLook;
}

}  // namespace nexus::store
