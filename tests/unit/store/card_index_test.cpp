// What the index of cards holds, and what it costs: terms, segments, and words of deleted cards.
#include <algorithm>
#include <random>

#include "daemon/base/text.hpp"
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
TEST_CASE("an index that merged away deleted words very often stays sound, and a start makes it young",
          "[card_search]") {
  Index index;
  const auto step = [&] {
    bool done = false;
    index.database->writer().apply([&](Tx& tx) { done = merge_deleted_words(tx, now_micros() + 1, 64); });
    return done;
  };
  const auto levels = [&] { return levels_of_index(index.database->read().reader()); };
  const auto is_worn = [&] { return is_index_worn(index.database->read().reader()); };
  index.add("kept", "quince");
  CHECK_FALSE(is_worn());
  for (int i = 0; i < 1300; ++i) {
    index.add("c" + std::to_string(i), "medlar n" + std::to_string(i));
    index.add("d" + std::to_string(i), "medlar n" + std::to_string(i));
    index.remove("c" + std::to_string(i));
    while (!step()) continue;
  }
  CHECK(levels() >= 1900);  // else the test wore nothing
  CHECK(levels() < 1950);
  CHECK(has_words_to_merge(index.database->read().reader(), now_micros() + 1));
  CHECK(index.ids({phrase("quince")}) == "kept");
  CHECK(index.damage() == "");
  CHECK(is_worn());
  index.database->writer().apply([](Tx& tx) { rebuild_index(tx); });
  CHECK(levels() < 10);
  CHECK_FALSE(is_worn());
  while (!step()) continue;
  CHECK_FALSE(has_words_to_merge(index.database->read().reader(), now_micros() + 1));
  CHECK(index.ids({phrase("quince")}) == "kept");
  CHECK(index.damage() == "");
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
