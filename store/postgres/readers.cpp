#include "store/postgres/readers.hpp"

#include "daemon/base/patient_thread.hpp"

namespace nexus::store {
namespace {

using Clock = std::chrono::steady_clock;

// The server ends a read that takes too long. If that is not heard either, nobody is there any more, and a thread of
// the sockets waits for it.
constexpr std::chrono::milliseconds kOnItsWay{2000};

/// One that reads until a time.
class ReadingSession final : public Session {
 public:
  ReadingSession(const LinkOptions& options, std::chrono::milliseconds time_max) : link_(options) {
    link_.execute("SET statement_timeout = " + std::to_string(time_max.count()));
    link_.set_patience(time_max + kOnItsWay);
  }

  Cursor& start(std::string_view sql, std::span<const Argument> arguments) override {
    require_time();
    return session_.start(sql, arguments);
  }
  std::int64_t run(std::string_view sql, std::span<const Argument> arguments) override {
    require_time();
    return session_.run(sql, arguments);
  }
  std::int64_t changed_by(std::int64_t run) override { return session_.changed_by(run); }
  const FullText& full_text() const override { return session_.full_text(); }
  std::int64_t count_rows(std::string_view table, bool by_number) override {
    require_time();
    return session_.count_rows(table, by_number);
  }

  void begin(Clock::time_point deadline) {
    deadline_ = deadline;
    session_.begin(Isolation::snapshot);
  }
  void end() noexcept { session_.leave(); }
  bool lost() const { return link_.lost(); }
  void look() noexcept { link_.look(); }

 private:
  void require_time() const {
    if (Clock::now() > deadline_) throw Error(Failure::interrupted, "a read took too long");
  }

  Link link_;
  PostgresSession session_{link_};
  Clock::time_point deadline_;
};

}  // namespace

struct PostgresReaders::Slot final : LeasedPlace {
  explicit Slot(PostgresReaders& pool_) : pool(pool_) {}
  void give_back() noexcept override { pool.give_back(this); }

  void begin(Clock::time_point deadline) {
    if (session != nullptr) session->look();
    if (session == nullptr || session->lost()) {
      session.reset();
      session = std::make_unique<ReadingSession>(pool.options_, pool.read_time_max_);
    }
    asked = AskedOnce();
    session->begin(deadline);
  }

  PostgresReaders& pool;
  std::unique_ptr<ReadingSession> session;
  AskedOnce asked;
};

PostgresReaders::PostgresReaders(LinkOptions options, std::size_t count, std::chrono::milliseconds read_time_max)
    : options_(std::move(options)), read_time_max_(read_time_max), left_(count > 1 ? 1 : 0) {
  if (count == 0) throw std::logic_error("a pool of no readers");
  for (std::size_t number = 0; number < count; ++number) {
    slots_.push_back(std::make_unique<Slot>(*this));
    free_.push_back(slots_.back().get());
  }
}

PostgresReaders::~PostgresReaders() = default;

Lease PostgresReaders::lease() {
  Slot* slot = take();
  try {
    const bool is_bounded = read_time_max_.count() > 0;
    slot->begin(is_bounded ? Clock::now() + read_time_max_ : Clock::time_point::max());
  } catch (...) {
    give_back(slot);
    throw;
  }
  return Lease(*slot, *slot->session, slot->asked);
}

PostgresReaders::Slot* PostgresReaders::take() {
  std::unique_lock lock(mutex_);
  if (thread_is_patient)
    returned_to_patient_.wait(lock, [this] { return free_.size() > left_; });
  else
    returned_.wait(lock, [this] { return !free_.empty(); });
  Slot* slot = free_.back();
  free_.pop_back();
  return slot;
}

void PostgresReaders::give_back(Slot* slot) noexcept {
  if (slot->session != nullptr) slot->session->end();
  {
    const std::lock_guard lock(mutex_);
    free_.push_back(slot);
  }
  returned_.notify_one();
  returned_to_patient_.notify_one();
}

}  // namespace nexus::store
