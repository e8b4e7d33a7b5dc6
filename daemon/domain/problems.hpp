// What several slices refuse; the build gathers them all.
#pragma once
#include "daemon/base/problem.hpp"

namespace nexus::problems {

inline constexpr CodeInfo member_not_found{"member.not_found", 404, "No such member",
                                           "This user is no member of the tenant."};
inline constexpr CodeInfo membership_last_owner{"membership.last_owner", 409, "The last owner stays",
                                                "A tenant keeps at least one owner. Make another member owner first."};
inline constexpr CodeInfo limit_reached{
    "limit.reached", 409, "There are as many as there may be",
    "The tenant holds as many of these as it may. The detail names the limit; end one of them first."};
inline constexpr CodeInfo raw_not_found{
    "raw.not_found", 404, "No such asset",
    "There is no asset with this id in this tenant and env; one of another tenant or env looks the same."};
inline constexpr CodeInfo raw_not_uploaded{
    "raw.not_uploaded", 409, "Nothing was uploaded",
    "The presigned form of this asset was not used yet: POST the file to the form's url first, then register."};

}  // namespace nexus::problems
