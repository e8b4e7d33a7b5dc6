// A pooler before the server, which is refused in each of its modes, and places that the server has not.
#include "tests/support/pooler.hpp"
#include "databases.hpp"
#include "store/postgres/lane_connection.hpp"

using namespace nexus::store;
using namespace nexus::store::test;
using Catch::Matchers::ContainsSubstring;
using nexus::test::Pooler;

namespace {

std::size_t count_of(const std::string& text, const std::string& what) {
  std::size_t count = 0;
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++count;
  return count;
}

bool is_let_in(const LinkOptions& options) {
  try {
    const Link link(options);
    return true;
  } catch (const ServerNotYet&) {
    return false;
  }
}

}  // namespace

TEST_CASE("a store behind a pooler is refused in one line, whatever its mode") {
  if (!Pooler::is_installed()) {
    WARN("NOT TESTED: pgbouncer is not installed");
    return;
  }
  const NewDatabase made;
  { PostgresDatabase direct(made.options()); }  // the control
  for (const char* mode : {"session", "transaction", "statement"}) {
    const Pooler pooler(server(), mode);
    INFO(mode);
    auto options = made.options();
    options.link.url = pooler.url(made.name());
    CHECK_THROWS_AS(PostgresDatabase(options), SchemaError);
    CHECK_THROWS_WITH(PostgresDatabase(options), ContainsSubstring("give nexusd the address of the server itself"));
    options.link.url += "&options=-cwork_mem%3D8MB";
    CHECK_THROWS_WITH(PostgresDatabase(options), ContainsSubstring("give nexusd the address of the server itself"));
  }
}

TEST_CASE("a process that is not the one that answers is a pooler's") {
  CHECK_NOTHROW(require_no_pooler(7, "7"));
  CHECK_THROWS_AS(require_no_pooler(7, "8"), SchemaError);
}

TEST_CASE("what passes by itself is known by the server's code, not by its language") {
  CHECK(is_not_yet("connection to server at \"db\" (10.0.0.1), port 5432 failed: FATAL:  53300"));
  CHECK(is_not_yet("connection to server on socket \"/s\" failed: SCHWERWIEGEND:  57P03"));
  CHECK_FALSE(is_not_yet("connection to server at \"db\" (10.0.0.1), port 5432 failed: FATAL:  28P01"));
  CHECK_FALSE(is_not_yet("connection to server at \"db\" (10.0.0.1), port 53300 failed: Connection refused"));
}

TEST_CASE("a server without a place left lets in who comes later, and is not asked all the time") {
  const std::vector<std::string> settings = {"max_connections=3", "superuser_reserved_connections=0",
                                             "max_wal_senders=0", "log_connections=on"};
  nexus::test::PostgresServer small(settings);
  const LinkOptions options{.url = small.url()};
  std::vector<std::unique_ptr<Link>> all;
  for (int count = 0; count < 3; ++count) all.push_back(std::make_unique<Link>(options));
  CHECK_FALSE(is_let_in(options));

  LaneConnection lane(nullptr, false);
  const auto asked = [&] { return count_of(small.log(), "connection received"); };
  const auto before = asked();
  const auto begin = std::chrono::steady_clock::now();
  std::size_t calls = 0;
  while (std::chrono::steady_clock::now() - begin < std::chrono::milliseconds(500)) {
    CHECK(failure_of([&] { lane.connect(options); }) == Failure::unreachable);
    ++calls;
  }
  const auto took = std::chrono::steady_clock::now() - begin;
  // The shortest pause is of 100 ms, and each attempt asks twice.
  CHECK(asked() - before <= 2 * static_cast<std::size_t>(took / std::chrono::milliseconds(100) + 1));
  CHECK(calls > asked() - before);

  all.pop_back();
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (!lane && std::chrono::steady_clock::now() < deadline) {
    try {
      lane.connect(options);
    } catch (const Error&) {  // until its pause is over
    }
  }
  REQUIRE(lane);
  CHECK(lane.is_alive());
}
