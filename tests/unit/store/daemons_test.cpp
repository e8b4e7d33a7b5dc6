// The rows of the daemons that share a store, and the lease by which one of them leads, as statements. They are one
// text for both engines; who leads when is tests/unit/store_postgres/leadership_test.cpp's.
#include "store/daemons.hpp"

#include "support.hpp"
#include "tests/catch.hpp"

namespace nexus::store::test {

TEST_CASE("a daemon's row is made, renewed and dropped") {
  const Scratch scratch;
  SqliteDatabase database({.path = scratch.database()});
  const auto put = [&](const std::string& id, Micros now, std::int64_t applied) {
    database.writer().apply([&](Tx& tx) {
      put_daemon(tx, {.daemon_id = id, .host = "h", .version = "1", .signing_keys = {"k " + id}, .applied = applied},
                 now);
    });
  };
  put("b", 10, 1);
  put("a", 20, 2);
  put("b", 30, 3);
  const auto all = list_daemons(database.read().reader());
  REQUIRE(all.size() == 2);
  CHECK(all[0].daemon_id == "b");
  CHECK(all[0].started_at == 10);
  CHECK(all[0].seen_at == 30);
  CHECK(all[0].applied == 3);
  CHECK(all[0].signing_keys == std::vector<std::string>{"k b"});
  CHECK(list_daemons(database.read().reader(), 21).size() == 1);
  database.writer().apply([](Tx& tx) { drop_daemon(tx, "b"); });
  CHECK(list_daemons(database.read().reader()).at(0).daemon_id == "a");
}

TEST_CASE("a lease is taken when none lasts, renewed by its holder, and given back") {
  const Scratch scratch;
  SqliteDatabase database({.path = scratch.database()});
  const auto within = [&](auto act) {
    std::optional<std::int64_t> term;
    database.writer().apply([&](Tx& tx) { term = act(tx); });
    return term;
  };
  const auto take = [&](const char* id, Micros now) {
    return within([&](Tx& tx) { return take_lease(tx, id, now, now + 10); });
  };
  const auto renew = [&](const char* id, Micros until) {
    return within([&](Tx& tx) { return renew_lease(tx, id, until); });
  };
  CHECK_FALSE(find_lease(database.read().reader()));
  CHECK_FALSE(renew("a", 10));
  CHECK(take("a", 100) == 1);
  CHECK_FALSE(take("b", 110));
  CHECK(renew("a", 120) == 1);
  CHECK_FALSE(take("b", 111));
  CHECK_FALSE(renew("b", 200));
  CHECK(take("b", 121) == 2);
  CHECK_FALSE(renew("a", 200));
  database.writer().apply([](Tx& tx) { give_lease_back(tx, "a"); });
  CHECK_FALSE(take("a", 130));
  database.writer().apply([](Tx& tx) { give_lease_back(tx, "b"); });
  CHECK(take("a", 130) == 3);
  const auto lease = find_lease(database.read().reader());
  CHECK(lease->daemon_id == "a");
  CHECK(lease->until == 140);
}

TEST_CASE("daemons agree on the newest key that all of them have") {
  const auto with = [](std::vector<std::string> keys) {
    Daemon daemon;
    daemon.signing_keys = std::move(keys);
    return daemon;
  };
  CHECK(agreed_key({}).empty());
  CHECK(agreed_key({with({})}).empty());
  CHECK(agreed_key({with({"1 a", "2 b"})}) == "2 b");
  CHECK(agreed_key({with({"1 a", "2 b"}), with({"1 a"})}) == "1 a");
  CHECK(agreed_key({with({"1 a", "2 b"}), with({}), with({"1 a", "2 b", "3 c"})}) == "2 b");
  CHECK(agreed_key({with({"1 a"}), with({"1 x"})}).empty());
}

}  // namespace nexus::store::test
