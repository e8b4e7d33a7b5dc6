// A store goes from a file to PostgreSQL and back: nothing is lost or changed, and the store that was left is refused.
#include "daemon/app/move.hpp"

#include <set>

#include "daemon/app/doctor/examine.hpp"
#include "daemon/app/keys.hpp"
#include "daemon/app/move_request.hpp"
#include "daemon/domain/new_card.hpp"
#include "store/card_index.hpp"
#include "store/card_search.hpp"
#include "store/identity.hpp"
#include "store/model_rows.hpp"
#include "store/sqlite/catalogue.hpp"
#include "tests/unit/app/move_support.hpp"

namespace nexus::test {
namespace {

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::StartsWith;

/// Every row of a file's tables, each as one text, sorted: read without the code that moves.
std::map<std::string, std::multiset<std::string>> rows_of_file(const fs::path& file) {
  store::Connection connection({.path = file, .read_only = true});
  const store::Reader reader(connection);
  std::map<std::string, std::multiset<std::string>> tables;
  for (const store::Table& table : store::tables_of_file(reader)) {
    std::string row;
    for (const auto& column : table.columns)
      row.append(row.empty() ? "" : " || ' ' || ").append("quote(" + column.name + ")");
    store::Query rows = reader.query("SELECT " + row + " FROM " + table.name);
    auto& all = tables[table.name];
    while (rows.next()) all.insert(rows.text(0));
  }
  return tables;
}

}  // namespace

TEST_CASE("a store goes to PostgreSQL and back, row for row", "[move]") {
  const Site site;
  const auto before = rows_of_file(site.file.file);
  const app::MoveReport there = app::move_store(site.there());
  CHECK(there.rows > 1000);
  CHECK(there.cards == 9);
  CHECK(there.audit_rows > 500);
  CHECK(there.checkpoints > 5);
  CHECK(there.replaced.empty());
  CHECK(there.keys.size() == 4);

  const app::MoveReport back = app::move_store(site.back_again());
  CHECK(back.keys.empty());
  CHECK(back.files_stay);  // objects of the source are local, and the new directory has none
  CHECK_FALSE(there.files_stay);
  REQUIRE(there.tables.size() == back.tables.size());
  for (std::size_t place = 0; place < there.tables.size(); ++place) {
    INFO(there.tables[place].table);
    CHECK((there.tables[place].table == "meta" || there.tables[place].sum == back.tables[place].sum));
  }
  auto after = rows_of_file(site.returned.file);
  REQUIRE(after.size() == before.size());
  for (const auto& [table, rows] : before) {
    if (table == "card_index_debts") continue;  // a new index owes no merge
    INFO(table);
    // Numbers of rows in the index, how far cards were folded again, and when each was migrated.
    if (table == "card_search_rows" || table == "card_index_state" || table == "folded_texts" ||
        table == "schema_migrations")
      CHECK(after[table].size() == rows.size());
    else if (table == "meta")
      CHECK(after[table].size() == rows.size());  // in_use is not there, and move is
    else
      CHECK(after[table] == rows);
  }
}

TEST_CASE("instance, epoch, root and keys stay, and the installation opens where it went", "[move]") {
  const Site site;
  std::string instance, root;
  {
    const app::Installation installation({.data_dir = site.data});
    instance = installation.instance_id();
    root = installation.root_token_sha256();
  }
  const auto epoch = app::look_for_meta(site.file, app::kEpoch);
  app::move_store(site.there());
  CHECK(app::look_for_meta(site.server(), app::kEpoch) == epoch);
  app::Installation moved(
      {.data_dir = site.data, .may_found = false, .use = app::StoreUse::serves, .database = site.address});
  CHECK(moved.instance_id() == instance);
  CHECK(moved.root_token_sha256() == root);
  const auto place = app::key_place({}, site.data, instance);
  auto lease = moved.database().read();
  CHECK(app::find_key_faults(lease.reader(), place).empty());
}

TEST_CASE("the index of cards finds in the target what it found in the source, and numbers new cards behind",
          "[move]") {
  const Site site;
  const auto card_of = [](const std::string& id, int words) {
    domain::Card card{.tenant_id = "t_1",
                      .env = "dev",
                      .card_id = id,
                      .card_type = "note",
                      .version = "1",
                      .header = "{}",
                      .full_text = "",
                      .created_at = 1,
                      .created_by = "u"};
    for (int word = 0; word < words; ++word) card.full_text += "word" + std::to_string(word % 700) + " ";
    card.body_bytes = static_cast<std::int64_t>(card.full_text.size());
    return card;
  };
  const auto add = [](store::Tx& tx, const domain::Card& card) {
    const auto words = domain::words_of_card(card);
    for (bool more = store::insert_card(tx, card, words); more;)
      more = store::index_part(tx, card.realm(), card.card_id, words);
  };
  const auto found_in = [](const store::Reader& reader) {
    std::vector<std::string> found;
    for (const char* word : {"word17", "word699", "word", "text"})
      for (const auto& hit :
           store::search_cards(reader, {.tenant = "t_1", .env = "dev"}, {{{word}, true}}, {}, 20, {100000, 1000000}))
        found.push_back(std::string(word) + " " + hit.card_id + " " + std::to_string(hit.score));
    return found;
  };
  site.change([&](store::Tx& tx) {
    add(tx, card_of("card_long", 9000));  // of several parts
    add(tx, card_of("card_short", 100));
  });
  std::vector<std::string> before;
  site.change([&](store::Tx& tx) { before = found_in(tx); });
  CHECK(before.size() >= 3);
  app::move_store(site.there());
  {
    app::Installation moved({.data_dir = site.data, .database = site.address});
    CHECK(found_in(moved.database().read().reader()) == before);
    moved.database().writer().apply([&](store::Tx& tx) { add(tx, card_of("card_new", 2000)); });
    before = found_in(moved.database().read().reader());
    CHECK_THAT(before.front() + before.back(), ContainsSubstring("card_"));
  }
  app::move_store(site.back_again());
  app::Installation returned({.data_dir = site.back});
  CHECK(found_in(returned.database().read().reader()) == before);
  returned.database().writer().apply([&](store::Tx& tx) { add(tx, card_of("card_last", 50)); });
  CHECK(found_in(returned.database().read().reader()).size() > before.size());
}

TEST_CASE("U+0000 becomes U+FFFD in PostgreSQL, and each place is told", "[move]") {
  const Site site;
  using namespace std::string_view_literals;
  site.change([](store::Tx& tx) {
    tx.run("UPDATE cards SET version = ?1 WHERE card_id = (SELECT min(card_id) FROM cards WHERE deleted_at IS NULL)",
           "a\0b\0"sv);
  });
  const app::MoveReport report = app::move_store(site.there());
  REQUIRE(report.replaced.size() == 1);
  CHECK(report.replaced[0].table == "cards");
  CHECK(report.replaced[0].column == "version");
  CHECK_THAT(report.replaced[0].key, ContainsSubstring("t_1/dev/"));
  store::Link link({.url = site.address});
  store::PostgresSession session(link);
  CHECK(store::integer_of(store::Reader(session).query("SELECT count(*) FROM cards WHERE version = ?1",
                                                       "a\xEF\xBF\xBD"
                                                       "b\xEF\xBF\xBD")) == 1);
}

TEST_CASE("a store that was moved is refused, and says where it went", "[move]") {
  const Site site;
  app::move_store(site.there());
  const std::string at_file = said_by([&] { const app::Installation old({.data_dir = site.data}); });
  CHECK_THAT(at_file, ContainsSubstring("moved to postgresql://") && ContainsSubstring("migrate --from"));
  Config config;
  config.data_dir = site.data;
  const auto findings = app::doctor::check_installation(config).all();
  CHECK(std::ranges::any_of(findings, [](const auto& finding) { return finding.id == "database.moved"; }));
  app::move_store(site.back_again());
  const std::string at_server =
      said_by([&] { const app::Installation old({.data_dir = site.data, .database = site.address}); });
  CHECK_THAT(at_server, ContainsSubstring("moved to " + site.back.string()));
  CHECK_THAT(said_by([&] { app::move_store(site.back_again()); }),
             StartsWith("from (command line) is postgresql://") && ContainsSubstring("moved to"));
  CHECK_THAT(said_by([&] { app::move_store(site.there()); }),
             StartsWith("from (command line) is " + site.data.string()) && ContainsSubstring("moved to postgresql://"));
}

TEST_CASE("a move back into the store that was left is refused, and one of both stays good", "[move]") {
  const Site site;
  app::move_store(site.there());
  app::MoveOptions back = site.there();
  std::swap(back.from, back.to);
  CHECK_THAT(said_by([&] { app::move_store(back); }),
             StartsWith("to (command line)") && ContainsSubstring("move its nexus.db away"));
  CHECK_FALSE(app::look_for_meta(site.server(), app::kMovedTo));
  CHECK(said_by([&] { const app::Installation moved({.data_dir = site.data, .database = site.address}); }).empty());
}

TEST_CASE("where no installation is, a move speaks of its own options", "[move]") {
  const Site site;
  app::MoveOptions options = site.there();
  options.from = site.returned;
  CHECK_THAT(said_by([&] { app::move_store(options); }),
             StartsWith("from (command line) is " + site.back.string() + ", where no installation is") &&
                 ContainsSubstring("--from") && !ContainsSubstring("--data-dir"));
  CHECK_THAT(said_by([&] { app::move_store(site.back_again()); }),
             StartsWith("from (command line) is postgresql://") && ContainsSubstring("where no installation is"));
}

TEST_CASE("a target with an installation, and a source in use, are refused unchanged", "[move]") {
  const Site site, other;
  app::move_store(other.there());
  app::MoveOptions onto = site.there();
  onto.to.address = other.address;
  CHECK_THAT(said_by([&] { app::move_store(onto); }),
             ContainsSubstring("holds an installation") && ContainsSubstring("drop the database move_"));
  const app::Installation running({.data_dir = site.data, .use = app::StoreUse::serves});
  CHECK_THAT(said_by([&] { app::move_store(site.there()); }), ContainsSubstring("another nexusd"));
}

TEST_CASE("a log that does not verify is not moved", "[move]") {
  const Site site;
  site.change(
      [](store::Tx& tx) { tx.run("UPDATE audit_rows SET hash = prev_hash WHERE seq = 3 AND tenant_id = 't_1'"); });
  CHECK_THAT(said_by([&] { app::move_store(site.there()); }), ContainsSubstring("does not verify"));
  CHECK(counts_of(site.address) == counts_when_empty());
  CHECK_FALSE(app::look_for_meta(site.file, app::kMovedTo));
}

TEST_CASE("files that stay elsewhere stop a move until the operator says that they were brought", "[move]") {
  const Site site;
  app::MoveOptions options = site.there();
  options.config.blobs = BlobBackend::s3;
  CHECK_THAT(said_by([&] { app::move_store(options); }), ContainsSubstring("--objects-moved"));
  CHECK(counts_of(site.address) == counts_when_empty());
  options.objects_moved = true;
  app::move_store(options);
  CHECK(app::look_for_meta(site.server(), "object_home") == "s3 nexus");
}

TEST_CASE("every table is copied, or named as one that is derived", "[move]") {
  const Site site;
  store::Link link({.url = site.address});
  store::migrate(link, store::postgres_migrations());
  store::PostgresSession session(link);
  store::Connection connection({.path = site.file.file, .read_only = true});
  auto of_file = store::tables_of_file(store::Reader(connection));
  const auto of_server = store::tables_of_server(store::Reader(session));
  const auto copied = store::tables_to_move(of_file, of_server);
  for (const auto& tables : {of_file, of_server})
    for (const auto& table : tables) {
      INFO(table.name);
      CHECK(store::is_derived(table.name) !=
            (std::ranges::find(copied, table.name, &store::MovedTable::name) != copied.end()));
    }
  for (const auto& table : copied) {
    INFO(table.name);
    CHECK_FALSE(table.key.empty());
    // A number that the server draws would have to be set behind the copied ones.
    CHECK(store::integer_of(store::Reader(session).query(
              "SELECT count(*) FROM pg_attribute WHERE attrelid = ?1::regclass AND attidentity <> ''", table.name)) ==
          0);
  }
  const auto forgets = [&](auto change) {
    auto changed = of_file;
    change(changed);
    return !said_by([&] { store::tables_to_move(changed, of_server); }).empty();
  };
  CHECK(forgets([](auto& tables) { tables.erase(std::ranges::find(tables, "runs", &store::Table::name)); }));
  CHECK(forgets([](auto& tables) { tables.push_back({"later", {{"a", "TEXT"}}}); }));
  CHECK(forgets([](auto& tables) { tables.back().columns.pop_back(); }));
  CHECK(forgets([](auto& tables) { tables.back().columns.back().type = "BLOB"; }));
}

TEST_CASE("both ends are named, of two kinds, and without a password", "[move]") {
  const auto refusal = [](const app::MoveRequest& request, ConfigSources sources = {}) {
    return said_by([&] { app::move_sources(request, std::move(sources)); });
  };
  CHECK_THAT(refusal({.from = "/a", .to = ""}), ContainsSubstring("give --from and --to"));
  CHECK_THAT(refusal({.from = "/a", .to = "/b"}), ContainsSubstring("same kind"));
  CHECK_THAT(refusal({.from = "postgresql://a/b", .to = "service=x"}), ContainsSubstring("same kind"));
  for (const char* bad : {"mysql://u:geheim@h/x", "sqlite:/a/nexus.db", "POSTGRES://h/x"}) {
    INFO(bad);
    CHECK_THAT(refusal({.from = "/a", .to = bad}),
               StartsWith("to (command line) is an address of ") && ContainsSubstring("postgresql://HOST/NAME") &&
                   ContainsSubstring("service=NAME") && !ContainsSubstring("geheim"));
    CHECK_THAT(refusal({.from = bad, .to = "postgresql://a/b"}), StartsWith("from (command line) is an address of "));
  }
  const std::string secret = refusal({.from = "/a", .to = "postgresql://u:geheim@a/b"});
  CHECK_THAT(secret, ContainsSubstring("holds a password") && !ContainsSubstring("geheim"));
  ConfigSources sources;
  sources.flags.emplace("data-dir", "/c");
  CHECK_THAT(refusal({.from = "/a", .to = "postgresql://a/b"}, sources), ContainsSubstring("leave it out"));
  const ConfigSources made = app::move_sources({.from = "service=x", .to = "/b"}, {});
  CHECK(made.flags.find("data-dir")->second == "/b");
  CHECK(made.flags.find("database")->second == "service=x");
}

}  // namespace nexus::test
