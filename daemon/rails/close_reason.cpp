#include "daemon/rails/close_reason.hpp"

#include <map>

#include "daemon/gates/problems.hpp"
#include "daemon/rails/problems.hpp"

namespace nexus::rails {

Close close_of(End end) {
  static const std::map<End, std::string_view> reasons = {
      {End::shutdown, "the daemon is shutting down"},
      {End::set_back, "the store lost its last rows and has a new epoch: reconnect"},
      {End::token, "the token has expired or was revoked"},
      {End::membership, "the membership ended, or the tenant was disabled"},
      {End::too_slow, "the stream was read too slowly"},
      {End::flood, "too many frames"},
      {End::switched_off, "a kill switch or a feature flag switched the stream off"}};
  return {static_cast<int>(end), reasons.at(end)};
}

End end_for(Code refusal) {
  if (refusal == problems::kill_switch_blocked || refusal == problems::feature_disabled) return End::switched_off;
  return info(refusal).status == 401 ? End::token : End::membership;
}

}  // namespace nexus::rails
