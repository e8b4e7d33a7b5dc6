// The address of a remote media asset. Such a URI is stored and shown, and never fetched or redirected to. A URI that
// leads to our own storage is refused, because it would name objects past the rules of tenants.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "daemon/blobs/backend.hpp"

namespace nexus::media {

/// Returns why a source URI is refused (422), for people; nothing when this env accepts it.
std::optional<std::string> source_uri_fault(std::string_view uri, Env env);

/// Whether it leads into the store's bucket or to its endpoint, or to the daemon itself (`base_url`).
bool is_ours(std::string_view uri, blobs::BlobStore& blobs, const TenantId& tenant, Env env, std::string_view base_url);

}  // namespace nexus::media
