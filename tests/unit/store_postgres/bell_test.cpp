// The bell: what one daemon on a database tells the others, and what is told again after the server was away.
#include <condition_variable>

#include "databases.hpp"

using namespace nexus;
using namespace nexus::store;
using namespace nexus::store::test;

namespace {

/// What a listener heard, and a wait for it.
class Ear {
 public:
  explicit Ear(Bell& bell) : bell_(bell) {
    bell_.listen({.changed =
                      [this](const std::vector<Place>& places) {
                        note([&] { changed.insert(changed.end(), places.begin(), places.end()); });
                      },
                  .missed = [this] { note([&] { ++missed; }); },
                  .said = [this](std::string_view words) { note([&] { said.emplace_back(words); }); }});
  }
  ~Ear() { bell_.listen({}); }
  /// Waits for it; false after so long.
  template <class Condition>
  bool hears(Condition condition, std::chrono::milliseconds longest = std::chrono::seconds(10)) {
    std::unique_lock lock(mutex_);
    return heard_.wait_for(lock, longest, condition);
  }

  std::vector<Place> changed;
  int missed = 0;
  std::vector<std::string> said;

 private:
  template <class Note>
  void note(Note what) {
    {
      const std::lock_guard lock(mutex_);
      what();
    }
    heard_.notify_all();
  }
  Bell& bell_;
  std::mutex mutex_;
  std::condition_variable heard_;
};

/// Two daemons on one database, both of whom hear what is told.
struct Two {
  NewDatabase made;
  PostgresDatabase a{made.options()}, b{made.options()};
  Ear at_a{*a.bell()}, at_b{*b.bell()};
  Two() {
    REQUIRE(at_a.hears([&] { return at_a.missed > 0; }));
    REQUIRE(at_b.hears([&] { return at_b.missed > 0; }));
  }
};

}  // namespace

TEST_CASE("a commit is told to the other daemons, with its places, and not to oneself") {
  Two two;
  two.a.writer().apply([](Tx& tx) {
    append_row(tx, kDev);
    append_row(tx, kOther);
  });
  const std::vector<Place> both{{"t_a", "dev"}, {"t_b", "dev"}};
  CHECK(two.at_b.hears([&] { return two.at_b.changed.size() >= 2; }));
  CHECK(two.at_b.changed == both);
  two.b.writer().apply([](Tx& tx) { append_row(tx, kProd); });
  CHECK(two.at_a.hears([&] { return !two.at_a.changed.empty(); }));
  CHECK(two.at_a.changed == std::vector<Place>{{"t_a", "prod"}});
  CHECK(two.at_b.changed == both);
}

TEST_CASE("words come whole and in order, however long, and equal ones twice") {
  Two two;
  std::string lengthy;
  while (lengthy.size() < 100'000) lengthy += "€ä\"x";
  const std::vector<std::string> words{"one", lengthy, "same", "same", std::string(7'900, 'y'), "", "last"};
  for (const auto& each : words) two.a.bell()->say(each);
  CHECK(two.at_b.hears([&] { return two.at_b.said.size() >= words.size(); }));
  CHECK(two.at_b.said == words);
  CHECK(two.at_a.said.empty());
}

TEST_CASE("more places than can be told are told as: anything may have changed") {
  Two two;
  const int before = two.at_b.missed;
  std::vector<Place> places;
  for (int i = 0; i < 5'000; ++i) places.push_back({"t_" + std::to_string(i), "dev"});
  dynamic_cast<PostgresBell&>(*two.a.bell()).ring(places);
  CHECK(two.at_b.hears([&] { return two.at_b.missed > before; }));
  CHECK(two.at_b.changed.empty());
}

TEST_CASE("a bell whose connection was cut says that it may have missed something, and hears again") {
  Two two;
  for (int times = 1; times <= 3; ++times) {
    const int before = two.at_b.missed;
    Link({.url = two.made.link().url})
        .execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%LISTEN nexus_bell%' "
            "AND pid <> pg_backend_pid()");
    REQUIRE(two.at_b.hears([&] { return two.at_b.missed > before; }));
    two.at_b.said.clear();
    // a's own bell may still be away: then what it says is told when it is back, or dropped.
    for (int tries = 0; tries < 100 && two.at_b.said.empty(); ++tries) {
      two.a.bell()->say("again");
      two.at_b.hears([&] { return !two.at_b.said.empty(); }, std::chrono::milliseconds(100));
    }
    CHECK(!two.at_b.said.empty());
  }
}
