// Close codes as the contract has them.
#include "daemon/rails/close_reason.hpp"
#include "daemon/gates/problems.hpp"
#include "daemon/guard/problems.hpp"
#include "daemon/rails/problems.hpp"
#include "tests/catch.hpp"

namespace nexus::rails {

TEST_CASE("every end has its code, and words that fit a close frame") {
  const std::vector<std::pair<End, int>> wanted = {{End::shutdown, 1001},    {End::set_back, 1012}, {End::token, 4401},
                                                   {End::membership, 4403},  {End::too_slow, 4408}, {End::flood, 4429},
                                                   {End::switched_off, 4503}};
  for (const auto& [end, code] : wanted) {
    const Close close = close_of(end);
    CHECK(close.code == code);
    CHECK(!close.reason.empty());
    CHECK(close.reason.size() <= 123);
  }
}

TEST_CASE("an open stream ends for what a new request would be refused with") {
  CHECK(end_for(problems::auth_token_expired) == End::token);
  CHECK(end_for(problems::auth_token_revoked) == End::token);
  CHECK(end_for(problems::auth_invalid_token) == End::token);
  CHECK(end_for(problems::auth_not_a_member) == End::membership);
  CHECK(end_for(problems::auth_insufficient_role) == End::membership);
  CHECK(end_for(problems::tenant_disabled) == End::membership);
  CHECK(end_for(problems::kill_switch_blocked) == End::switched_off);
  CHECK(end_for(problems::feature_disabled) == End::switched_off);
}

}  // namespace nexus::rails
