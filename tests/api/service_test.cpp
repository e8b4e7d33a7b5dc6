// The daemon and the files that it stands on, changed under its hands: another database in the place of its own, a lock
// that was removed, damaged pages, a full disk; and keys that it takes over at SIGHUP.
#include <sys/statvfs.h>
#include <sys/wait.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <thread>

#include "tests/api/expect.hpp"
#include "tests/api/world.hpp"
#include "tests/catch.hpp"
#include "tests/support/databases.hpp"

namespace nexus::test {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

/// Until `done` holds; false when it does not within ten seconds.
template <class Done>
bool comes_true(Done done) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!done()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(milliseconds(10));
  }
  return true;
}

bool says(const DaemonProcess& daemon, const std::string& text) { return daemon.log().find(text) != std::string::npos; }

/// What the program prints, standard error too; its status is left in `status`.
std::string output_of(const std::string& command, int& status) {
  std::string out;
  FILE* pipe = ::popen((command + " 2>&1").c_str(), "r");
  REQUIRE(pipe != nullptr);
  char buffer[4096];
  for (std::size_t got = 0; (got = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;) out.append(buffer, got);
  status = WEXITSTATUS(::pclose(pipe));
  return out;
}

std::string nexusd(const std::string& arguments, const fs::path& data, int wanted = 0) {
  int status = 0;
  std::string command = program("nexusd").string() + " " + arguments + " --data-dir " + data.string();
  if (is_on_postgres()) command += " --dev --database '" + database_of(data) + "'";  // --dev: objects are local
  const std::string out = output_of(command, status);
  INFO(out);
  CHECK(status == wanted);
  return out;
}

Answer make_card(Client& client, const std::string& token) {
  return client.request("POST", "/nexus/cards",
                        {{"Authorization", "Bearer " + token},
                         {"X-Tenant-Id", "t_dev"},
                         {"X-Env", "dev"},
                         {"Content-Type", "text/plain"}},
                        "card_type: note\n---\n" + std::string(2000, 'x'));
}

std::uint64_t free_bytes(const fs::path& directory) {
  struct statvfs status {};
  REQUIRE(::statvfs(directory.c_str(), &status) == 0);
  return status.f_bavail * status.f_frsize;
}

/// Leaves no byte free.
void fill(const fs::path& directory) {
  std::ofstream ballast(directory / "ballast", std::ios::binary | std::ios::app);
  const std::string piece(4096, 'x');
  while (ballast.write(piece.data(), static_cast<std::streamsize>(piece.size())).flush()) {
  }
}

}  // namespace

TEST_CASE("another nexus.db under the running daemon: it stops writing, says so and ends; the other one stays whole",
          "[service]") {
  if (skipped_on_postgres("the store is no file")) return;
  const TemporaryDirectory directory;
  const fs::path data = directory.path() / "data", copy = directory.path() / "copy.db";
  DaemonProcess({.data_dir = data}).stop();
  fs::copy_file(data / "nexus.db", copy);
  DaemonProcess daemon({.data_dir = data});
  Client client(daemon.address());
  CHECK(make_card(client, daemon.token()).status == 201);
  fs::rename(data / "nexus.db", directory.path() / "kept.db");
  fs::copy_file(copy, data / "nexus.db");
  CHECK(daemon.wait(std::chrono::seconds(15)) == 1);
  CHECK(says(daemon, "nexus.db is another file than nexusd holds"));
  CHECK(nexusd("check", data).find("ok   database: sound") != std::string::npos);
  DaemonProcess again({.data_dir = data});
  CHECK(again.stop() == 0);
}

TEST_CASE("a lock that is removed under the running daemon lets no second one in, and ends the first", "[service]") {
  const TemporaryDirectory directory;
  const fs::path data = directory.path() / "data";
  DaemonProcess daemon({.data_dir = data});
  daemon.signal(SIGSTOP);
  fs::remove(data / "lock");
  CHECK(nexusd("token rotate-signing", data).find("kill -HUP") != std::string::npos);  // one holds the directory still
  CHECK_FALSE(fs::exists(data / "lock"));
  daemon.signal(SIGCONT);
  CHECK(daemon.wait(std::chrono::seconds(15)) == 1);
  CHECK(says(daemon, "/lock was removed or renamed while nexusd held it"));
}

