// The whole route table, put together in one place.
#pragma once
#include "daemon/audit_log/routes.hpp"
#include "daemon/blobs/backend.hpp"
#include "daemon/config/config.hpp"
#include "daemon/gates/strictness.hpp"
#include "daemon/guard/bearer.hpp"
#include "daemon/guard/rate_limit.hpp"
#include "daemon/guard/tickets.hpp"
#include "daemon/http/route.hpp"
#include "daemon/rails/rails.hpp"
#include "daemon/system/routes.hpp"

namespace nexus::app {

/// What the routes stand on; all of it outlives the table.
struct RouteServices {
  const Bearers& bearers;
  Tickets& tickets;
  blobs::BlobStore& blobs;
  blobs::LocalBlobStore* local_blobs;  // whose face is /blobs; null when objects live elsewhere
  system::SystemOptions system;
  std::uint64_t upload_bytes_max;
  std::function<bool(Env)> digest_required;
  gates::Strictness strict;
  bool refuse_local_blobs_in_prod;
  Quota default_quota;
  audit_log::AuditServices audit;
  rails::Rails& rails;
};

http::RouteTable all_routes(const RouteServices& services);

}  // namespace nexus::app
