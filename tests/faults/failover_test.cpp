// P3, P4 and P9: the primary is killed under load and a standby takes over. A synchronous one has all that was
// acknowledged; an asynchronous one that lagged lacks some of it, which the daemons find out and say. A synchronous
// standby that is gone makes writes wait, and nothing else.
#include <algorithm>
#include <cstdio>

#include "store/postgres/link.hpp"
#include "tests/catch.hpp"
#include "tests/faults/fleet.hpp"
#include "tests/support/client.hpp"
#include "tests/support/databases.hpp"
#include "tests/support/event_stream.hpp"
#include "tests/support/postgres_server.hpp"
#include "tests/support/relay.hpp"

using namespace nexus::test;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

/// Two servers, of which one takes writes, and daemons that look for that one.
class Pair {
 public:
  Pair() : fleet({url(), url()}) {}

  PostgresServer& primary() { return servers_[primary_]; }
  PostgresServer& standby() { return servers_[1 - primary_]; }
  /// The other server follows, from that directory's socket, and commits wait for it from now on.
  void follow_in_step(const std::filesystem::path& way) {
    standby().follow(way);
    set_standbys("*");
    await_count(data(), "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'");
  }
  void set_standbys(const std::string& names) {
    Server(*this).execute("ALTER SYSTEM SET synchronous_standby_names = '" + names + "'");
    Server(*this).execute("SELECT pg_reload_conf()");
  }
  void fail_over() {
    primary().kill();
    primary_ = 1 - primary_;
    primary().promote();
  }
  const std::filesystem::path& data() const { return fleet.data_dir(0); }

 private:
  struct Server {
    explicit Server(Pair& pair) : link({.url = pair.primary().url()}) {}
    void execute(const std::string& statement) { link.execute(statement); }
    nexus::store::Link link;
  };
  std::string url() const { return url_of_pair(servers_[0].socket_directory(), servers_[1].socket_directory()); }

  PostgresServer servers_[2];
  std::size_t primary_ = 0;

 public:
  Fleet fleet;
};

/// What a write is answered for which no standby comes, and when: nobody knows what becomes of it.
void check_end_of_wait(const Fleet& fleet, Memory& memory) {
  const std::string name = "waits too", body = nexus::to_text({{"filename", name}});
  std::string request = "POST /nexus/raw/presign-upload HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n";
  for (const auto& [field, value] : fleet.in_dev()) request += field + ": " + value + "\r\n";
  request += "Idempotency-Key: key-" + name +
             "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  const std::string& address = fleet.addresses().back();
  const auto start = std::chrono::steady_clock::now();
  const Answer answer =
      parse_answer(raw_exchange(std::stoi(address.substr(address.rfind(':') + 1)), request, {}, seconds(90)));
  std::printf("without its standby a write was answered %d %s after %ld ms\n", answer.status, answer.body.c_str(),
              since(start).count());
  CHECK(answer.status >= 500);
  CHECK(since(start) < seconds(60));
  memory.give_back(name);
}

constexpr int kTenants = 8;

/// Writes in so many tenants that each lane of each daemon has some, without a pause while it lives.
class EveryLane {
 public:
  explicit EveryLane(Fleet& fleet) {
    const Headers root{{"Authorization", "Bearer " + fleet.at(0).root_token()}};
    for (int i = 0; i < kTenants; ++i) {
      const std::string tenant = "t_lane_" + std::to_string(i);
      Client client(fleet.at(0).address());
      REQUIRE(client.request("POST", "/tenants", root, nexus::to_text({{"tenant_id", tenant}, {"name", "A"}})).status ==
              201);
      REQUIRE(client.request("PUT", "/tenants/" + tenant + "/members/u_dev", root, R"({"role":"owner"})").status < 300);
      for (const std::string& address : fleet.addresses())
        threads_.emplace_back([this, &fleet, tenant, address] {
          Headers headers = fleet.in_dev();
          headers[1].second = tenant;
          Client writer(address);
          while (!stop_) writer.request("POST", "/maybes/items", headers, R"({"title":"a"})");
        });
    }
  }
  ~EveryLane() {
    stop_ = true;
    for (std::thread& thread : threads_) thread.join();
  }

 private:
  std::atomic<bool> stop_{false};
  std::vector<std::thread> threads_;
};

void read_everywhere(const Fleet& fleet) {
  for (const std::string& address : fleet.addresses()) {
    Client client(address);
    for (int i = 0; i < 20; ++i) CHECK(client.request("GET", "/nexus/cards", fleet.in_dev()).status == 200);
  }
}

/// Whether all daemons say so soon, and that they are ready: they can be read.
bool say_of_replication(const Fleet& fleet, const std::string& words) {
  const auto says = [&](const std::string& address) {
    const Answer answer = Client(address).request("GET", "/readyz?verbose");
    return answer.status == 200 && answer.body.find(words) != std::string::npos;
  };
  const auto until = std::chrono::steady_clock::now() + seconds(10);
  while (!std::ranges::all_of(fleet.addresses(), says))
    if (std::chrono::steady_clock::now() > until) return false;
  return true;
}

/// Whether all daemons come to know that their commits wait: what they do not know of, they do not trust.
bool know_of_standby(const Fleet& fleet) {
  const auto knows = [](const std::string& address) {
    return Client(address).request("GET", "/metrics", {}, "").body.find("\nnexus_database_waits_for_standby 1") !=
           std::string::npos;
  };
  const auto until = std::chrono::steady_clock::now() + seconds(30);
  while (!std::ranges::all_of(fleet.addresses(), knows))
    if (std::chrono::steady_clock::now() > until) return false;
  return true;
}

}  // namespace

