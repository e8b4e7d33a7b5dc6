// The bell of a store on PostgreSQL: NOTIFY, on a connection and a thread of its own, after the COMMIT that it tells
// of. Changes are told together, at most once in 5 ms.
//
// Refused: NOTIFY inside the transaction of a lane. From then on until the sync, and the wait for a standby, the server
// holds one lock for the whole database, so that all lanes of all daemons would commit one after the other.
//
// A server that is away loses what was to be told. The bell connects again, and then tells its listener that it may
// have missed something.
#pragma once
#include <atomic>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <thread>

#include "store/bell.hpp"
#include "store/postgres/link.hpp"

namespace nexus::store {

class PostgresBell final : public Bell {
 public:
  /// Starts the thread, which connects.
  explicit PostgresBell(LinkOptions options);
  /// Tells what waits to be told, if the server is there, and ends the thread.
  ~PostgresBell() override;

  void listen(Listener listener) override;
  void say(std::string words, Weight weight) override;
  /// Tells other daemons, soon, that rows were committed there. Must not throw: a bell that is lost is polled for.
  void ring(const std::vector<Place>& places) noexcept;
  /// How many connections it has made.
  std::uint64_t connections() const { return connections_; }

 private:
  /// A pipe that wakes the thread out of its wait for the socket.
  class Waker {
   public:
    Waker();
    ~Waker();
    Waker(const Waker&) = delete;
    Waker& operator=(const Waker&) = delete;
    void wake() const noexcept;
    void clear() const noexcept;
    int descriptor() const { return ends_[0]; }

   private:
    int ends_[2] = {-1, -1};  // to read from, and to write to; neither blocks
  };

  void loop();
  void serve_connection();
  void connect();
  void tell_missed();
  void hear();
  void hear(const Notification& notification);
  void hear_words(const Notification& notification);
  bool has_to_tell() const;
  void tell();
  void wait(std::chrono::milliseconds longest);

  const LinkOptions options_;
  Waker waker_;
  std::mutex listener_mutex_;
  Listener listener_;
  bool has_missed_ = false;  // and was not told so

  mutable std::mutex mutex_;
  std::set<Place> places_;         // to be told
  bool everywhere_ = false;        // there were too many of them
  std::deque<std::string> words_;  // payloads to be told
  std::size_t words_bytes_ = 0;
  std::uint64_t parts_ = 0;  // numbers the payloads: the server drops equal ones of one transaction

  std::atomic<bool> stopping_{false};
  std::atomic<std::uint64_t> connections_{0};
  std::unique_ptr<Link> link_;                  // these three are the thread's
  std::map<int, std::string> begun_;            // words whose end is still to come, by sender
  std::chrono::steady_clock::time_point next_;  // nothing is told before
  std::thread thread_;
};

}  // namespace nexus::store
