// The index of cards in PostgreSQL: what it costs, and that its writers do not wait for each other.
#include <algorithm>
#include <future>

#include "both_indexes.hpp"
#include "store/card_terms.hpp"
#include "store/full_text.hpp"
#include "store/postgres/postings.hpp"

using namespace nexus;
using namespace nexus::store;
using namespace nexus::store::test;

namespace {

void add(PostgresIndex& index, const domain::Card& added) {
  index.apply([&](Tx& tx) { return index_card(tx, added, words_in(added)); });
}

std::vector<std::uint32_t> positions_of(std::string_view bytes) {
  std::vector<std::uint32_t> out;
  append_positions(out, bytes);
  return out;
}

/// Rows in which the phrase occurs once, in space 1, and how many round trips they took.
std::pair<std::int64_t, std::int64_t> rows_with(PostgresIndex& index, const std::vector<std::string>& words) {
  const auto before = index.open().link.round_trips();
  const TermPhrase wanted{.texts = words};
  std::int64_t rows = 0, last = 0;
  const auto take = [&](std::int64_t row_id, std::span<const std::uint32_t> counts) {
    CHECK(row_id > last);
    CHECK(counts[0] == 1);
    last = row_id;
    ++rows;
  };
  index.open().tx.full_text().count_phrases(index.open().tx, 1, {&wanted, 1}, take);
  return {rows, index.open().link.round_trips() - before};
}

}  // namespace