TEST_CASE("after SQLite met a damaged page /readyz says so", "[service]") {
  if (skipped_on_postgres("the store is no file")) return;
  const TemporaryDirectory directory;
  const fs::path data = directory.path() / "data";
  {
    DaemonProcess daemon({.data_dir = data});
    Client client(daemon.address());
    for (int i = 0; i < 50; ++i) CHECK(make_card(client, daemon.token()).status == 201);
    CHECK(daemon.stop() == 0);
  }
  DaemonProcess daemon({.data_dir = data});
  Client client(daemon.address());
  REQUIRE(comes_true([&] { return fs::file_size(data / "nexus.db-wal") == 0; }));
  CHECK(client.request("GET", "/readyz").status == 200);
  {
    std::fstream file(data / "nexus.db", std::ios::in | std::ios::out | std::ios::binary);
    const std::string noise(fs::file_size(data / "nexus.db") - 4096, '\x5A');
    file.seekp(4096);
    file.write(noise.data(), static_cast<std::streamsize>(noise.size()));
  }
  client.request("GET", "/nexus/cards",
                 {{"Authorization", "Bearer " + daemon.token()}, {"X-Tenant-Id", "t_dev"}, {"X-Env", "dev"}});
  CHECK(client.request("GET", "/readyz").status == 503);
  const Headers system = {{"Authorization", "Bearer " + daemon.root_token()}};
  CHECK(client.request("GET", "/readyz?verbose", system).body.find("SQLite found it damaged") != std::string::npos);
  daemon.kill();
}

TEST_CASE("SIGHUP takes a new system token and new signing keys; what they replace is refused", "[service]") {
  const TemporaryDirectory directory;
  const fs::path data = directory.path() / "data";
  DaemonProcess daemon({.data_dir = data});
  Client client(daemon.address());
  const std::string old_root = daemon.root_token(), old_token = daemon.token();
  const auto status_of = [&](const std::string& token, const std::string& target) {
    return outcome(client.request("GET", target, {{"Authorization", "Bearer " + token}}));
  };
  const auto hang_up = [&](const std::string& sign) {
    daemon.signal(SIGHUP);
    CHECK(comes_true([&] { return says(daemon, sign); }));
  };
  daemon.signal(SIGHUP);
  CHECK(comes_true([&] { return says(daemon, "system_token=\"as before\""); }));
  CHECK(status_of(old_root, "/users") == "200");

  CHECK(nexusd("token rotate-root", data).find("nxr_") == std::string::npos);
  CHECK(status_of(old_root, "/users") == "200");
  hang_up("a new one");
  CHECK(status_of(old_root, "/users") == "401 auth.invalid_token");
  CHECK(daemon.root_token() != old_root);
  CHECK(status_of(daemon.root_token(), "/users") == "200");

  const std::string kid = nexusd("token keys", data);
  const std::string first = kid.substr(0, kid.find(' '));
  nexusd("token rotate-signing --retire " + first, data);
  CHECK(status_of(old_token, "/auth/me") == "200");
  const std::string now = nexusd("token keys", data);
  hang_up("signs=" + now.substr(0, now.find(' ')));
  CHECK(status_of(old_token, "/auth/me") == "401 auth.invalid_token");
  CHECK(daemon.stop() == 0);
}

TEST_CASE("a system token that waited for SIGHUP is taken by the next start", "[service]") {
  const TemporaryDirectory directory;
  const fs::path data = directory.path() / "data";
  std::string old_root;
  {
    DaemonProcess daemon({.data_dir = data});
    old_root = daemon.root_token();
    nexusd("token rotate-root", data);
    daemon.kill();
  }
  DaemonProcess daemon({.data_dir = data});
  Client client(daemon.address());
  CHECK(client.request("GET", "/users", {{"Authorization", "Bearer " + old_root}}).status == 401);
  CHECK(client.request("GET", "/users", {{"Authorization", "Bearer " + daemon.root_token()}}).status == 200);
}

TEST_CASE("a key that was retired ends the streams of its tokens", "[service]") {
  const TemporaryDirectory directory;
  const fs::path data = directory.path() / "data";
  DaemonProcess daemon({.data_dir = data});
  const std::string kid = nexusd("token keys", data);
  const std::string request = "GET /sse/events HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer " + daemon.token() +
                              "\r\nX-Tenant-Id: t_dev\r\nX-Env: dev\r\n\r\n";
  std::string seen;
  std::thread stream([&] { seen = raw_exchange(daemon.port(), request, {}, std::chrono::seconds(20)); });
  REQUIRE(comes_true([&] {
    Client client(daemon.address());
    const Headers system = {{"Authorization", "Bearer " + daemon.root_token()}};
    return client.request("GET", "/metrics", system).body.find("nexus_streams_open{transport=\"sse\"} 1") !=
           std::string::npos;
  }));
  nexusd("token rotate-signing --retire " + kid.substr(0, kid.find(' ')), data);
  const auto start = std::chrono::steady_clock::now();
  daemon.signal(SIGHUP);
  stream.join();
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(10));
  CHECK(seen.find("200 OK") != std::string::npos);
}

