// Cards of many words, which the daemon indexes in several units: an answer is sent when all of it can be found.
#include "store/rows.hpp"
#include "tests/api/raw_storage_support.hpp"
#include "tests/api/search_support.hpp"
#include "tests/catch.hpp"
#include "tests/support/databases.hpp"
#include "tests/support/opened_store.hpp"

namespace nexus::test {
namespace {

std::string numbered_words(const std::string& before, int count) {
  std::string out;
  for (int i = 0; i < count; ++i) out.append(before).append(std::to_string(i)).push_back(' ');
  return out;
}

/// What the index holds, as text: a line a row, or a term of a row.
std::string index_rows(const std::filesystem::path& data_dir) {
  const OpenedStore store(data_dir);
  std::string out;
  store::Query rows = store.reader().query(is_on_postgres() ? "SELECT row_id, term FROM card_postings ORDER BY 1, 2"
                                                            : "SELECT id, c0 FROM card_index_content ORDER BY id");
  while (rows.next()) out.append(std::to_string(rows.integer(0))).append(" ").append(rows.text(1)).push_back('\n');
  return out;
}

std::int64_t noted_cards(const std::filesystem::path& data_dir) {
  const OpenedStore store(data_dir);
  return store::integer_of(store.reader().query("SELECT count(*) FROM card_index_notes"));
}

}  // namespace

TEST_CASE("every word of a large card is found once it is answered, and none once it is deleted", "[search]") {
  Cards cards;
  const std::string id = cards.card(numbered_words("big", 20'000));
  for (const char* text : {"big0", "big19999", "\"big2047 big2048\"", "\"big4095 big4096 big4097\""})
    CHECK(cards.found(text) == Ids{id});
  CHECK(cards.found("\"big2047 big2049\"").empty());
  CHECK(cards.world.call("DELETE", "/nexus/cards/" + id, cards.as("member")).status == 204);
  for (const char* text : {"big0", "big19999"}) CHECK(cards.found(text).empty());
  const auto data = cards.world.daemon().data_dir();
  CHECK(eventually([&] { return noted_cards(data) == 0; }));
  CHECK(index_rows(data).find("big7777") == std::string::npos);
}

TEST_CASE("a large document replaces another in the index", "[search]") {
  Cards cards;
  const auto put = [&](const std::string& word) {
    return cards.world.call("PUT", "/nexus/settings/apps/app",
                            with(cards.as("admin"), {{"Content-Type", "text/markdown"}}),
                            "card_type: app_definition\nname: app\n---\n" + numbered_words(word, 5'000));
  };
  CHECK(put("old").status == 201);
  CHECK(cards.found("old4999").size() == 1);
  CHECK(put("new").status == 200);
  CHECK(cards.found("new4999").size() == 1);
  CHECK(cards.found("old4999").empty());
  CHECK(eventually([&] { return noted_cards(cards.world.daemon().data_dir()) == 0; }));
}

TEST_CASE("what a crash left out of the index, the next start puts in", "[search]") {
  const TemporaryDirectory directory;
  const auto& data = directory.path();
  const DaemonOptions kept{.data_dir = data};
  {
    World world(kept);
    Cards cards{world, world.new_tenant_with_members()};
    cards.card(numbered_words("big", 10'000));
  }
  const std::string whole = index_rows(data);
  OpenedStore(data).change([](store::Tx& tx) {
    tx.run(is_on_postgres() ? "DELETE FROM card_postings WHERE row_id > (SELECT row_id FROM card_search_rows)"
                            : "DELETE FROM card_index WHERE rowid > (SELECT row_id FROM card_search_rows)");
    tx.run(
        "INSERT INTO card_index_notes (tenant_id, env, row_id, parts) SELECT tenant_id, env, row_id, 1 "
        "FROM card_search_rows");
  });
  CHECK(index_rows(data) != whole);
  const DaemonProcess again(kept);
  CHECK(eventually([&] { return noted_cards(data) == 0; }));
  CHECK(index_rows(data) == whole);
}

}  // namespace nexus::test
