// What the index of cards holds, and what it costs: terms, segments, and words of deleted cards.
#include <sqlite3.h>

#include <algorithm>
#include <random>

#include "daemon/base/text.hpp"
#include "store/sqlite/index_levels.hpp"
#include "tests/catch.hpp"
#include "tests/unit/store/cards.hpp"

namespace nexus::store {
using namespace test;
TEST_CASE("words of deleted cards leave the index by small steps, once they are due", "[card_search]") {
  Index index;
  std::mt19937 random(11);
  for (int i = 0; i < 400; ++i) {
    std::string body = "common";
    for (int k = 0; k < 40; ++k) body += " n" + std::to_string(random());
    index.add("c" + std::to_string(i), body + (i % 2 == 0 ? " axyquince" : " bxymedlar"));
  }
  index.add("late", "cxysorrel");
  const auto stands = [&](const std::string& word) {  // it shares its first letters with a neighbour at most
    auto lease = index.database->read();
    return lease.reader()
        .query("SELECT 1 FROM card_index_data WHERE instr(CAST(block AS BLOB), CAST(?1 AS BLOB)) > 0", word)
        .next();
  };
  const auto step = [&](Micros due, int pages) {
    bool done = false;
    index.database->writer().apply([&](Tx& tx) { done = merge_deleted_words(tx, due, pages); });
    return done;
  };
  const auto now = [] { return now_micros() + 1; };
  CHECK(step(now(), 1));  // nothing was deleted
  for (int i = 0; i < 400; i += 2) index.remove("c" + std::to_string(i));
  CHECK(step(now_micros() - kHour, 1));
  CHECK(stands("quince"));
  int steps = 1;
  CHECK_FALSE(step(now(), 1));
  index.remove("late");  // while the merge runs: it waits for the next one
  for (; !step(now_micros() - kHour, 1); ++steps) REQUIRE(steps < 10'000);
  CHECK(steps > 10);
  CHECK_FALSE(stands("quince"));
  CHECK(stands("medlar"));
  CHECK(index.find({phrase("bxymedlar")}, {}, "t_a", 1000).size() == 200);
  CHECK(index.find({phrase("common")}, {}, "t_a", 1000).size() == 200);
  for (steps = 1; !step(now(), 1); ++steps) REQUIRE(steps < 10'000);
  CHECK_FALSE(stands("sorrel"));
  CHECK(index.damage() == "");
  CHECK(step(now(), 1));
}

// FTS5 adds levels with each such merge, and takes an index of over 2 000 for damaged: as many deletions as here, each
// merged by itself, once made every card's write and every search fail.
TEST_CASE("an index that merges away deleted words very often does not wear", "[card_search]") {
  Index index;
  std::int64_t most = 0;
  index.add("kept", "quince");
  for (int i = 0; i < 1300; ++i) {
    index.add("c" + std::to_string(i), "medlar n" + std::to_string(i));
    index.add("d" + std::to_string(i), "medlar n" + std::to_string(i));
    index.remove("c" + std::to_string(i));
    for (bool done = false; !done;)
      index.database->writer().apply([&](Tx& tx) { done = merge_deleted_words(tx, now_micros() + 1, 64); });
    most = std::max(most, levels_of_index(index.database->read().reader()));
  }
  CHECK(most > kLevelsMax - 2);  // else nothing was to be shed
  CHECK(most <= kLevelsMax + 2);
  CHECK_FALSE(has_words_to_merge(index.database->read().reader(), now_micros() + 1));
  CHECK(index.ids({phrase("quince")}) == "kept");
  CHECK(index.find({phrase("medlar")}, {}, "t_a", 2000).size() == 1300);
  CHECK(index.damage() == "");
  index.open();
  CHECK(index.find({phrase("medlar")}, {}, "t_a", 2000).size() == 1300);
}

namespace {

/// What a worn index is: merges of all segments, one after another, as they were before levels were shed. Ends where
/// FTS5 takes no more.
void wear(Index& index, int merges) {
  index.database.reset();
  Connection connection({.path = index.scratch.database()});
  try {
    for (int i = 0; i < merges; ++i) {
      for (int segment = 0; segment < 2; ++segment)
        connection.execute("INSERT INTO card_index (terms) VALUES ('1wworn')");
      connection.execute("INSERT INTO card_index (card_index, rank) VALUES ('merge', -64)");
    }
  } catch (const Error& error) {
    CHECK(error.failure == Failure::corrupt);
  }
}

/// Whether FTS5 takes the index as it is.
bool is_usable(const Index& index) {
  Connection connection({.path = index.scratch.database()});
  try {
    return Reader(connection).query("SELECT 1 FROM card_index WHERE card_index MATCH '\"1wquince\"'").next();
  } catch (const Error&) {
    return false;
  }
}

}  // namespace

TEST_CASE("an index with so many levels that FTS5 calls it damaged is whole again once it is opened", "[card_search]") {
  Index index;
  index.add("kept", "quince");
  wear(index, 900);
  CHECK(is_usable(index));
  wear(index, 1000);
  CHECK_FALSE(is_usable(index));  // else the test wore too little
  index.open();
  CHECK(index.database->mended() == IndexMend::shed);
  CHECK(levels_of_index(index.database->read().reader()) == kLevelsKept);
  CHECK(index.ids({phrase("quince")}) == "kept");
  index.add("new", "quince");
  CHECK(index.ids({phrase("quince")}) == "new kept");
  CHECK(index.damage() == "");
  index.open();
  CHECK(index.database->mended() == IndexMend::none);
}

TEST_CASE("an index whose list of segments is not FTS5's is built anew of its rows", "[card_search]") {
  Index index;
  index.add("kept", "quince");
  const std::string record = GENERATE("x''", "x'00000000'", "x'0000000001'", "x'00000000050500000000000000'", "NULL");
  index.database->writer().apply([&](Tx& tx) {
    sqlite3_db_config(connection_of(tx).handle(), SQLITE_DBCONFIG_DEFENSIVE, 0, nullptr);
    tx.run("UPDATE card_index_data SET block = " + record + " WHERE id = 10");
  });
  index.database.reset();
  CHECK_FALSE(is_usable(index));
  index.open();
  CHECK(index.database->mended() == IndexMend::rebuilt);
  CHECK(index.ids({phrase("quince")}) == "kept");
  CHECK(index.damage() == "");
}

TEST_CASE("only empty levels are shed, the highest first, and only from what FTS5 wrote", "[card_search]") {
  using namespace std::string_literals;
  // Cookie; levels, segments, writes; of each level: being merged, held, and three numbers of each segment.
  const std::string head = "\0\0\0\7"s, empty = "\0\0"s, one = "\0\1\5\1\x81\0"s, two = "\1\2\6\1\2\7\1\3"s;
  const std::string record = head + "\6\3\x83\1"s + two + empty + empty + one + empty + empty;
  CHECK(without_empty_levels(record, 6) == record);
  CHECK(without_empty_levels(record, 7) == record);
  CHECK(without_empty_levels(record, 4) == head + "\4\3\x83\1"s + two + empty + empty + one);
  CHECK(without_empty_levels(record, 3) == head + "\3\3\x83\1"s + two + empty + one);
  CHECK(without_empty_levels(record, 0) == head + "\2\3\x83\1"s + two + one);
  std::string many = head + "\x8f\x50\1\0"s;  // 2000 levels
  for (int i = 1; i < 2000; ++i) many += empty;
  many += one;
  std::string fewer = head + "\x81\x2c\1\0"s;  // 172
  for (int i = 1; i < 172; ++i) fewer += empty;
  CHECK(without_empty_levels(many, 172) == fewer + one);
  for (std::size_t bytes = 0; bytes < record.size(); ++bytes)
    CHECK(without_empty_levels(record.substr(0, bytes), 1) == "");
  CHECK(without_empty_levels(record + "\0"s, 1) == "");
  CHECK(without_empty_levels(head + "\1\2\0"s + one, 1) == "");
}

TEST_CASE("the segments of the index stay few, whether cards come one by one or are deleted", "[card_search]") {
  Index index;
  std::mt19937 random(13);
  std::int64_t most = 0;
  for (int i = 0; i < 1500; ++i) {
    std::string body;
    for (int k = 0; k < (i % 10 == 0 ? 400 : 20); ++k) body += " n" + std::to_string(random() % 50'000);
    index.add("c" + std::to_string(i), body);
    most = std::max(most, index.segments());
  }
  for (int i = 0; i < 1500; i += 2) {
    index.remove("c" + std::to_string(i));
    most = std::max(most, index.segments());
  }
  CHECK(most <= 40);
  CHECK(most > 4);  // else the test counts nothing
  CHECK(index.damage() == "");
}

TEST_CASE("the index holds the terms that it held when units folded the words", "[card_search]") {
  Index index;
  std::mt19937 random(5);
  const std::string long_word(1000, 'A');
  auto odd = split(
      "| |x|Über|U\u0308ber|u\u00ADber|Straße|ﬁne|ΣΊΣΥΦΟΣ|İstanbul|Й й|हिन्दी|が|한국어|全文検索|ไทย|1w2w|1 "
      "11|-1.5e3|a_b-c.d|\n|"
      "\u0301a|\u200D|\u00A0b|\U0001F600c|\u0345",
      '|');
  odd.push_back(long_word);
  for (int i = 0; i < 200; ++i) {
    const auto some = [&] {
      std::string out;
      for (unsigned k = random() % 6; k > 0; --k)
        out.append(odd[random() % odd.size()]).append(random() % 2 ? " " : "");
      return out;
    };
    const Json header = {{"n", some()}, {"a", {some(), 12, -0.0, 1.5e300, true, nullptr, {{"deep", some()}}}}};
    const std::string tenant = "t_" + std::to_string(i % 12);
    const auto added = card("c" + std::to_string(i), some(), tenant, "type_" + std::to_string(i), to_text(header));
    index.database->writer().apply([&](Tx& tx) { std::ignore = index_card(tx, added, words_in(added)); });
    auto lease = index.database->read();
    Query space = lease.reader().query("SELECT space FROM card_search_spaces WHERE tenant_id = ?1", tenant);
    REQUIRE(space.next());
    Query held = lease.reader().query("SELECT terms FROM card_index ORDER BY rowid DESC LIMIT 1");
    REQUIRE(held.next());
    CHECK(held.text(0) == OldTerms(space.integer(0), added).text());
  }
}

TEST_CASE("a unit that fails leaves nothing in the index", "[card_search]") {
  Index index;
  index.add("a", "cat");
  const auto before = index.find({phrase("cat")});
  const Result result = index.database->writer().run([](Tx& tx) {
    std::ignore = index_card(tx, card("b", "cat"), words_in(card("b", "cat")));
    throw std::runtime_error("no");
  });
  CHECK(result.outcome == Outcome::refused);
  const auto after = index.find({phrase("cat")});
  REQUIRE(after.size() == 1);
  CHECK(after[0].score == before[0].score);
  index.add("b", "cat");
  CHECK(index.ids({phrase("cat")}) == "b a");
}

}  // namespace nexus::store
