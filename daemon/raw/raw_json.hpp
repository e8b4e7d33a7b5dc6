// Raw assets as clients see them, and their schemas.
#pragma once
#include "daemon/base/json.hpp"
#include "daemon/http/schema.hpp"
#include "store/raw_assets.hpp"

namespace nexus::raw {

/// The name under which the object is stored: the last part of its key.
std::string stored_filename(const store::RawAsset& asset);
Json raw_json(const store::RawAsset& asset);
/// What a client sends as metadata, with the original filename kept when it had to be changed.
Json merged_metadata(const store::RawAsset& asset, const Json& sent);

Json raw_schema();
Json presign_schema();
/// `bytes_max`: most that an upload may have here.
Json presign_request_schema(std::uint64_t bytes_max);
Json register_request_schema();

}  // namespace nexus::raw
