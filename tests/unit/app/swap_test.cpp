// The swap of a restore, cut at every step: the old store starts, or the new one.
#include "daemon/app/swap.hpp"
#include "tests/unit/app/restore_support.hpp"

namespace nexus::test {
namespace {

const fs::path kObject = fs::path("blobs") / "nexus" / "t_a" / "object";

/// Who wrote last is a member: u_2 in the backup, u_3 in the living store.
std::string newest_member(const Stores& stores) {
  return stores.text("SELECT user_id FROM memberships WHERE tenant_id = 't_a' AND user_id <> 'u_1'");
}

/// A restore whose swap has yet to begin.
struct Prepared {
  Prepared() {
    write_text(stores.data() / kObject, "as it was");
    stores.run([](store::Tx& tx) { Stores::put_member(tx, "t_a", "u_2", "member"); });
    stores.back_up();
    fs::remove(stores.data() / kObject);
    stores.run([](store::Tx& tx) {
      store::delete_member(tx, "t_a", "u_2");
      Stores::put_member(tx, "t_a", "u_3", "member");
    });
    fs::create_directories(stores.data() / "restore.tmp" / "unpacked");
    fs::copy(stores.backup(), stores.data() / "restore.tmp" / "unpacked", fs::copy_options::recursive);
  }
  Stores stores;
};

}  // namespace

TEST_CASE("a restore that is cut before its swap leaves the old store", "[restore]") {
  Prepared prepared;
  prepared.stores.run([](store::Tx&) {});  // a start
  CHECK(newest_member(prepared.stores) == "u_3");
  app::RestoreSite site(prepared.stores.data());
  CHECK(site.finished().empty());
  CHECK(fs::is_empty(site.unpacked()));
}

TEST_CASE("a swap that is cut after any step is completed by the next start, or by the next restore", "[restore]") {
  const std::size_t steps = app::swap_steps().size();
  for (std::size_t done = 0; done < steps; ++done) {
    INFO("after " << done << " steps");
    Prepared by_start, by_restore;
    for (const Stores* stores : {&by_start.stores, &by_restore.stores}) {
      const app::Swap swap = app::begin_swap(stores->data());
      for (std::size_t step = 0; step < done; ++step) app::swap_steps()[step].run(swap);
      CHECK(fs::exists(stores->data() / "nexus.db"));  // there is always one
      CHECK(app::is_swap_cut(stores->data()));
    }
    by_start.stores.run([](store::Tx&) {});
    CHECK_FALSE(app::RestoreSite(by_restore.stores.data()).finished().empty());
    for (const Stores* stores : {&by_start.stores, &by_restore.stores}) {
      CHECK_FALSE(app::is_swap_cut(stores->data()));
      CHECK_FALSE(fs::exists(stores->data() / "restore.tmp"));
      CHECK(newest_member(*stores) == "u_2");
      CHECK(text_of(stores->data() / kObject) == "as it was");
    }
  }
}

TEST_CASE("a swap that is cut between two objects is completed", "[restore]") {
  Prepared prepared;
  const Stores& stores = prepared.stores;
  const fs::path unpacked = stores.data() / "restore.tmp" / "unpacked", other = kObject.parent_path() / "other";
  write_text(unpacked / other, "other");
  app::begin_swap(stores.data());
  fs::create_directories((stores.data() / kObject).parent_path());
  fs::rename(unpacked / kObject, stores.data() / kObject);
  stores.run([](store::Tx&) {});
  CHECK(text_of(stores.data() / kObject) == "as it was");
  CHECK(text_of(stores.data() / other) == "other");
  CHECK(newest_member(stores) == "u_2");
}

TEST_CASE("a step of the swap can be done twice", "[restore]") {
  Prepared prepared;
  const app::Swap swap = app::begin_swap(prepared.stores.data());
  const auto steps = app::swap_steps();
  for (const auto& step : steps.first(steps.size() - 1)) {
    step.run(swap);
    step.run(swap);
  }
  CHECK(app::complete_swap(prepared.stores.data()) == swap.replaced());
  CHECK(newest_member(prepared.stores) == "u_2");
}

TEST_CASE("the living store with its log stands complete in the directory that the swap names", "[restore]") {
  Prepared prepared;
  const Stores& stores = prepared.stores;
  const fs::path database = stores.data() / "nexus.db", log = stores.data() / "nexus.db-wal";
  std::string database_text, log_text;
  {
    store::Connection killed({.path = database});
    store::Tx(killed).run("UPDATE memberships SET role = 'admin' WHERE user_id = 'u_3'");
    database_text = text_of(database);
    log_text = text_of(log);
  }
  write_text(database, database_text);  // as a crash leaves them
  write_text(log, log_text);
  app::begin_swap(stores.data());
  const fs::path replaced = app::complete_swap(stores.data());
  CHECK(newest_member(stores) == "u_2");
  store::Connection kept({.path = replaced / "nexus.db", .read_only = true});
  store::Query role = store::Reader(kept).query("SELECT role FROM memberships WHERE user_id = 'u_3'");
  REQUIRE(role.next());
  CHECK(role.text(0) == "admin");
}

TEST_CASE("an object that is there stays, one with another content is replaced and kept", "[restore]") {
  Prepared prepared;
  const Stores& stores = prepared.stores;
  const fs::path other = kObject.parent_path() / "other";
  const fs::path same = kObject.parent_path() / "same";
  write_text(stores.data() / "restore.tmp" / "unpacked" / other, "other");
  write_text(stores.data() / other, "OTHER");  // of the same size
  write_text(stores.data() / "restore.tmp" / "unpacked" / same, "same");
  write_text(stores.data() / same, "same");
  write_text(stores.data() / kObject, "cut");
  app::begin_swap(stores.data());
  const fs::path replaced = app::complete_swap(stores.data());
  CHECK(text_of(stores.data() / other) == "other");
  CHECK(text_of(replaced / other) == "OTHER");
  CHECK_FALSE(fs::exists(replaced / same));
  CHECK(text_of(stores.data() / kObject) == "as it was");
  CHECK(text_of(replaced / kObject) == "cut");
}

}  // namespace nexus::test