TEST_CASE("with no byte free kill switches, suspensions, revocations and removals are written; nothing else is",
          "[service]") {
  if (skipped_on_postgres("the disk that could be full is the server's")) return;
  if (std::system("unshare -m sh -c 'mount -t tmpfs none /mnt' 2>/dev/null") != 0) {
    WARN("skipped: no file system of a size of its own can be mounted here (unshare -m, mount -t tmpfs)");
    return;
  }
  const TemporaryDirectory directory;
  DaemonOptions options{
      .data_dir = directory.path(),
      .environment = {{"NEXUSD_AUDIT_RESERVE", "1MiB"}},
      .wrapper = {"unshare", "-m", "sh", "-c", "mount -t tmpfs -o size=80m,mode=700 none \"$0\" && exec \"$@\"",
                  directory.path().string()}};
  DaemonProcess daemon(options);
  const fs::path data = "/proc/" + std::to_string(daemon.pid()) + "/root" + directory.path().string();
  const fs::path reserve = data / "reserve";
  REQUIRE(comes_true([&] { return fs::exists(reserve); }));
  CHECK(fs::file_size(reserve) == 16u << 20);
  std::string root;
  std::ifstream(data / "root.token") >> root;
  Client client(daemon.address());
  const Headers system = {{"Authorization", "Bearer " + root}, {"X-Reason", "a full disk"}};
  const auto made = [&](const std::string& method, const std::string& target, const Json& body) {
    return client.request(method, target, system, body.dump()).status;
  };
  CHECK(made("POST", "/tenants", {{"tenant_id", "t_a"}, {"name", "A"}}) == 201);
  CHECK(made("POST", "/users", {{"user_id", "u_a"}}) == 201);
  CHECK(made("PUT", "/tenants/t_a/members/u_a", {{"role", "owner"}}) < 300);
  CHECK(made("PUT", "/tenants/t_dev/members/u_a", {{"role", "member"}}) < 300);
  // What the log has room for already would hide the full disk.
  REQUIRE(comes_true([&] { return fs::file_size(data / "nexus.db-wal") == 0; }));
  fill(data);
  REQUIRE(free_bytes(data) == 0);
  CHECK(make_card(client, daemon.token()).code() == "audit.unavailable");
  // Whoever may ask for checkpoints could use the reserve up by asking.
  const Headers owner = {{"Authorization", "Bearer " + daemon.token()}, {"X-Tenant-Id", "t_dev"}, {"X-Env", "dev"}};
  CHECK(client.request("POST", "/audit/checkpoint", owner).status == 503);
  CHECK(fs::exists(reserve));
  CHECK(client.request("PUT", "/kill-switches", owner, R"({"disabled_actions":["card_create"]})").status == 200);
  CHECK_FALSE(fs::exists(reserve));
  CHECK(free_bytes(data) > 0);
  CHECK(made("PUT", "/tenants/t_dev/members/u_a", {{"role", "viewer"}}) == 200);
  CHECK(made("PUT", "/tenants/t_dev/members/u_a", {{"role", "member"}}) == 503);
  CHECK(made("PATCH", "/tenants/t_a", {{"status", "suspended"}}) == 200);
  CHECK(client.request("DELETE", "/tenants/t_dev/members/u_a", system).status == 204);
  CHECK(client.request("DELETE", "/tokens/0190a0a0-0000-7000-8000-000000000000", system).status == 204);
  CHECK(made("POST", "/tenants", {{"tenant_id", "t_b"}, {"name", "B"}}) == 503);

  fs::remove(data / "ballast");
  CHECK(comes_true([&] { return fs::exists(reserve) && fs::file_size(reserve) == 16u << 20; }));
  CHECK(comes_true([&] { return made("POST", "/tenants", {{"tenant_id", "t_b"}, {"name", "B"}}) == 201; }));
  CHECK(daemon.stop() == 0);
}

}  // namespace nexus::test
