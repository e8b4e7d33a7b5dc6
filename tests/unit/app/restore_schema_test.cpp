// A restore across versions: a backup that an older version made, and a living store that it left.
#include "store/rows.hpp"
#include "store/sqlite/migrations.hpp"
#include "tests/support/old_installation.hpp"
#include "tests/unit/app/restore_support.hpp"

namespace nexus::test {
namespace {

/// The installation of schema 24, and a backup of it.
struct OldStore {
  OldStore() {
    unpack_old_installation(directory.path());
    fs::copy_file(data / "nexus.db", directory.path() / "backup.db");
    config.data_dir = data;
    store::Connection connection({.path = directory.path() / "backup.db", .read_only = true});
    manifest.backup_id = "b-1";
    manifest.instance_id = store::find_meta(store::Reader(connection), app::kInstance).value();
  }
  app::RestoreReport restore(const app::RestoreOptions& options = {}) const {
    app::RestoreSite site(data);
    fs::copy_file(directory.path() / "backup.db", site.unpacked() / "nexus.db");
    return app::restore(site, config, manifest, options);
  }
  TemporaryDirectory directory;
  const fs::path data = directory.path() / "data";
  Config config;
  backup::Manifest manifest;
};

}  // namespace

TEST_CASE("a backup of an older schema is restored in the newest one", "[restore][migration]") {
  const OldStore old;
  { app::Installation migrated({.data_dir = old.data}); }
  const auto report = old.restore();
  CHECK(report.json["from_living"] == true);
  app::Installation restored({.data_dir = old.data});
  CHECK(restored.store().schema_before == static_cast<int>(store::embedded_migrations().size()));
  auto lease = restored.database().read();
  CHECK(lease.reader().query("SELECT 1 FROM audit_rows WHERE action = 'store_restore'").next());
}

TEST_CASE("a living store of an older schema is migrated first, or counts as none on demand", "[restore][migration]") {
  const OldStore old;
  { app::RestoreSite makes_the_lock(old.data); }
  const auto before = tree_of(old.data);
  try {
    old.restore();
    FAIL("it cannot be compared");
  } catch (const std::runtime_error& refused) {
    CHECK(std::string(refused.what()).find("run nexusd migrate first") != std::string::npos);
  }
  CHECK(tree_of(old.data) == before);
  CHECK(old.restore({.without_living = true}).json["from_living"] == false);
}

}  // namespace nexus::test
