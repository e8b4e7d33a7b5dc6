// Maybes in the store: what only a unit can judge.
#include "daemon/maybes/store.hpp"

#include "store/model_rows.hpp"
#include "tests/catch.hpp"
#include "tests/unit/store/support.hpp"

namespace nexus::test {

TEST_CASE("a maybe is folded again only if nobody changed it since it was read", "[maybes]") {
  store::test::Scratch scratch;
  store::SqliteDatabase database({.path = scratch.database()});
  maybes::Maybe read;
  read.tenant_id = "t_a";
  read.env = "dev";
  read.item_id = "100000";
  read.folded = "as it was read";
  bool put = false, put_again = true;
  database.writer().apply([&](store::Tx& tx) {
    store::insert_row<maybes::kMaybe>(tx, read);
    put = maybes::put_folded(tx, read, "anew");
    put_again = maybes::put_folded(tx, read, "too late");
  });
  CHECK(put);
  CHECK_FALSE(put_again);
}

}  // namespace nexus::test
