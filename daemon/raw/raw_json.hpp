// Raw assets as clients see them, and their schemas.
#pragma once
#include "daemon/base/json.hpp"
#include "daemon/http/schema.hpp"
#include "store/raw_assets.hpp"

namespace nexus::raw {

Json raw_json(const store::RawAsset& asset);

Json presign_schema();
/// `bytes_max`: the largest upload allowed here.
Json presign_request_schema(std::uint64_t bytes_max);
Json register_request_schema();

}  // namespace nexus::raw
