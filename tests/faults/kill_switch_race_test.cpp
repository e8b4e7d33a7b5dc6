// The third promise: no write commits after the answer to the kill switch that forbids it. Clients write without a
// pause while a switch goes off and on; the audit log, whose order is that of the commits, tells who passed when.
#include <cstdlib>

#include "tests/catch.hpp"
#include "tests/faults/load.hpp"
#include "tests/support/client.hpp"

using namespace nexus::test;

namespace {

Headers in_dev(const DaemonProcess& daemon) {
  return {{"Authorization", "Bearer " + daemon.token()}, {"X-Tenant-Id", "t_dev"}, {"X-Env", "dev"}};
}

/// Sends presigns until told to stop; counts what came back.
class Writers {
 public:
  Writers(const DaemonProcess& daemon, int threads) {
    for (int i = 0; i < threads; ++i) threads_.emplace_back([this, &daemon] { write(daemon); });
  }
  ~Writers() {
    stop_ = true;
    for (auto& thread : threads_) thread.join();
  }
  std::atomic<int> passed{0}, blocked{0}, others{0};

 private:
  void write(const DaemonProcess& daemon) {
    Client client(daemon.address());
    const Headers headers = in_dev(daemon);
    while (!stop_) {
      const int status = client.request("POST", "/nexus/raw/presign-upload", headers, R"({"filename":"a.txt"})").status;
      ++(status == 200 ? passed : status == 403 ? blocked : others);
    }
  }
  std::atomic<bool> stop_{false};
  std::vector<std::thread> threads_;
};

/// The seq of the audit row that switched the actions.
std::int64_t put_switch(Client& client, const DaemonProcess& daemon, const std::string& actions) {
  const Answer answer =
      client.request("PUT", "/kill-switches", in_dev(daemon), R"({"disabled_actions":)" + actions + "}");
  REQUIRE(answer.status == 200);
  return std::stoll(answer.header("nexus-audit-seq"));
}

}  // namespace

TEST_CASE("no write passes between a kill switch and its lifting", "[race]") {
  const TemporaryDirectory directory;
  const auto data = directory.path() / "data";
  const int races = std::getenv("NEXUS_TEST_LONG") != nullptr ? 10'000 : 500;
  std::vector<Window> windows;
  {
    DaemonProcess daemon(loaded(data));
    Client client(daemon.address());
    Writers writers(daemon, 4);
    for (int i = 0; i < races; ++i) {
      const int seen = writers.passed;
      const std::int64_t off = put_switch(client, daemon, R"(["raw_presign"])");
      windows.push_back({off, put_switch(client, daemon, "[]")});
      while (writers.passed == seen && writers.others == 0) std::this_thread::yield();  // a race needs a runner
    }
    CHECK(writers.passed > races);
    CHECK(writers.blocked > 0);
    CHECK(writers.others == 0);
  }
  CHECK(find_leaks(data, kPresigned, windows) == std::vector<std::string>{});
  CHECK(verify(data) == std::vector<std::string>{});
  // The control: a window that begins one row before a row that passed has a leak.
  const Window before_first_on{windows.front().on, windows.back().off};
  CHECK(find_leaks(data, kPresigned, {before_first_on}).size() == 1);
}
