// Cards of many words, which are indexed and removed in parts: nobody who searches can tell.
#include <random>
#include <thread>

#include "store/rows.hpp"
#include "tests/catch.hpp"
#include "tests/unit/store/cards.hpp"

namespace nexus::store {
using namespace test;
namespace {

/// A body of the words `first` to `last`, each with this before its number.
std::string numbered(const std::string& before, int first, int last) {
  std::string out;
  for (int i = first; i <= last; ++i) out.append(out.empty() ? "" : " ").append(before + std::to_string(i));
  return out;
}

/// Stores a card as one row, however long it is, as earlier versions did.
void add_in_one_row(Index& index, const domain::Card& added) {
  const domain::CardWords words = words_in(added);
  domain::Card empty = added;
  empty.body_bytes = 0;
  index.begin(empty);
  index.database->writer().apply([&](Tx& tx) {
    const Realm realm = added.realm();
    const std::int64_t space = integer_of(
        tx.query("UPDATE card_search_spaces SET words = words + ?3 WHERE tenant_id = ?1 AND env = ?2 RETURNING space",
                 realm, words.count));
    const std::int64_t row = integer_of(
        tx.query("UPDATE card_search_rows SET row_id = row_id + ?4 WHERE tenant_id = ?1 AND env = ?2 AND card_id = ?3 "
                 "RETURNING row_id",
                 realm, added.card_id, words.count));
    tx.run("DELETE FROM card_index WHERE rowid = ?1", row - words.count);
    tx.run("INSERT INTO card_index (rowid, terms) VALUES (?1, ?2)", row, OldTerms(space, added).text());
  });
}

std::int64_t number(Index& index, std::string_view sql) {
  auto lease = index.database->read();
  Query row = lease.reader().query(sql);
  REQUIRE(row.next());
  return row.integer(0);
}
std::int64_t rows(Index& index) { return number(index, "SELECT count(*) FROM card_index"); }
std::int64_t notes(Index& index) { return number(index, "SELECT count(*) FROM card_index_notes"); }

/// Three parts: words "w0" to "w4999".
domain::Card large(const std::string& id = "large") { return card(id, numbered("w", 0, 4999)); }

}  // namespace

TEST_CASE("a card in parts has the scores of one in a single row, for words, phrases, prefixes and filters",
          "[card_parts]") {
  Index parts, whole;
  std::mt19937 random(17);
  for (int i = 0; i < 12; ++i) {
    std::string body;
    for (int k = 0; k < (i % 3 == 0 ? 7000 : 50); ++k) body += " v" + std::to_string(random() % 300);
    const auto added = card("c" + std::to_string(i), body, "t_a", i % 2 == 0 ? "note" : "memo");
    if (parts.begin(added)) parts.go_on(added);
    add_in_one_row(whole, added);
  }
  CHECK(rows(parts) == 4 * 4 + 8);
  CHECK(rows(whole) == 12);
  CHECK(notes(parts) == 0);
  for (int i = 0; i < 60; ++i) {
    const std::string word = "v" + std::to_string(i), other = "v" + std::to_string(random() % 300);
    for (const auto& phrases : {std::vector{phrase(word)},
                                {phrase(word), phrase(other)},
                                {phrase(word + " " + other)},
                                {phrase(word + " " + other + " v" + std::to_string(i % 7))},
                                {phrase("v" + std::to_string(i % 10), true)},
                                {phrase(word), phrase("absent")}})
      for (const SearchFilter& filter : {SearchFilter{}, SearchFilter{"note", "1"}}) {
        const auto left = parts.find(phrases, filter), right = whole.find(phrases, filter);
        REQUIRE(left.size() == right.size());
        for (std::size_t k = 0; k < left.size(); ++k) {
          CHECK(left[k].card_id == right[k].card_id);
          CHECK(left[k].score == right[k].score);
        }
      }
  }
  CHECK(parts.newest({"note", "1"}) == whole.newest({"note", "1"}));
  CHECK(parts.newest() == whole.newest());
  CHECK(parts.damage() == "");
}

TEST_CASE("a phrase across the beginning of a part is found, and counts once", "[card_parts]") {
  Index parts, whole;
  parts.add("large", large().full_text);
  add_in_one_row(whole, large());
  constexpr int longest = static_cast<int>(kPhraseWordsMax);
  for (const int length : {1, 2, longest - 1, longest})
    for (int first = 2048 - 2 * longest; first <= 2048 + longest; ++first) {
      const auto wanted = std::vector{phrase(numbered("w", first, first + length - 1))};
      const auto left = parts.find(wanted), right = whole.find(wanted);
      CAPTURE(first, length);
      REQUIRE(left.size() == 1);
      CHECK(left[0].score == right[0].score);
    }
  CHECK(parts.ids({phrase("w2047 w2049")}) == "");
  CHECK(parts.ids({phrase("w4999")}) == "large");
}

TEST_CASE("words that are missing after a crash are noted, and indexed later", "[card_parts]") {
  Index index;
  REQUIRE(index.begin(large()));
  CHECK(index.ids({phrase("w0")}) == "large");
  CHECK(index.ids({phrase("w4999")}) == "");
  CHECK(notes(index) == 1);
  index.open();
  const auto noted = first_noted_card(index.database->read().reader());
  REQUIRE(noted);
  CHECK(noted->card_id == "large");
  CHECK(count_noted_cards(index.database->read().reader()) == 1);
  index.go_on(large());
  CHECK(index.ids({phrase("w4999")}) == "large");
  CHECK(notes(index) == 0);
  index.go_on(large());  // nothing is left
  CHECK(rows(index) == 3);
  CHECK(index.damage() == "");
}

TEST_CASE("units of one group index different parts", "[card_parts]") {
  Index index;
  Gate gate;
  index.begin(large());
  Writer& writer = index.database->writer();
  const auto ignore = [](const Result&) {};
  writer.submit([&gate](Tx&) { gate.pass(); }, ignore);
  while (writer.stats().queue_units != 0) std::this_thread::yield();
  for (int i = 0; i < 3; ++i)
    writer.submit([](Tx& tx) { index_part(tx, large().realm(), "large", words_in(large())); }, ignore);
  gate.open();
  writer.apply([](Tx&) {});
  CHECK(rows(index) == 3);
  CHECK(index.ids({phrase("w2100"), phrase("w4999")}) == "large");
}

TEST_CASE("a deleted card in parts is gone at once, and its parts follow", "[card_parts]") {
  const bool was_whole = GENERATE(true, false);
  Index index, never;
  for (Index* each : {&index, &never}) {
    each->add("a", "w0 w3000 dog");
    each->add("b", "w0");
  }
  index.begin(large());
  if (was_whole) index.go_on(large());
  bool more = false;
  index.database->writer().apply([&](Tx& tx) { more = unindex_card(tx, large().realm(), "large"); });
  CHECK(more);
  CHECK(index.ids({phrase("w1")}) == "");
  CHECK(index.newest() == "b a");
  CHECK(index.newest({"note", "1"}, 2) == "b a");
  for (const char* word : {"w0", "w3000", "dog"}) {
    const auto left = index.find({phrase(word)}), right = never.find({phrase(word)});
    REQUIRE(left.size() == right.size());
    for (std::size_t k = 0; k < left.size(); ++k) CHECK(left[k].score == right[k].score);
  }
  index.go_on(large());  // whoever stored it still runs: it adds nothing
  CHECK_FALSE(first_noted_card(index.database->read().reader())->card_id);
  index.open();
  int removed = 0;
  for (bool some = true; some; removed += some)
    index.database->writer().apply([&](Tx& tx) { some = remove_part(tx, large().realm()); });
  CHECK(removed == (was_whole ? 3 : 1));
  CHECK(rows(index) == 2);
  CHECK(notes(index) == 0);
  CHECK(index.damage() == "");
  index.add("large", "back");
  CHECK(index.ids({phrase("back")}) == "large");
}

}  // namespace nexus::store
