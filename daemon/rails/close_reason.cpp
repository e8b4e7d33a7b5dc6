#include "daemon/rails/close_reason.hpp"

#include "daemon/gates/problems.hpp"
#include "daemon/rails/problems.hpp"

namespace nexus::rails {

Close close_of(End end) {
  const int code = static_cast<int>(end);
  switch (end) {
    case End::shutdown:
      return {code, "the daemon is shutting down"};
    case End::token:
      return {code, "the token has expired or was revoked"};
    case End::membership:
      return {code, "the membership ended, or the tenant was disabled"};
    case End::too_slow:
      return {code, "the stream was read too slowly"};
    case End::flood:
      return {code, "too many frames"};
    case End::switched_off:
      return {code, "a kill switch or a feature flag switched the stream off"};
  }
  return {1001, ""};
}

End end_for(Code refusal) {
  if (refusal == problems::kill_switch_blocked || refusal == problems::feature_disabled) return End::switched_off;
  return info(refusal).status == 401 ? End::token : End::membership;
}

}  // namespace nexus::rails
