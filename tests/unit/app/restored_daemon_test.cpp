// A drill through the public surface: the daemon of a restored store. What was acknowledged before the backup is there,
// old receipts are good, what was revoked since stays revoked.
#include "tests/support/client.hpp"
#include "tests/unit/app/restore_support.hpp"

namespace nexus::test {
namespace {

Headers in_dev(const std::string& token) {
  return {{"Authorization", "Bearer " + token}, {"X-Tenant-Id", "t_dev"}, {"X-Env", "dev"}};
}

/// A token of u_dev: its id and its text.
std::pair<std::string, std::string> new_token(const DaemonProcess& daemon) {
  const Answer answer = Client(daemon.address())
                            .request("POST", "/tokens", {{"Authorization", "Bearer " + daemon.token()}},
                                     Json{{"tenants", {"t_dev"}}}.dump());
  REQUIRE(answer.status == 201);
  return {answer.json.at("token_id"), answer.json.at("token")};
}

Answer create_maybe(const DaemonProcess& daemon, const std::string& token) {
  return Client(daemon.address()).request("POST", "/maybes/items", in_dev(token), Json{{"title", "a"}}.dump());
}

void restore_from(const fs::path& backup, const fs::path& data) {
  app::RestoreSite site(data);
  fs::copy(backup, site.unpacked(), fs::copy_options::recursive | fs::copy_options::overwrite_existing);
  Config config;
  config.data_dir = data;
  store::Connection connection({.path = backup / "nexus.db", .read_only = true});
  backup::Manifest manifest;
  manifest.backup_id = "b-1";
  manifest.instance_id = store::find_meta(store::Reader(connection), app::kInstance).value();
  app::restore(site, config, manifest, {});
}

}  // namespace

TEST_CASE("after a restore old receipts are good, and a token that was revoked since stays revoked", "[restore]") {
  TemporaryDirectory directory;
  const fs::path data = directory.path() / "data", backup = directory.path() / "backup";
  std::string kept, revoked, revoked_id, receipt_seq, receipt_hash;
  {
    DaemonProcess daemon({.data_dir = data});
    kept = new_token(daemon).second;
    std::tie(revoked_id, revoked) = new_token(daemon);
    const Answer made = create_maybe(daemon, revoked);
    REQUIRE(made.status == 201);
    receipt_seq = made.header("Nexus-Audit-Seq");
    receipt_hash = made.header("Nexus-Audit-Hash");
    CHECK(daemon.stop() == 0);
  }
  fs::create_directories(backup);
  fs::copy_file(data / "nexus.db", backup / "nexus.db");
  {
    DaemonProcess daemon({.data_dir = data});
    const auto target = "/tokens/" + revoked_id;
    CHECK(Client(daemon.address()).request("DELETE", target, {{"Authorization", "Bearer " + daemon.token()}}).status ==
          204);
    CHECK(create_maybe(daemon, kept).status == 201);  // lost
    CHECK(daemon.stop() == 0);
  }
  restore_from(backup, data);
  DaemonProcess daemon({.data_dir = data});
  CHECK(create_maybe(daemon, revoked).status == 401);
  CHECK(create_maybe(daemon, kept).status == 201);
  Client client(daemon.address());
  CHECK(client.request("GET", "/audit/" + receipt_seq, in_dev(kept)).json.at("hash") == receipt_hash);
  const Answer verdict = client.request("GET", "/audit/verify", in_dev(kept));
  CHECK(verdict.json.at("ok") == true);
  REQUIRE(verdict.json.at("restores").size() == 1);
  CHECK(verdict.json.at("restores")[0].at("backup_id") == "b-1");
  CHECK(client.request("GET", "/maybes/items", in_dev(kept)).json.at("items").size() == 2);
}

}  // namespace nexus::test
