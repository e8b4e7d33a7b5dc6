// The problem codes of this slice; the build gathers those of all slices.
#pragma once
#include "daemon/base/problem.hpp"

namespace nexus::problems {

inline constexpr CodeInfo media_asset_not_found{
    "media_asset.not_found", 404, "No such media asset",
    "There is no media asset with this id in this tenant and env; one of another tenant or env looks the "
    "same."};
inline constexpr CodeInfo media_artifact_not_found{
    "media_artifact.not_found", 404, "No such media artifact",
    "There is no media artifact with this id in this tenant and env; one of another tenant or env looks the "
    "same."};
inline constexpr CodeInfo media_remote{
    "media.remote", 409, "The asset lives elsewhere",
    "The asset was registered by its `source_uri`. Nexus never fetches it and redirects nobody to it: ask the "
    "place that the URI names."};
inline constexpr CodeInfo storage_foreign_prefix{
    "storage.foreign_prefix", 400, "The key is not of this tenant and env",
    "A stored object belongs under `tenants/{tenant}/{env}/` of the caller. A URI that names another place in "
    "our bucket or at our endpoint is refused."};

}  // namespace nexus::problems
