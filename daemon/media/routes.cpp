// The routes of media: assets, and their artifacts.
#include "daemon/domain/services.hpp"
#include "daemon/http/route.hpp"
#include "daemon/media/artifacts.hpp"
#include "daemon/media/assets.hpp"

namespace nexus::media {

void add_routes(http::RouteTable& routes, const domain::Services& services) {
  routes.describe("media", "Media assets and what was made of them");
  add_asset_routes(routes, services.blobs, services.upload_bytes_max);
  add_artifact_routes(routes, services.blobs);
}

}  // namespace nexus::media
