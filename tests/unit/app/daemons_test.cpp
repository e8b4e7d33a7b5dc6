// Several daemons on one PostgreSQL: which keys they must have, who makes the notes of checkpoints, and that another
// one goes on when one ends.
#include <csignal>
#include <fstream>
#include <future>

#include "daemon/audit/chain.hpp"
#include "daemon/audit/checkpoints.hpp"
#include "daemon/audit/verify_store.hpp"
#include "daemon/base/file.hpp"
#include "daemon/guard/keyring.hpp"
#include "store/postgres/database.hpp"
#include "tests/catch.hpp"
#include "tests/support/client.hpp"
#include "tests/support/postgres_server.hpp"

namespace nexus::test {
namespace {

using Catch::Matchers::ContainsSubstring;
namespace fs = std::filesystem;

constexpr const char* kInstance = "0197-instance";

/// A daemon's store, and the checkpoints that it would make. It beats when the test says so.
struct Noting {
  Noting(const std::string& url, const std::string& id, const audit::SigningKey& key)
      : database({.link = {.url = url},
                  .readers = 2,
                  .lanes = 2,
                  .serving = store::Serving{.daemon_id = id, .host = "h", .version = "1", .every = {}}}),
        checkpoints(database, key, kInstance) {}

  /// Writes so many rows, each in a unit of its own.
  void write(int rows) {
    std::vector<std::future<void>> written;
    for (int row = 0; row < rows; ++row) {
      auto done = std::make_shared<std::promise<void>>();
      written.push_back(done->get_future());
      const auto unit = [](store::Tx& tx) {
        audit::append(tx, kInstance, audit::own_act(kRealm, "card_create", "card", "c"), now_micros());
      };
      REQUIRE(database.writer().submit({.unit = unit,
                                        .done =
                                            [done](const store::Result& result) {
                                              if (result.outcome == store::Outcome::applied) done->set_value();
                                            },
                                        .realms = store::Realms().add(kRealm)}));
    }
    for (auto& each : written) each.get();
  }
  std::int64_t notes_over_all() {
    std::int64_t notes = 0;
    store::scan_audit_notes(database.read().reader(), {.tenant = "", .env = ""}, [&](const auto&) { ++notes; });
    return notes;
  }

  static constexpr Realm kRealm{.tenant = "t_a", .env = "dev"};
  store::PostgresDatabase database;
  audit::Checkpoints checkpoints;
};

/// Daemons of --dev with data directories of their own.
struct Cluster {
  TemporaryDirectory directory;
  PostgresServer server;

  fs::path data(const std::string& name) const { return directory.path() / name; }
  void give_keys(const std::string& from, const std::string& to) const {
    fs::create_directories(data(to));
    fs::permissions(data(to), fs::perms::owner_all);
    fs::copy(data(from) / "keys", data(to) / "keys", fs::copy_options::recursive);
  }
  std::unique_ptr<DaemonProcess> start(const std::string& name) const {
    return std::make_unique<DaemonProcess>(
        DaemonOptions{.data_dir = data(name), .arguments = {"--database", server.url()}});
  }
  std::string refusal(const std::string& name) const {
    try {
      start(name);
    } catch (const std::runtime_error& error) {
      return error.what();
    }
    return {};
  }
};

std::string metric(const DaemonProcess& daemon, const std::string& name) {
  const std::string page = Client(daemon.address()).request("GET", "/metrics").body;
  const std::size_t at = page.find("\n" + name + " ");
  return at == std::string::npos ? "" : page.substr(at + name.size() + 2, 1);
}

/// Asks until the metric has the value, for at most 20 s.
bool becomes(const DaemonProcess& daemon, const std::string& name, const std::string& value) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (metric(daemon, name) != value)
    if (std::chrono::steady_clock::now() > deadline) return false;
  return true;
}

/// The status of a question with the token of another daemon.
int status_of(const DaemonProcess& daemon, const std::string& token) {
  return Client(daemon.address())
      .request("GET", "/maybes/items",
               {{"Authorization", "Bearer " + token}, {"X-Tenant-Id", "t_dev"}, {"X-Env", "dev"}})
      .status;
}

}  // namespace

TEST_CASE("of two daemons, the leader alone makes notes, also of what the other one wrote", "[daemons]") {
  const PostgresServer server;
  const auto key = audit::SigningKey::generate(std::string("nexusd/") + kInstance);
  auto first = std::make_unique<Noting>(server.url(), "a", key);
  Noting second(server.url(), "b", key);
  for (int round = 0; round < 3; ++round) second.write(400);  // a queue holds no more of a tenant
  first->checkpoints.tick();                                  // it has not heard of them yet
  second.database.beat()->beat();
  first->database.beat()->beat();
  second.checkpoints.tick();
  second.checkpoints.finish();
  CHECK(second.notes_over_all() == 0);
  first->checkpoints.tick();
  while (first->notes_over_all() == 0) std::this_thread::yield();
  CHECK(second.notes_over_all() == 1);
  CHECK(second.checkpoints.newest(second.database.read().reader()) == first->checkpoints.newest());

  second.write(1);
  first.reset();
  second.database.beat()->beat();
  second.checkpoints.finish();
  CHECK(second.notes_over_all() == 2);
  auto lease = second.database.read();
  const auto verdicts = audit::verify_store(lease.reader(), kInstance, {key.public_key()}, {}, {}, [](std::int64_t) {});
  CHECK(std::ranges::all_of(verdicts, [](const auto& verdict) { return verdict.report.ok(); }));
}

