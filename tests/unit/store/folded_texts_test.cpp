// Texts that other rules folded are folded again, a few at a time, and a restart goes on where it ended.
#include "store/folded_texts.hpp"

#include <map>

#include "store/model_rows.hpp"
#include "tests/catch.hpp"
#include "tests/unit/store/cards.hpp"

namespace nexus::store {
using namespace test;
namespace {

/// Words as other rules might have folded them: `old` in the place of each `text`, and with `more` as many words more.
domain::CardWords old_words(const domain::Card& of, const std::string& text, const std::string& old) {
  domain::CardWords words = words_in(of);
  for (std::size_t at = 0; (at = words.text.find(text, at)) != std::string::npos; at += old.size())
    words.text.replace(at, text.size(), old);
  words.count = std::ranges::count(words.text, ' ');
  return words;
}

std::string numbered(const std::string& before, int count) {
  std::string out;
  for (int i = 0; i < count; ++i) out += before + std::to_string(i) + " ";
  return out;
}

/// Cards of every kind: in one row and in parts, whose number of words was another and was the same.
struct Texts {
  std::vector<domain::Card> cards;
  std::map<std::string, domain::CardWords> old;

  Texts() {
    add("a_plain", "nothing to fold", "x", "x");
    add("b_same", "lodz by train", "lodz ", "łodz ");
    add("c_more", "lodz cpp", "cpp ", "c pp ");
    add("d_large_same", "lodz " + numbered("w", 5000) + "lodz", "lodz ", "łodz ");
    add("e_large_fewer", "lodz " + numbered("w", 5000) + "lodz", "lodz ", "lo dz ");
    add("f_large_other_parts", "lodz " + numbered("w", 2040) + "lodz", "w1", "w 1");
    add("g_grows_beyond_a_part", numbered("w", 2060) + "lodz", "w20", "w");
    add("h_last", "the lodz end", "lodz ", "łodz ");
  }
  void add(const std::string& id, const std::string& body, const std::string& text, const std::string& was) {
    cards.push_back(card(id, body));
    cards.back().created_at = 1;
    old[id] = old_words(cards.back(), text, was);
  }
};

/// Stores them with the words that they would have now, or with those of other rules.
void store_all(Index& index, const Texts& texts, bool by_old_rules) {
  for (const auto& each : texts.cards) {
    const domain::CardWords words = by_old_rules ? texts.old.at(each.card_id) : words_in(each);
    bool more = false;
    index.database->writer().apply([&](Tx& tx) { more = insert_card(tx, each, words); });
    while (more)
      index.database->writer().apply([&](Tx& tx) { more = index_part(tx, each.realm(), each.card_id, words); });
  }
}

/// Folds again what waits, as housekeeping does, in at most so many units. Returns how many it took.
int fold_again(Index& index, int units_max) {
  int units = 0;
  const auto write = [&](const Unit& unit) {
    if (units == units_max) return false;
    ++units;
    index.database->writer().apply(unit);
    return true;
  };
  for (bool some = true; some;) {
    const auto next = next_to_fold(index.database->read().reader(), kFoldedCards, 2);
    for (const TextKey& key : next) {
      const auto found = find_row<domain::kCard>(index.database->read().reader(), key.place.realm(), key.id);
      REQUIRE(found);
      const domain::CardWords words = words_in(*found);
      if (!holds_other_words(index.database->read().reader(), *found, words)) continue;
      for (std::optional<std::int64_t> part = 0; part;)
        if (!write([&](Tx& tx) { part = renew_part(tx, *found, words, *part); })) return units;
      for (bool more = true; more;)
        if (!write([&](Tx& tx) { more = index_part(tx, found->realm(), key.id, words); })) return units;
    }
    some = !next.empty();
    if (!write([&](Tx& tx) { some ? move_fold_mark(tx, kFoldedCards, next.back()) : end_folding(tx, kFoldedCards); }))
      return units;
  }
  return units;
}

void check_equal(Index& index, Index& fresh) {
  for (bool more = true; more;)  // parts of what had another number of words
    index.database->writer().apply([&](Tx& tx) { more = remove_part(tx, {.tenant = "t_a", .env = "dev"}); });
  for (const auto& phrases : {std::vector{phrase("lodz")},
                              {phrase("łodz", true)},
                              {phrase("w4999 lodz")},
                              {phrase("w2047 w2048")},
                              {phrase("w1")},
                              {phrase("w20", true)},
                              {phrase("pp")},
                              {phrase("cpp")},
                              {phrase("train"), phrase("lodz")}}) {
    const auto left = index.find(phrases), right = fresh.find(phrases);
    REQUIRE(left.size() == right.size());
    for (std::size_t i = 0; i < left.size(); ++i) {
      CHECK(left[i].card_id == right[i].card_id);
      CHECK(left[i].score == right[i].score);
    }
  }
  CHECK(index.newest() == fresh.newest());
  CHECK(index.newest({"note", "1"}) == fresh.newest({"note", "1"}));
  CHECK(index.damage() == "");
}

bool begin(Index& index, const std::string& version) {
  bool waits = false;
  index.database->writer().apply([&](Tx& tx) { waits = fold_again_unless(tx, version); });
  return waits;
}

std::int64_t waiting(Index& index) { return count_to_fold(index.database->read().reader(), kFoldedCards); }

}  // namespace

TEST_CASE("cards that other rules folded get the words of now, and keep their scores and their order", "[folded]") {
  const Texts texts;
  Index index, fresh;
  CHECK_FALSE(begin(index, "new"));  // nothing is there
  CHECK(waiting(index) == 0);
  store_all(index, texts, true);
  store_all(fresh, texts, false);
  CHECK(index.ids({phrase("train"), phrase("lodz")}) != fresh.ids({phrase("train"), phrase("lodz")}));
  CHECK(begin(index, "newer"));
  CHECK_FALSE(begin(index, "newer"));  // goes on, and does not begin again
  CHECK(waiting(index) == static_cast<std::int64_t>(texts.cards.size()));
  CHECK(fold_again(index, 1000) > 10);
  CHECK(waiting(index) == 0);
  check_equal(index, fresh);
  CHECK(begin(index, "newest"));
  CHECK(fold_again(index, 1000) == 5);  // only the mark moves
}

TEST_CASE("folding again goes on after an end at any unit", "[folded]") {
  const Texts texts;
  Index fresh;
  store_all(fresh, texts, false);
  int whole = 0;
  {
    Index index;
    store_all(index, texts, true);
    begin(index, "new");
    whole = fold_again(index, 1000);
  }
  for (int end = 0; end <= whole; end += 3) {
    INFO("the end after unit " << end);
    Index index;
    store_all(index, texts, true);
    begin(index, "new");
    fold_again(index, end);
    index.open();
    CHECK_FALSE(begin(index, "new"));
    // What housekeeping does of cards in parts before it goes on.
    while (const auto noted = first_noted_card(index.database->read().reader())) {
      bool more = true;
      if (!noted->card_id) {
        index.database->writer().apply([&](Tx& tx) { remove_part(tx, noted->place.realm()); });
        continue;
      }
      const auto found =
          find_row<domain::kCard>(index.database->read().reader(), noted->place.realm(), *noted->card_id);
      while (more)
        index.database->writer().apply(
            [&](Tx& tx) { more = index_part(tx, found->realm(), found->card_id, words_in(*found)); });
    }
    fold_again(index, 1000);
    CHECK(waiting(index) == 0);
    check_equal(index, fresh);
  }
}

TEST_CASE("a card that was half indexed by other rules, or goes meanwhile, harms nothing", "[folded]") {
  const Texts texts;
  Index index, fresh;
  store_all(fresh, texts, false);
  for (const auto& each : texts.cards)
    index.database->writer().apply([&](Tx& tx) { std::ignore = insert_card(tx, each, texts.old.at(each.card_id)); });
  begin(index, "new");
  fold_again(index, 1000);
  for (const auto& each : texts.cards) index.go_on(each);  // as housekeeping goes on with what is noted
  check_equal(index, fresh);
  const domain::Card& gone = texts.cards[3];
  index.remove(gone.card_id);
  std::optional<std::int64_t> next = 1;
  index.database->writer().apply([&](Tx& tx) { next = renew_part(tx, gone, words_in(gone), 0); });
  CHECK_FALSE(next);
  CHECK_FALSE(holds_other_words(index.database->read().reader(), gone, words_in(gone)));
  fresh.remove(gone.card_id);
  check_equal(index, fresh);
}

}  // namespace nexus::store
