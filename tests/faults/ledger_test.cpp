// The control of the fault tests: a directory that lost, doubled or changed a single thing must be reported, or the
// other tests of this folder prove nothing.
#include "store/sqlite/connection.hpp"
#include "tests/catch.hpp"
#include "tests/faults/load.hpp"

using namespace nexus::test;

namespace {

/// What an untroubled daemon leaves after some presigns.
struct Finished {
  Finished() {
    Memory memory(Kind::presign);
    DaemonProcess daemon(loaded(data));
    {
      const Load load(daemon, {&memory}, 2);
      memory.wait_for(20);
    }
    settle(daemon, memory);
    daemon.stop();
    acknowledged = memory.acknowledged();
  }

  /// Both judges over the directory after `script` was run in its database.
  std::vector<std::string> complaints_after(const char* script) {
    nexus::store::Connection connection({.path = data / "nexus.db"});
    connection.execute("BEGIN");
    connection.execute(script);
    connection.execute("COMMIT");
    auto all = compare(data, kPresigned, acknowledged);
    for (auto& complaint : verify(data)) all.push_back(std::move(complaint));
    return all;
  }

  TemporaryDirectory directory;
  std::filesystem::path data = directory.path() / "data";
  std::vector<Acknowledged> acknowledged;
};

}  // namespace

TEST_CASE("an untouched directory has no complaints", "[control]") {
  CHECK(Finished().complaints_after("SELECT 1") == std::vector<std::string>{});
}

TEST_CASE("one thing lost, doubled or changed is reported", "[control]") {
  const char* script = GENERATE(
      "DELETE FROM raw_assets WHERE rowid = 7", "UPDATE raw_assets SET asset_id = 'another' WHERE rowid = 7",
      "INSERT INTO raw_assets (tenant_id, env, asset_id, status, filename, key, uri, content_type, max_bytes, "
      "sha256_checked, metadata, created_at, created_by) SELECT tenant_id, env, 'twice', status, filename, key, uri, "
      "content_type, max_bytes, sha256_checked, metadata, created_at, created_by FROM raw_assets WHERE rowid = 7",
      "UPDATE audit_rows SET body = replace(body, 'raw_presign', 'raw_prexign') WHERE tenant_id = 't_dev' AND seq = 7",
      "UPDATE audit_rows SET details = '{}' WHERE tenant_id = 't_dev' AND env = 'dev' AND seq = 7",
      "DELETE FROM audit_rows WHERE tenant_id = 't_dev' AND env = 'dev' AND seq = 7",
      "DELETE FROM audit_rows WHERE tenant_id = 't_dev' AND env = 'dev' AND seq = "
      "(SELECT seq FROM audit_heads WHERE tenant_id = 't_dev' AND env = 'dev')");
  CAPTURE(script);
  CHECK(Finished().complaints_after(script) != std::vector<std::string>{});
}
