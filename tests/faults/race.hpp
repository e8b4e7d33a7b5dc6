// Clients that send one and the same write without a pause while a test forbids it and allows it again: through the
// same daemon, or, with NEXUS_TEST_DAEMONS=2, through another on the same store.
#pragma once
#include <atomic>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/client.hpp"
#include "tests/support/second_daemon.hpp"

namespace nexus::test {

inline int races_to_run() { return std::getenv("NEXUS_TEST_LONG") != nullptr ? 10'000 : 500; }

class RacingDaemons {
 public:
  explicit RacingDaemons(const DaemonOptions& options)
      : first_(options), second_(is_with_second_daemon() ? std::make_unique<SecondDaemon>(first_, options) : nullptr) {}
  const DaemonProcess& forbidding() const { return first_; }
  const DaemonProcess& writing() const { return second_ == nullptr ? first_ : second_->daemon(); }

 private:
  DaemonProcess first_;
  std::unique_ptr<SecondDaemon> second_;
};

struct RacingWrite {
  std::string target;
  Headers headers;
  std::string body;
};

/// Threads that write from the constructor to the destructor, and what came back.
class Writers {
 public:
  Writers(const DaemonProcess& daemon, RacingWrite write, int threads) : write_(std::move(write)) {
    for (int i = 0; i < threads; ++i) threads_.emplace_back([this, &daemon] { run(daemon); });
  }
  ~Writers() {
    stop_ = true;
    for (auto& thread : threads_) thread.join();
  }
  Writers(const Writers&) = delete;
  Writers& operator=(const Writers&) = delete;

  /// Until one more has passed than `seen`: a race needs a runner.
  void wait_for_more_than(int seen) const {
    while (passed == seen && others == 0) std::this_thread::yield();
  }
  std::atomic<int> passed{0}, blocked{0}, others{0};

 private:
  void run(const DaemonProcess& daemon) {
    Client client(daemon.address());
    while (!stop_) {
      const int status = client.request("POST", write_.target, write_.headers, write_.body).status;
      ++(status / 100 == 2 ? passed : status == 403 ? blocked : others);
    }
  }

  const RacingWrite write_;
  std::atomic<bool> stop_{false};
  std::vector<std::thread> threads_;
};

}  // namespace nexus::test
