// What the daemon gives its slices. A slice is a folder with a routes.cpp, which defines, in the slice's namespace,
//
//   void add_routes(http::RouteTable& routes, const domain::Services& services);
//
// The build finds these files and writes the function that calls them all (cmake/gathered.cmake): a new slice is named
// nowhere else.
#pragma once
#include <cstdint>
#include <functional>

#include "daemon/base/realm.hpp"
#include "daemon/gates/strictness.hpp"
#include "daemon/guard/rate_limit.hpp"

namespace nexus {
class Bearers;
class Tickets;
}  // namespace nexus
namespace nexus::audit {
class Checkpoints;
}
namespace nexus::blobs {
class BlobStore;
class LocalBlobStore;
}  // namespace nexus::blobs
namespace nexus::http {
class RouteTable;
}
namespace nexus::rails {
class Rails;
}
namespace nexus::store {
class Database;
}
namespace nexus::system {
struct SystemOptions;
}

namespace nexus::domain {

/// All that is referred to, but `system`, outlives the routes: answers are made long after a handler returned.
struct Services {
  const Bearers& bearers;
  Tickets& tickets;
  blobs::BlobStore& blobs;
  blobs::LocalBlobStore* local_blobs;  ///< whose face is /blobs; null when objects live elsewhere
  const system::SystemOptions& system;
  std::uint64_t upload_bytes_max;
  std::function<bool(Env)> digest_required;  ///< whether register itself computes a digest that the store cannot prove
  gates::Strictness strict;
  bool refuse_local_blobs_in_prod;
  Quota default_quota;
  store::Database& database;
  audit::Checkpoints& checkpoints;
  rails::Rails& rails;
};

/// The routes of every slice, in the order of their names; complete. Made by the build.
void add_routes_of_slices(http::RouteTable& routes, const Services& services);

}  // namespace nexus::domain