TEST_CASE("a second daemon needs the keys of the first, and one of them leads", "[daemons]") {
  const Cluster cluster;
  auto first = cluster.start("first");
  CHECK_THAT(cluster.refusal("stranger"), ContainsSubstring("stranger/keys/checkpoint.key is missing") &&
                                              ContainsSubstring("give this daemon the keys/"));
  cluster.give_keys("first", "second");
  auto second = cluster.start("second");
  CHECK(status_of(*second, first->token()) == 200);
  CHECK(status_of(*first, second->token()) == 200);
  const char* apart = "what one stores, the others do not find";
  CHECK_THAT(first->log(), !ContainsSubstring(apart));
  CHECK_THAT(second->log(), ContainsSubstring(apart) && ContainsSubstring("daemons=2"));
  CHECK(metric(*first, "nexus_leader") == "1");
  CHECK(metric(*second, "nexus_leader") == "0");
  CHECK(becomes(*first, "nexus_daemons", "2"));
  CHECK(metric(*second, "nexus_daemons") == "2");
  CHECK_THAT(Client(second->address()).request("GET", "/readyz?verbose").body,
             ContainsSubstring("another daemon leads"));
  CHECK(Client(second->address()).request("GET", "/readyz").status == 200);
  CHECK(first->stop() == 0);
  CHECK(becomes(*second, "nexus_leader", "1"));
  CHECK(metric(*second, "nexus_daemons") == "1");
}

TEST_CASE("a daemon that is frozen leads no more, and knows it when it goes on", "[daemons]") {
  const Cluster cluster;
  auto first = cluster.start("first");
  cluster.give_keys("first", "second");
  auto second = cluster.start("second");
  first->signal(SIGSTOP);
  CHECK(becomes(*second, "nexus_leader", "1"));
  CHECK(becomes(*second, "nexus_daemons", "1"));
  first->signal(SIGCONT);
  CHECK(becomes(*first, "nexus_leader", "0"));
  CHECK(becomes(*second, "nexus_daemons", "2"));
  CHECK(status_of(*first, second->token()) == 200);
}

TEST_CASE("a daemon with another key for checkpoints or for tokens does not start beside the others", "[daemons]") {
  const Cluster cluster;
  auto first = cluster.start("first");
  cluster.give_keys("first", "checkpoint");
  fs::remove(cluster.data("checkpoint") / "keys" / "checkpoint.key");
  audit::SigningKey::generate("nexusd/x").save(cluster.data("checkpoint") / "keys" / "checkpoint.key");
  CHECK_THAT(cluster.refusal("checkpoint"), ContainsSubstring("checkpoint.key"));
  cluster.give_keys("first", "tokens");
  const std::string kid = Keyring::kids(cluster.data("tokens") / "keys").at(0);
  replace_file(cluster.data("tokens") / "keys" / ("jwt-" + kid + ".key"), std::string(32, 'x'));
  CHECK_THAT(cluster.refusal("tokens"), ContainsSubstring("jwt-" + kid + ".key is missing or another one"));
}

TEST_CASE("a root.token that is not the one in force is told at the start", "[daemons]") {
  const Cluster cluster;
  constexpr const char* warning = "root.token here is not the system token in force";
  CHECK_THAT(cluster.start("first")->log(), !ContainsSubstring(warning));
  std::ofstream(cluster.data("first") / "root.token") << "another";
  CHECK_THAT(cluster.start("first")->log(), ContainsSubstring(warning));
}

TEST_CASE("a new signing key signs when all daemons have it", "[daemons]") {
  const Cluster cluster;
  auto first = cluster.start("first");
  cluster.give_keys("first", "second");
  const std::string old = Keyring::kids(cluster.data("first") / "keys").at(0);
  auto second = cluster.start("second");
  const std::string fresh = Keyring::rotate(cluster.data("first") / "keys", std::nullopt);
  const auto reload = [](DaemonProcess& daemon, const std::string& signs) {
    daemon.signal(SIGHUP);
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (daemon.log().find("the keys were read again") == std::string::npos)
      if (std::chrono::steady_clock::now() > deadline) break;
    INFO(daemon.log());
    return daemon.log().find(signs) != std::string::npos;
  };
  CHECK(reload(*first, old));
  fs::copy(cluster.data("first") / "keys" / ("jwt-" + fresh + ".key"), cluster.data("second") / "keys");
  CHECK(reload(*second, fresh));
  CHECK(status_of(*first, second->token()) == 200);
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (first->log().find("all daemons have another key now") == std::string::npos)
    if (std::chrono::steady_clock::now() > deadline) break;
  CHECK_THAT(first->log(), ContainsSubstring("signs=" + fresh + " before=" + old));
}

}  // namespace nexus::test
