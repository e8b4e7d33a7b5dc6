// A token's life is read live: no write of its bearer commits after the answer that revoked it. Tokens are made and
// revoked one after the other, each while its bearer writes without a pause. The revocation stands in another chain
// than the writes; so what was committed is read when its answer is there, and again when the last write was refused.
#include "tests/catch.hpp"
#include "tests/faults/load.hpp"
#include "tests/faults/race.hpp"

using namespace nexus::test;

namespace {

std::int64_t head_in(const std::filesystem::path& data_dir) {
  return count(data_dir, "SELECT seq FROM audit_heads WHERE tenant_id = 't_dev' AND env = 'dev'");
}

/// Clients that write with one token until it is refused.
class Bearers {
 public:
  Bearers(const DaemonProcess& daemon, const std::string& token, int threads) {
    for (int i = 0; i < threads; ++i) threads_.emplace_back([this, &daemon, token] { run(daemon, token); });
  }
  ~Bearers() { join(); }
  Bearers(const Bearers&) = delete;
  Bearers& operator=(const Bearers&) = delete;

  void wait_for_one() const {
    while (passed == 0 && refused == 0 && others == 0) std::this_thread::yield();
  }
  void join() {
    for (auto& thread : threads_)
      if (thread.joinable()) thread.join();
  }
  std::atomic<int> passed{0}, refused{0}, others{0}, other{0};  // the last: a status

 private:
  void run(const DaemonProcess& daemon, const std::string& token) {
    Client client(daemon.address());
    const Headers headers = {{"Authorization", "Bearer " + token}, {"X-Tenant-Id", "t_dev"}, {"X-Env", "dev"}};
    int status = 200;
    while (status / 100 == 2) {
      status = client.request("POST", "/nexus/raw/presign-upload", headers, R"({"filename":"a.txt"})").status;
      ++(status / 100 == 2 ? passed : status == 401 ? refused : others);
      if (status / 100 != 2 && status != 401) other = status;
    }
  }

  std::vector<std::thread> threads_;
};

}  // namespace

TEST_CASE("no write with a token passes after its revocation was answered", "[race]") {
  const TemporaryDirectory directory;
  const auto data = directory.path() / "data";
  std::vector<Window> windows;
  std::int64_t last_revoked = 0;
  {
    const RacingDaemons daemons(loaded(data));
    Client client(daemons.forbidding().address());
    const Headers root = {{"Authorization", "Bearer " + daemons.forbidding().root_token()}};
    for (int i = 0; i < races_to_run(); ++i) {
      const Answer made = client.request("POST", "/tokens", root, R"({"user_id":"u_dev"})");
      REQUIRE(made.status == 201);
      Bearers bearers(daemons.writing(), made.json.at("token"), 3);
      bearers.wait_for_one();
      REQUIRE(client.request("DELETE", "/tokens/" + made.json.at("token_id").get<std::string>(), root).status == 204);
      last_revoked = head_in(data);
      bearers.join();
      windows.push_back({last_revoked, head_in(data) + 1});
      CHECK(bearers.passed > 0);
      INFO("race " << i << ", another status: " << bearers.other);
      CHECK(bearers.refused == 3);
    }
  }
  CHECK(find_leaks(data, kPresigned, windows) == std::vector<std::string>{});
  CHECK(verify(data) == std::vector<std::string>{});
  // The control: a window that begins before the token was revoked has a leak.
  CHECK(find_leaks(data, kPresigned, {{0, last_revoked + 1}}).size() == 1);
}
