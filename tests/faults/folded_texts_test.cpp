// What search needs of an older data directory: texts that other rules folded are found as today's are, also where the
// daemon is killed meanwhile, and an index that FTS5 calls damaged is mended at the start.
#include <thread>

#include "store/rows.hpp"
#include "store/sqlite/connection.hpp"
#include "tests/catch.hpp"
#include "tests/faults/load.hpp"
#include "tests/support/client.hpp"

using namespace nexus;
using namespace nexus::test;

namespace {

constexpr int kCards = 400;

Answer ask(const DaemonProcess& daemon, const std::string& method, const std::string& target, const std::string& body,
           const std::string& type = "application/json") {
  return Client(daemon.address())
      .request(method, target,
               {{"Authorization", "Bearer " + daemon.token()},
                {"X-Tenant-Id", "t_dev"},
                {"X-Env", "dev"},
                {"Content-Type", type}},
               body);
}

void keep_card(const DaemonProcess& daemon, const std::string& text) {
  REQUIRE(ask(daemon, "POST", "/nexus/cards", "card_type: note\n---\n" + text, "text/markdown").status == 201);
}

std::size_t hits(const DaemonProcess& daemon, const std::string& query) {
  const Answer answer = ask(daemon, "POST", "/nexus/search", Json{{"query_text", query}, {"top_k", 100}}.dump());
  INFO(answer.body);
  REQUIRE(answer.status == 200);
  return answer.json.at("items").size();
}

std::size_t maybes(const DaemonProcess& daemon) {
  return ask(daemon, "GET", "/maybes/items?search_text=LODZ", "").json.at("items").size();
}

/// Waits for something that the daemon does in the background.
template <class IsSo>
bool comes(IsSo is_so) {
  for (int i = 0; i < 2000; ++i) {
    if (is_so()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return false;
}

/// While no daemon runs on it.
void change(const std::filesystem::path& data, std::string_view sql) {
  store::Connection connection({.path = data / "nexus.db"});
  REQUIRE(store::Tx(connection).run(sql) > 0);
}

std::int64_t number(const std::filesystem::path& data, std::string_view sql) {
  store::Connection connection({.path = data / "nexus.db"});
  return store::integer_of(store::Reader(connection).query(sql));
}

constexpr std::string_view kOldOnes = "SELECT count(*) FROM card_index WHERE terms LIKE '%włodz%'";

}  // namespace

TEST_CASE("texts that other rules folded are folded again in the background, and by the next daemon after a kill") {
  const TemporaryDirectory directory;
  const auto data = directory.path() / "data";
  {
    DaemonProcess daemon(loaded(data));
    for (int i = 0; i < kCards; ++i) keep_card(daemon, "Łódź n" + std::to_string(i));
    REQUIRE(ask(daemon, "POST", "/maybes/items", R"({"title":"Łódź"})").status == 201);
    CHECK(hits(daemon, "lodz") == 100);
    CHECK(maybes(daemon) == 1);
    REQUIRE(daemon.stop() == 0);
  }
  change(data, "UPDATE card_index SET terms = replace(terms, 'wlodz', 'włodz')");
  change(data, "UPDATE maybes SET folded = 'łódź'");
  {
    DaemonProcess daemon(loaded(data));  // the control: nothing tells it
    CHECK(hits(daemon, "lodz") == 0);
    CHECK(maybes(daemon) == 0);
    REQUIRE(daemon.stop() == 0);
  }
  change(data, "UPDATE folded_texts SET version = '1'");
  {
    DaemonProcess daemon(loaded(data));
    REQUIRE(comes([&] { return hits(daemon, "lodz") > 0; }));
    daemon.kill();
    CHECK(daemon.log().find("folded by new rules") != std::string::npos);
  }
  const std::int64_t left = number(data, kOldOnes);
  CHECK(left > 0);  // else the kill came too late
  CHECK(left < kCards);
  DaemonProcess daemon(loaded(data));
  CHECK(daemon.log().find("folded by new rules") == std::string::npos);  // it goes on, and does not begin again
  REQUIRE(comes([&] { return hits(daemon, "\"lodz n399\"") == 1; }));
  REQUIRE(comes([&] { return maybes(daemon) == 1; }));
  for (int i = 0; i < kCards; i += 37) CHECK(hits(daemon, "\"lodz n" + std::to_string(i) + "\"") == 1);
  REQUIRE(daemon.stop() == 0);
  CHECK(number(data, kOldOnes) == 0);
}

TEST_CASE("a daemon starts on an index that FTS5 calls damaged for its levels, and says so") {
  const TemporaryDirectory directory;
  const auto data = directory.path() / "data";
  {
    DaemonProcess daemon(loaded(data));
    keep_card(daemon, "quince");
    REQUIRE(daemon.stop() == 0);
  }
  {
    store::Connection connection({.path = data / "nexus.db"});
    const auto wear = [&] {  // each change is followed by a merge of all segments
      for (int i = 0; i < 2000; ++i) {
        for (int segment = 0; segment < 2; ++segment)
          connection.execute("INSERT INTO card_index (terms) VALUES ('1wworn')");
        connection.execute("INSERT INTO card_index (card_index, rank) VALUES ('merge', -64)");
      }
    };
    REQUIRE_THROWS_AS(wear(), store::Error);  // where FTS5 takes no more
  }
  CHECK_THROWS(number(data, "SELECT 1 FROM card_index WHERE card_index MATCH '\"1wquince\"'"));  // the control
  DaemonProcess daemon(loaded(data));
  CHECK(daemon.log().find("the index of cards had grown worn and was mended") != std::string::npos);
  CHECK(hits(daemon, "quince") == 1);
  keep_card(daemon, "quince");
  CHECK(hits(daemon, "quince") == 2);
  REQUIRE(daemon.stop() == 0);
  DaemonProcess again(loaded(data));
  CHECK(again.log().find("mended") == std::string::npos);
  CHECK(hits(again, "quince") == 2);
}