TEST_CASE("postings tell how often and where, and what is repeated") {
  const domain::Card labels = card("c", "");
  const auto postings = postings_of({&labels, "b a b b "}, 2);
  REQUIRE(postings.size() == 4);
  CHECK(postings[0] == Posting{"t6e6f7465", 1, 0, ""});
  CHECK(postings[1] == Posting{"v31", 1, 0, ""});
  CHECK(postings[2] == Posting{"wa", 1, 1, "\1"});
  CHECK(postings[3] == Posting{"wb", 3, 1, std::string("\0\2\1", 3)});
  CHECK(postings_of({nullptr, ""}, 0).empty());
  std::string words;
  for (int i = 0; i < 20'000; ++i) words += i % 150 == 0 ? "far " : "near ";
  const auto spread = postings_of({nullptr, words}, 0);
  const auto far = positions_of(spread[0].positions);
  REQUIRE(far.size() == 134);
  for (std::size_t i = 0; i < far.size(); ++i) CHECK(far[i] == 150 * i);
  for (const std::string_view none : {"\x80", "\1\xFF", "\xFF\xFF\xFF\xFF\xFF\1"})
    CHECK(failure_of([&] { positions_of(none); }) == Failure::corrupt);
}

TEST_CASE("a card makes one round trip beside its COMMIT, however many words it has") {
  PostgresIndex index;
  add(index, card("first", "a space is made with its first card"));
  std::string body;
  for (int i = 0; i < 5000; ++i) body += "w" + std::to_string(i) + " ";
  const auto before = index.open().link.round_trips();
  add(index, card("many", body));
  CHECK(index.open().link.round_trips() == before + 2);
  CHECK(index.open().integer("SELECT count(*) FROM card_postings") == 2 * 2 + 8 + kPartWords);
}

TEST_CASE("a term in very many rows is read in pages, and a phrase skips to its rare word") {
  PostgresIndex index;
  index.open().link.execute(
      "INSERT INTO card_postings SELECT 1, n * 1048576::bigint, 1, 0, 'wcommon', '\\x01' FROM generate_series(1, "
      "10000) n;"
      "INSERT INTO card_postings SELECT 1, n * 1048576::bigint, 1, 0, 'wrare', '\\x00' FROM "
      "unnest('{5000,9999}'::int[]) n;"
      "INSERT INTO card_postings SELECT 2, n * 1048576::bigint, 1, 0, 'wcommon', '\\x01' FROM generate_series(1, 99) "
      "n");
  CHECK(rows_with(index, {"common"}) == std::pair<std::int64_t, std::int64_t>(10'000, 5));
  CHECK(rows_with(index, {"rare", "common"}) == std::pair<std::int64_t, std::int64_t>(2, 3));
  CHECK(rows_with(index, {"common", "rare"}).first == 0);
  CHECK(rows_with(index, {"absent"}) == std::pair<std::int64_t, std::int64_t>(0, 1));
  CHECK(rows_with(index, {}) == std::pair<std::int64_t, std::int64_t>(0, 0));
}

TEST_CASE("cards of two realms do not wait for each other, those of one do") {
  const NewDatabase database;
  LinkOptions hasty = database.link();
  hasty.lock_wait = std::chrono::milliseconds(200);
  PostgresIndex one(database.link()), other(hasty);
  const auto card_of = [](const std::string& id, const std::string& tenant) { return card(id, "cat", tenant); };
  const auto add_meanwhile = [&](const std::string& id) {
    one.apply([&](Tx& tx) {
      const auto mine = card_of(id + "1", "t_a");
      std::ignore = index_card(tx, mine, words_in(mine));
      add(other, card_of(id + "2", "t_b"));
      return true;
    });
  };
  add_meanwhile("new spaces");
  add_meanwhile("known spaces");
  CHECK(one.open().integer("SELECT count(DISTINCT space) FROM card_search_spaces") == 2);
  for (const char* tenant : {"t_a", "t_b"})
    CHECK(search_cards(one.open().tx, {.tenant = tenant, .env = "dev"}, {phrase("cat")}, {}, 9, kNoBound).size() == 2);

  one.apply([&](Tx& tx) {
    const auto mine = card_of("first", "t_a");
    std::ignore = index_card(tx, mine, words_in(mine));
    CHECK(failure_of([&] { add(other, card_of("second", "t_a")); }) == Failure::busy);
    return true;
  });
  add(other, card_of("third", "t_a"));
  CHECK(newest_cards(one.open().tx, {.tenant = "t_a", .env = "dev"}, {}, 1).front().card_id == "third");
}

TEST_CASE(
    "two daemons put cards into the same realms, and take some out again: none is lost, none takes another's row") {
  const NewDatabase database;
  PostgresDatabase daemons[] = {PostgresDatabase(database.options()), PostgresDatabase(database.options())};
  constexpr int each = 30;
  const std::string tenants[] = {"t_a", "t_b", "t_c"};
  const auto work = [&](PostgresDatabase& daemon, const std::string& name) {
    for (int i = 0; i < each; ++i)
      for (const std::string& tenant : tenants) {
        const domain::Card added = card(name + std::to_string(i), "cat " + name, tenant);
        const auto unit = [&](Tx& tx) { std::ignore = index_card(tx, added, words_in(added)); };
        const auto undo = [&](Tx& tx) { std::ignore = unindex_card(tx, added.realm(), added.card_id); };
        if (daemon.writer().run(unit, Realms().add(added.realm())).outcome != Outcome::applied) return false;
        if (i % 3 != 0) continue;
        if (daemon.writer().run(undo, Realms().add(added.realm())).outcome != Outcome::applied) return false;
      }
    return true;
  };
  std::vector<std::future<bool>> workers;
  for (int i = 0; i < 4; ++i)
    workers.push_back(std::async(std::launch::async, [&, i] { return work(daemons[i % 2], "n" + std::to_string(i)); }));
  for (auto& worker : workers) CHECK(worker.get());
  auto lease = daemons[0].read();
  for (const std::string& tenant : tenants) {
    const Realm realm{.tenant = tenant, .env = "dev"};
    CHECK(search_cards(lease.reader(), realm, {phrase("cat")}, {}, 1000, kNoBound).size() == 4 * each * 2 / 3);
    for (const char* name : {"n0", "n1", "n2", "n3"})
      CHECK(search_cards(lease.reader(), realm, {phrase(name)}, {}, 1000, kNoBound).size() == each * 2 / 3);
    CHECK(integer_of(lease.reader().query("SELECT number FROM card_search_spaces WHERE tenant_id = ?1 AND env = ?2",
                                          realm)) == 4 * each);
  }
}

TEST_CASE("rows that are kept are counted, and those of a large table estimated") {
  OpenLink open;
  open.link.execute(
      "CREATE TABLE counted (i bigint) WITH (autovacuum_enabled = off);"
      "INSERT INTO counted VALUES (1), (2), (3)");
  CHECK(open.tx.count_rows("counted", false) == 3);
  open.link.execute("INSERT INTO counted SELECT generate_series(4, 40000)");
  CHECK(open.tx.count_rows("counted", true) == 40'000);  // nobody has analysed it
  open.link.execute("ANALYZE counted; INSERT INTO counted SELECT generate_series(1, 20000)");
  const auto before = open.link.round_trips();
  CHECK(std::abs(open.tx.count_rows("counted", false) - 60'000) < 1000);
  CHECK(open.link.round_trips() == before + 1);  // else it was read whole
  open.link.execute("DROP TABLE counted");
}
