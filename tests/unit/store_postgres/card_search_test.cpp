// The index of cards in PostgreSQL says what FTS5 says, to the last bit, and its writers do not wait for each other.
#include <bit>
#include <set>

#include "both_indexes.hpp"
#include "store/full_text.hpp"
#include "store/postgres/postings.hpp"

using namespace nexus;
using namespace nexus::store;
using namespace nexus::store::test;

namespace {

std::string told(const std::vector<CardHit>& hits) {
  std::string out;
  for (const auto& hit : hits) out += hit.card_id + "=" + std::to_string(std::bit_cast<std::uint64_t>(hit.score)) + " ";
  return out;
}

std::string told(const RandomSearch& search) {
  std::string out(search.realm.tenant);
  out.append("/").append(search.realm.env);
  for (const auto& phrase : search.phrases) {
    out += " [";
    for (const auto& word : phrase.words) out += word + " ";
    out += phrase.prefix ? "*]" : "]";
  }
  return out + " " + search.filter.card_type.value_or("") + " " + search.filter.version.value_or("") + " " +
         std::to_string(search.bound.words) + "," + std::to_string(search.bound.occurrences);
}

struct Compared {
  int found = 0;      // searches that find any card
  int differ = 0;     // searches whose answers are not the same
  std::string first;  // of those that differ
};

Compared compare(BothIndexes& both, RandomLibrary& library, int searches) {
  Compared out;
  const auto same = [&](const std::string& what, const std::pair<std::string, std::string>& answers) {
    if (answers.first == answers.second) return;
    ++out.differ;
    if (out.first.empty()) out.first = what + "\nSQLite:     " + answers.first + "\nPostgreSQL: " + answers.second;
  };
  for (; searches > 0; --searches) {
    const RandomSearch asked = library.search();
    const auto answers = both.read([&](const Reader& reader) {
      return told(search_cards(reader, asked.realm, asked.phrases, asked.filter, asked.count, asked.bound));
    });
    if (!answers.first.empty()) ++out.found;
    same(told(asked), answers);
    same("newest of " + told(asked), both.read([&](const Reader& reader) {
      return told(newest_cards(reader, asked.realm, asked.filter, asked.count));
    }));
  }
  return out;
}

}  // namespace

TEST_CASE("1000 random searches find the same cards in both engines, in the same order, with the same scores") {
  BothIndexes both;
  RandomLibrary library(20'261);
  int found = 0;
  for (int round = 0; round < 20; ++round) {
    for (int change = 0; change < 40; ++change) library.change(both);
    const Compared compared = compare(both, library, 50);
    INFO(compared.first);
    CHECK(compared.differ == 0);
    found += compared.found;
  }
  CHECK(found > 500);
  const auto [ours, theirs] = both.read([](const Reader& reader) { return count_noted_cards(reader); });
  CHECK(ours == theirs);
}

TEST_CASE("one term that is left out of the postings is noticed") {
  BothIndexes both;
  RandomLibrary library(3);
  for (int change = 0; change < 200; ++change) library.change(both);
  REQUIRE(compare(both, library, 100).differ == 0);
  both.postgres().open().link.execute("DELETE FROM card_postings WHERE term = 'wab'");
  CHECK(compare(both, library, 100).differ > 0);
}

TEST_CASE("the bound of a prefix counts words that a part repeats, as FTS5 does") {
  BothIndexes both;
  std::string body;
  for (int i = 0; i < 2100; ++i) body += "p" + std::to_string(i % 10) + " ";
  const domain::Card large = card("large", body);
  both.apply([&](Tx& tx) { return index_card(tx, large, words_in(large)); });
  CHECK_FALSE(both.apply([&](Tx& tx) { return index_part(tx, large.realm(), "large", words_in(large)); }));
  std::set<std::string> different;
  for (std::size_t occurrences = 205; occurrences < 435; ++occurrences) {  // about what one word has, or two
    const auto [ours, theirs] = both.read([&](const Reader& reader) {
      return told(search_cards(reader, large.realm(), {phrase("p", true)}, {}, 1, {kMany, occurrences}));
    });
    CHECK(ours == theirs);
    different.insert(ours);
  }
  CHECK(different.size() > 1);  // else the bound did nothing
}
