// Media assets as clients see them, and their schemas.
#pragma once
#include "daemon/base/json.hpp"
#include "store/media.hpp"

namespace nexus::media {

Json asset_json(const store::MediaAsset& asset);
Json asset_schema();
Json remote_request_schema();
Json upload_form_schema();

}  // namespace nexus::media
