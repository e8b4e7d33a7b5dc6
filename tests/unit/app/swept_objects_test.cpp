// The leader removes objects that no row names, and never one whose row may be waiting in a COMMIT.
#include "daemon/blobs/backend.hpp"
#include "daemon/http/forms.hpp"
#include "store/objects.hpp"
#include "store/postgres/database.hpp"
#include "store/postgres/locks.hpp"
#include "tests/catch.hpp"
#include "tests/support/daemon_process.hpp"
#include "tests/support/postgres_server.hpp"

namespace nexus::test {
namespace {

constexpr Realm kRealm{.tenant = "t_a", .env = "dev"};

/// A unit of another daemon that has the realm, as one has it whose COMMIT waits for a standby.
struct Waiting {
  explicit Waiting(const std::string& url) : link({.url = url, .idle_in_transaction = std::chrono::hours(1)}) {
    session.begin(store::Isolation::read_committed);
    store::Locks locks;
    locks.add(kRealm);
    locks.take(tx);
    session.flush();
  }
  store::Link link;
  store::PostgresSession session{link};
  store::Tx tx{session};
};

struct Swept {
  Swept() {
    blobs::Upload upload = blobs.begin({.key = key});
    upload.append("content");
    upload.commit();
    database.writer().run([&](store::Tx& tx) { store::note_pending_object(tx, key.str(), 1); },
                          store::Realms().add(kRealm));
  }
  void sweep() {
    store::Pace pace({.now = [] { return store::Pace::Clock::time_point(); }, .pause = [](auto) {}});
    store::Stint stint(database, pace, 200);
    http::sweep_pending(stint, blobs, INT64_MAX);
  }
  bool is_there() { return blobs.head(key, {}).has_value(); }

  PostgresServer server;
  TemporaryDirectory directory;
  store::PostgresDatabase database{
      {.link = {.url = server.url(), .lock_wait = std::chrono::milliseconds(200)}, .readers = 2, .lanes = 2}};
  blobs::LocalStore files{directory.path() / "blobs"};
  blobs::LocalBlobStore blobs{files, {"id", "secret"}};
  blobs::StorageKey key = *blobs::StorageKey::parse("tenants/t_a/dev/raw/a/f.txt");
};

}  // namespace

TEST_CASE("an object is not removed while a unit that may name it is under way", "[engine]") {
  Swept swept;
  {
    Waiting naming(swept.server.url());
    CHECK_THROWS_AS(swept.sweep(), store::Error);
    CHECK(swept.is_there());
    store::drop_pending_object(naming.tx, swept.key.str());  // it names the object
    naming.session.commit();
  }
  swept.sweep();
  CHECK(swept.is_there());
}

TEST_CASE("the control: an object that no unit names is removed", "[engine]") {
  Swept swept;
  { Waiting ends(swept.server.url()); }  // without a COMMIT
  swept.sweep();
  CHECK_FALSE(swept.is_there());
  CHECK(store::list_pending_objects(swept.database.read().reader(), INT64_MAX, 10).empty());
}

}  // namespace nexus::test