TEST_CASE("a synchronous standby that takes over has all that was acknowledged", "[fleet][P3]") {
  if (!is_on_postgres()) return;
  Pair pair;
  Memory memory(Kind::presign);
  const int rounds = many(20, 2);
  milliseconds slowest{0}, promoted{0};
  {
    const FleetLoad load(pair.fleet, memory, 6);
    for (int i = 0; i < rounds; ++i) {
      pair.follow_in_step(pair.primary().socket_directory());
      time_of_more(memory, 30);
      REQUIRE(know_of_standby(pair.fleet));
      const auto start = std::chrono::steady_clock::now();
      pair.fail_over();
      promoted = std::max(promoted, since(start));
      time_of_more(memory, 1);
      slowest = std::max(slowest, since(start));
    }
  }
  CHECK(settle_and_compare(pair.fleet, memory) == std::vector<std::string>{});
  CHECK(count(pair.data(), "SELECT count(*) FROM audit_rows WHERE action = 'epoch_renew'") == 0);
  std::printf("%d failovers, %zu acknowledged, %lu replayed, taken over within %ld ms, writing again within %ld ms\n",
              rounds, memory.acknowledged().size(), memory.replayed(), promoted.count(), slowest.count());
}

TEST_CASE("the control: a standby that lagged lacks what was acknowledged, and every daemon says so",
          "[fleet][P3][P4]") {
  if (!is_on_postgres()) return;
  Pair pair;
  Memory memory(Kind::presign);
  Relay relay(pair.primary().socket_directory(), std::chrono::microseconds(0));
  pair.standby().follow(relay.socket_directory());
  std::vector<EventStream> streams;
  for (std::size_t i = 0; i < pair.fleet.size(); ++i) {
    streams.emplace_back(pair.fleet.at(i).port(), "/sse/events", pair.fleet.in_dev());
    REQUIRE(streams.back().head().status == 200);
  }
  {
    const FleetLoad load(pair.fleet, memory, 4);
    time_of_more(memory, 30);
    relay.swallow();
    time_of_more(memory, 30);
  }
  pair.fail_over();
  for (EventStream& stream : streams) CHECK(stream.close_code() == 1012);
  // One daemon may find it before the other: each that lost something says so.
  CHECK(await_count(pair.data(),
                    "SELECT count(*) FROM audit_rows WHERE tenant_id = 't_system' AND env = 'prod' AND "
                    "action = 'epoch_renew'") <= 2);
  CHECK((pair.fleet.at(0).log() + pair.fleet.at(1).log()).find("rows that were committed are gone") !=
        std::string::npos);
  const auto lost = compare(pair.data(), kPresigned, memory.acknowledged());
  CHECK(lost.size() >= 30);
  CHECK(verify(pair.data()) == std::vector<std::string>{});
  // The daemons go on, and what is acknowledged from now on is there.
  Memory afterwards(Kind::presign);
  Client client(pair.fleet.at(1).address());
  CHECK(send_presign(client, pair.fleet, afterwards, "afterwards", Retry::with_key) == 200);
  std::printf("an asynchronous standby: %zu acknowledged, %zu complaints\n", memory.acknowledged().size(), lost.size());
}

TEST_CASE("without their synchronous standby writes wait and reads go on, and readiness says why", "[fleet][P9]") {
  if (!is_on_postgres()) return;
  Pair pair;
  Memory memory(Kind::presign);
  pair.follow_in_step(pair.primary().socket_directory());
  REQUIRE(know_of_standby(pair.fleet));
  {
    const EveryLane beside(pair.fleet);
    const FleetLoad load(pair.fleet, memory, 4);
    time_of_more(memory, 10);
    pair.standby().crash();
    await_count(pair.data(), "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'");
    read_everywhere(pair.fleet);
    const std::size_t before = memory.acknowledged().size();
    CHECK(say_of_replication(pair.fleet, "no synchronous standby is connected: writes wait until one is"));
    // For longer than a server may be silent, the daemons are there, say what they wait for, and go on reading.
    const auto since = count(pair.data(), "SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS bigint)");
    await_count(pair.data(), "SELECT count(*) FROM daemons WHERE seen_at > " + std::to_string(since + 10'000'000), 2);
    for (std::size_t i = 0; i < pair.fleet.size(); ++i)
      CHECK(pair.fleet.at(i).log().find("no synchronous standby is connected") != std::string::npos);
    read_everywhere(pair.fleet);
    if (many(1, 0) != 0) check_end_of_wait(pair.fleet, memory);
    CHECK(memory.acknowledged().size() == before);
    pair.standby().start_again();
    const auto took = time_of_more(memory, 10);
    CHECK(say_of_replication(pair.fleet, "synchronous ones that are connected: 1"));
    std::printf("writing again %ld ms after the standby began again\n", took.count());
  }
  CHECK(settle_and_compare(pair.fleet, memory) == std::vector<std::string>{});
}

TEST_CASE("the control: where commits wait for no standby, what nobody else has is acknowledged", "[fleet][P9]") {
  if (!is_on_postgres()) return;
  Pair pair;
  Memory memory(Kind::presign);
  pair.follow_in_step(pair.primary().socket_directory());
  pair.set_standbys("");
  const FleetLoad load(pair.fleet, memory, 4);
  pair.standby().crash();
  await_count(pair.data(), "SELECT CAST(count(*) = 0 AS int) FROM pg_stat_replication");
  const std::size_t before = memory.acknowledged().size();
  time_of_more(memory, 10);
  CHECK(memory.acknowledged().size() > before);
  CHECK(say_of_replication(pair.fleet, "no synchronous standby: a failover may lose acknowledged writes"));
}
