// Routes of raw storage: presign, register, read, list, download, delete.
#pragma once
#include "daemon/blobs/backend.hpp"
#include "daemon/http/route.hpp"
#include "store/raw_assets.hpp"

namespace nexus::raw {

struct RawOptions {
  std::uint64_t upload_bytes_max = limits::upload_bytes_hard_max;
  /// Whether register itself computes a digest that the store cannot prove.
  std::function<bool(Env)> digest_required = [](Env) { return false; };
};

/// `blobs` must outlive the table.
void add_raw_routes(http::RouteTable& routes, blobs::BlobStore& blobs, const RawOptions& options);

}  // namespace nexus::raw
