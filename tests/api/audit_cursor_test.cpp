// A cursor of the audit list that was made elsewhere: its check is no secret, so what it carries is judged as well.
#include "daemon/base/bytes.hpp"
#include "daemon/base/crypto.hpp"
#include "tests/api/expect.hpp"
#include "tests/api/world.hpp"
#include "tests/catch.hpp"

using namespace nexus;
using namespace nexus::test;

TEST_CASE("a forged cursor of the audit list is refused as a cursor, whatever it carries", "[audit]") {
  World& world = shared_world();
  const Tenant tenant = world.new_tenant_with_members();
  for (const std::string mark : {"abc", "99999999999999999999", "0", "-1", "7x"}) {
    CAPTURE(mark);
    const std::string check = sha256_hex("nexus.cursor\naudit\n" + tenant.id + "\ndev\n" + mark).substr(0, 16);
    const Answer answer =
        world.call("GET", "/audit?cursor=" + base64url(check + mark), World::in(tenant.admin, tenant.id));
    CHECK(outcome(answer) == "400 request.invalid_cursor");
  }
}
