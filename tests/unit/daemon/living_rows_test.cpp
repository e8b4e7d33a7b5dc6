// A list costs what it answers, however many rows were deleted before it: their tombstones stay for a month.
#include <sqlite3.h>

#include "daemon/domain/card.hpp"
#include "daemon/maybes/store.hpp"
#include "daemon/media/store.hpp"
#include "store/model_rows.hpp"
#include "store/raw_assets.hpp"
#include "tests/catch.hpp"
#include "tests/unit/store/support.hpp"

namespace nexus::test {
namespace {

constexpr int kDeleted = 500;
constexpr int kStepsMax = 300;  // of SQLite's machine, for a list of one row; a tombstone that is passed takes a few
const Realm kRealm{.tenant = "t_a", .env = "dev"};

std::string id_of(int number) { return std::to_string(100'000 + number); }

int count_step(void* steps) {
  ++*static_cast<int*>(steps);
  return 0;
}

template <class Row>
Row numbered(std::string Row::*id, int number) {
  Row row;
  row.tenant_id = kRealm.tenant;
  row.env = kRealm.env;
  row.*id = id_of(number);
  return row;
}

/// The oldest row lives, the others are tombstones. `make` makes row `number`; `list` reads a page.
template <const auto& kTable, class Make, class List>
void check_list(Make make, List list) {
  const std::string table(kTable.table), id(store::by_key_text(kTable.specs()).substr(4));
  INFO(table);
  store::test::Scratch scratch;
  store::SqliteDatabase database({.path = scratch.database()});
  database.writer().apply([&](store::Tx& tx) {
    for (int i = 0; i <= kDeleted; ++i) store::insert_row<kTable>(tx, make(i));
    tx.run("UPDATE " + table + " SET deleted_at = 1 WHERE " + id.substr(0, id.find(' ')) + " > ?1", id_of(0));
  });
  store::Connection connection({.path = scratch.database(), .read_only = true});
  const store::Reader reader(connection);
  int steps = 0;
  sqlite3_progress_handler(connection.handle(), 1, count_step, &steps);
  CHECK(list(reader).size() == 1);
  CHECK(steps <= kStepsMax);
}

TEST_CASE("a list passes no deleted row", "[raw][media][cards][maybes]") {
  check_list<store::kRawAsset>(
      [](int number) {
        auto row = numbered(&store::RawAsset::asset_id, number);
        row.status = "registered";
        return row;
      },
      [](const store::Reader& reader) { return store::list_raw_assets(reader, kRealm, "", 50); });
  check_list<media::kMediaAsset>(
      [](int number) {
        auto row = numbered(&media::MediaAsset::asset_id, number);
        row.kind = "other";
        row.source_uri = "https://example.com/";
        return row;
      },
      [](const store::Reader& reader) { return media::list_assets(reader, kRealm, {}, "", 50); });
  check_list<domain::kCard>(
      [](int number) { return numbered(&domain::Card::card_id, number); },
      [](const store::Reader& reader) { return store::list_newest<domain::kCard>(reader, kRealm, "", 50); });
  check_list<maybes::kMaybe>(
      [](int number) { return numbered(&maybes::Maybe::item_id, number); },
      [](const store::Reader& reader) { return maybes::list_maybes(reader, kRealm, {}, "", 50); });
}

// Whoever adds a table of tombstones meets this test. Deleted messages are listed, as deleted.
TEST_CASE("every table of tombstones has an index of its living rows", "[raw][media][cards][maybes][memory]") {
  store::test::Scratch scratch;
  const store::SqliteDatabase database({.path = scratch.database()});
  store::Connection connection({.path = scratch.database(), .read_only = true});
  const auto without = store::all(
      store::Reader(connection)
          .query("SELECT name FROM sqlite_schema AS one WHERE type = 'table' AND name <> 'chat_messages' AND EXISTS "
                 "(SELECT 1 FROM pragma_table_info(one.name) WHERE name = 'deleted_at') AND NOT EXISTS (SELECT 1 FROM "
                 "sqlite_schema AS many WHERE type = 'index' AND tbl_name = one.name AND sql LIKE '%deleted_at IS NULL'"
                 " AND 3 = (SELECT count(*) FROM pragma_index_info(many.name) AS part JOIN pragma_table_info(one.name) "
                 "AS whole ON whole.name = part.name AND whole.pk = part.seqno + 1 WHERE part.seqno < 3))"),
      store::only_text);
  CHECK(without == std::vector<std::string>{});
}

}  // namespace
}  // namespace nexus::test
