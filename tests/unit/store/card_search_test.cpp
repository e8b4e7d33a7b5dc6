// The index of cards: what is found, in which order, and that no neighbour moves a score by one bit.
#include "store/card_search.hpp"

#include <cmath>
#include <map>
#include <random>
#include <set>

#include "tests/catch.hpp"
#include "tests/unit/store/cards.hpp"

namespace nexus::store {
using namespace test;

TEST_CASE("cards are found by words, phrases and prefixes of header and body", "[card_search]") {
  Index index;
  index.add("c1", "The launch plan, in red", "t_a", "note", R"({"title":"Élan","tags":["a",{"x":"deep"}],"n":42})");
  index.add("c2", "plan a launch");
  index.add("c3", "nothing of it");
  CHECK(index.ids({phrase("launch")}) == "c2 c1");
  CHECK(index.ids({phrase("launch plan")}) == "c1");
  CHECK(index.ids({phrase("lau", true)}) == "c2 c1");
  CHECK(index.ids({phrase("the lau", true)}) == "c1");
  CHECK(index.ids({phrase("lau")}) == "");
  CHECK(index.ids({phrase("ELAN")}) == "c1");
  CHECK(index.ids({phrase("deep")}) == "c1");
  CHECK(index.ids({phrase("42")}) == "c1");
  CHECK(index.ids({phrase("title")}) == "");
  CHECK(index.ids({}) == "");
  CHECK(index.find({phrase("launch")}, {}, "t_none").empty());
}

TEST_CASE("cards with all phrases come alone; where none has all, those with any", "[card_search]") {
  Index index;
  index.add("both", "red green");
  index.add("red", "red");
  index.add("green", "green");
  CHECK(index.ids({phrase("red"), phrase("green")}) == "both");
  CHECK(index.ids({phrase("red"), phrase("blue")}) == "red both");
  CHECK(index.ids({phrase("blue"), phrase("black")}) == "");
}

TEST_CASE("scores are those of BM25, and ties go to the newest", "[card_search]") {
  Index index;
  index.add("a", "cat cat dog");
  index.add("b", "cat mouse bird fish worm");
  index.add("c", "mouse");
  index.add("d", "mouse");
  const auto hits = index.find({phrase("cat")});
  REQUIRE(hits.size() == 2);
  CHECK(hits[0].card_id == "a");
  const double idf = std::log(1 + (4 - 2 + 0.5) / (2 + 0.5)), average = 10.0 / 4;
  CHECK(hits[0].score == Approx(idf * 2 * 2.2 / (2 + 1.2 * (0.25 + 0.75 * 3 / average))));
  CHECK(hits[1].score == Approx(idf * 1 * 2.2 / (1 + 1.2 * (0.25 + 0.75 * 5 / average))));
  CHECK(index.ids({phrase("mouse")}) == "d c b");
  CHECK(index.ids({phrase("mouse")}, {}, "t_a", 1) == "d");
}

TEST_CASE("a filter narrows what is found and moves no score", "[card_search]") {
  Index index;
  index.add("n1", "cat", "t_a", "note");
  index.add("m1", "cat cat", "t_a", "memo_2");
  index.add("n2", "cat dog", "t_a", "note");
  index.add("o", "none", "t_a", "note");
  const auto every = index.find({phrase("cat")}), notes = index.find({phrase("cat")}, {"note", {}});
  CHECK(index.ids({phrase("cat")}, {"note", {}}) == "n1 n2");
  for (const auto& note : notes)
    for (const auto& any : every)
      if (any.card_id == note.card_id) CHECK(any.score == note.score);
  CHECK(index.ids({phrase("cat")}, {"memo_2", {}}) == "m1");
  CHECK(index.ids({phrase("cat")}, {"memo", {}}) == "");
  CHECK(index.ids({phrase("cat")}, {"note", "1"}) == "n1 n2");
  CHECK(index.ids({phrase("cat")}, {"note", "2"}) == "");
  CHECK(index.ids({phrase("cat"), phrase("dog")}, {"memo_2", {}}) == "m1");
  CHECK(index.newest() == "o n2 m1 n1");
  CHECK(index.newest({}, 2) == "o n2");
  CHECK(index.newest({"note", {}}) == "o n2 n1");
  CHECK(index.newest({"note", "1"}, 1) == "o");
  CHECK(index.newest({{}, "x"}) == "");
  CHECK(index.newest({}, 5, "t_b") == "");
}

TEST_CASE("a deleted card vanishes, from the statistics too", "[card_search]") {
  Index index, never;
  for (Index* each : {&index, &never}) {
    each->add("a", "cat dog");
    each->add("b", "cat");
  }
  index.add("gone", "cat cat cat dog mouse");
  index.remove("gone");
  index.remove("never indexed");
  const auto left = index.find({phrase("cat"), phrase("dog")}), right = never.find({phrase("cat"), phrase("dog")});
  REQUIRE(left.size() == 1);
  REQUIRE(right.size() == 1);
  CHECK(left[0].score == right[0].score);
  CHECK(index.ids({phrase("mouse")}) == "");
  CHECK(index.newest() == "b a");
  index.add("gone", "back");
  CHECK(index.ids({phrase("back")}) == "gone");
  CHECK(index.damage() == "");
}

TEST_CASE("no neighbour moves a hit, an order or a score by one bit", "[card_search]") {
  Index alone, shared;
  std::mt19937 random(7);
  const auto text = [&](int words) {
    std::string out;
    for (int i = 0; i < words; ++i) out += "w" + std::to_string(random() % 40) + " ";
    return out;
  };
  for (int i = 0; i < 60; ++i) {
    const std::string id = "c" + std::to_string(i), body = text(3 + static_cast<int>(random() % 30));
    alone.add(id, body);
    for (const auto& [tenant, env] : {std::pair{"t_b", "dev"}, {"t_a", "prod"}, {"t_aa", "dev"}})
      for (int k = 0; k < 3; ++k)
        shared.add(id + "x" + std::to_string(k), text(static_cast<int>(random() % 90)), tenant, "note", "{}", env);
    shared.add(id, body);
    if (i % 7 == 6) {
      alone.remove(id);
      shared.remove(id);
      shared.remove(id + "x1", "t_b");
    }
  }
  for (int i = 0; i < 40; ++i) {
    const std::string word = "w" + std::to_string(i), other = "w" + std::to_string((i * 7) % 40);
    for (const auto& phrases : {std::vector{phrase(word)},
                                {phrase(word), phrase(other)},
                                {phrase(word + " " + other)},
                                {phrase("w" + std::to_string(i % 4), true)},
                                {phrase(word), phrase("absent")}}) {
      const auto left = alone.find(phrases), right = shared.find(phrases);
      REQUIRE(left.size() == right.size());
      for (std::size_t k = 0; k < left.size(); ++k) {
        CHECK(left[k].card_id == right[k].card_id);
        CHECK(left[k].score == right[k].score);
      }
    }
  }
  CHECK(shared.ids({phrase("w1")}, {}, "t_a").find('x') == std::string::npos);
  CHECK(shared.damage() == "");
}

TEST_CASE("numbers of spaces are never mistaken: 1 and 11, a word that begins with digits", "[card_search]") {
  Index index;
  for (int i = 1; i <= 12; ++i) index.add("c", "1wx 2 x", "t_" + std::to_string(i));
  for (int i = 1; i <= 12; ++i) {
    const std::string tenant = "t_" + std::to_string(i);
    CHECK(index.find({phrase("1wx")}, {}, tenant).size() == 1);
    CHECK(index.find({phrase("1", true)}, {}, tenant).size() == 1);
    CHECK(index.find({phrase("wx", true)}, {}, tenant).empty());
    CHECK(index.find({phrase("1w1wx")}, {}, tenant).empty());
  }
}

TEST_CASE("a prefix of many words stands for the first of the alphabet, and an exact word is never bounded",
          "[card_search]") {
  Index index;
  for (const char* word : {"p", "pa", "pab", "pb", "pba", "pc", "q", "qa"}) index.add(word, word);
  index.add("phrase", "x pb");
  CHECK(index.within(kNoBound, {phrase("p", true)}) == "pc pba pb pab pa p phrase");
  CHECK(index.within({3, kMany}, {phrase("p", true)}) == "pab pa p");
  CHECK(index.within({5, kMany}, {phrase("p", true)}) == "pba pb pab pa p phrase");
  CHECK(index.within({kMany, 2}, {phrase("p", true)}) == "pa p");
  CHECK(index.within({0, 0}, {phrase("p", true)}) == "p");
  CHECK(index.within({0, 0}, {phrase("pb", true)}) == "pb phrase");
  CHECK(index.within({1, kMany}, {phrase("x p", true)}) == "");
  CHECK(index.within({4, kMany}, {phrase("x p", true)}) == "phrase");
  CHECK(index.within({4, kMany}, {phrase("p", true), phrase("q", true)}) == "qa q pa p");  // two words each
  for (const char* word : {"pc", "pb", "qa"})
    CHECK(index.within({0, 0}, {phrase(word)}) == index.within(kNoBound, {phrase(word)}));
}

TEST_CASE("a bounded prefix finds what its first words find, in any alphabet", "[card_search]") {
  Index index;
  std::mt19937 random(3);
  const std::string letters[] = {"a", "b", "z", "\u0430", "\u0431", "\u043F", "\u0440"};
  std::map<std::string, std::set<std::string>> cards_with;
  for (int i = 0; i < 300; ++i) {
    std::string word = "a";
    for (unsigned k = random() % 4; k > 0; --k) word += letters[random() % std::size(letters)];
    const std::string id = "c" + std::to_string(i);
    index.add(id, word);
    cards_with[word].insert(id);
  }
  for (std::size_t words = 1; words <= cards_with.size(); ++words) {
    std::set<std::string> expected, found;
    std::size_t taken = 0;
    for (const auto& [word, ids] : cards_with)
      if (taken++ < words) expected.insert(ids.begin(), ids.end());
    for (const auto& hit : index.find({phrase("a", true)}, {}, "t_a", 1000, {words, kMany})) found.insert(hit.card_id);
    CAPTURE(words);
    CHECK(found == expected);
  }
}

}  // namespace nexus::store
