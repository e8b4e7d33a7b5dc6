// A filtered list of assets looks at a bounded number of rows, and goes on from there.
#include "daemon/raw/asset_list.hpp"

#include "daemon/raw/limits.hpp"
#include "store/model_rows.hpp"
#include "tests/catch.hpp"
#include "tests/unit/store/support.hpp"

namespace nexus::raw::test {
namespace {

/// Ids rise with `number`. The oldest is named "old.txt", the others "new.txt".
store::RawAsset numbered_asset(int number) {
  store::RawAsset asset;
  asset.tenant_id = "t_a";
  asset.env = "dev";
  asset.asset_id = std::to_string(100'000 + number);
  asset.status = "registered";
  asset.filename = number == 0 ? "old.txt" : "new.txt";
  asset.key = "tenants/t_a/dev/raw/" + asset.asset_id + "/" + asset.filename;
  asset.created_by = "u_a";
  return asset;
}

Json asset_id(const store::RawAsset& asset) { return asset.asset_id; }

TEST_CASE("a page of a filtered list that finds nothing ends, and the next one goes on", "[raw]") {
  store::test::Scratch scratch;
  store::SqliteDatabase database({.path = scratch.database()});
  database.writer().apply([](store::Tx& tx) {
    for (int i = 0; i <= limits::raw_rows_scanned_max; ++i) store::insert_row<store::kRawAsset>(tx, numbered_asset(i));
  });
  Caller caller;
  caller.tenant_id = TenantId::parse("t_a");
  caller.env_id = Env::dev;
  AssetList list;
  list.filter.filename = "old";
  auto lease = database.read();
  const Json first = list_assets(lease.reader(), caller, list, asset_id).json;
  CHECK(first["items"].empty());
  REQUIRE(first["next_cursor"].is_string());

  list.page.mark = numbered_asset(1).asset_id;
  CHECK(first["next_cursor"] == http::make_cursor(list.page, list.page.mark));
  const Json second = list_assets(lease.reader(), caller, list, asset_id).json;
  CHECK(second["items"] == Json::array({numbered_asset(0).asset_id}));
  CHECK(second["next_cursor"].is_null());
}

}  // namespace
}  // namespace nexus::raw::test
