// Tells the service manager that the daemon lives, while its parts do. Each round asks every part a question that only
// a part at work can answer. Where one is still open at the next round, the manager hears nothing: silent for too long,
// the daemon is ended and started again.
//
// Refused: a thread that only says that it runs itself, which a daemon that hangs would say for ever; and a bound on
// the age of an answer, since a round that is not answered is one already.
#pragma once
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace nexus::http::net {
class Server;
}
namespace nexus::store {
class Database;
}

namespace nexus::app {

/// The rounds, without a clock. Used by one thread; questions may be answered on any.
class Pulse {
 public:
  /// Letting go of it answers it. Where memory is short, a part may drop it unread: that counts.
  using Question = std::shared_ptr<const void>;
  struct Part {
    std::string_view name;  ///< for the log
    /// Hands the question over. False when the part does not take it.
    std::function<bool(Question)> ask;
  };

  explicit Pulse(std::vector<Part> parts);
  /// The names of the parts that have not answered the last round, by commas; empty: all have. Asks those that have.
  std::string silent_parts();

 private:
  struct Asked {
    Part part;
    bool taken = true;  // the last question
    std::weak_ptr<const void> open;
  };
  std::vector<Asked> asked_;
};

/// A thread that makes four rounds in the time that the manager allows.
class Watchdog {
 public:
  /// `alive` tells the manager.
  Watchdog(std::chrono::microseconds limit, std::vector<Pulse::Part> parts, std::function<void()> alive);
  ~Watchdog();
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

 private:
  void run(std::chrono::microseconds period);
  void beat();

  Pulse pulse_;  // of the thread alone
  const std::function<void()> alive_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

/// What hangs where the daemon does: the threads of the sockets, and the writer of `file`, if not null: a server of the
/// database that is away must not make all daemons begin anew. Both must outlive the watchdog.
std::vector<Pulse::Part> watched_parts(http::net::Server& server, store::Database* file);

}  // namespace nexus::app
