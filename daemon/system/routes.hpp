// Routes about the daemon itself: liveness, readiness, version, OpenAPI document, metrics.
#pragma once
#include <functional>
#include <string>

#include "daemon/http/openapi.hpp"
#include "store/database.hpp"

namespace nexus::system {

/// One line of /readyz?verbose.
struct Check {
  std::string name;
  bool ok = true;
  std::string detail;
  std::string outside = {};  // what strangers are told of a failure in the place of `detail`; empty: the same
};

struct SystemOptions {
  bool open_metrics = false;  // --dev
  std::string instance_id;
  std::string checkpoint_key;                  // public: audit checkpoints are verified with it
  std::function<std::vector<Check>()> checks;  // of readiness
  /// Prometheus text; of null, without what only the store knows.
  std::function<std::string(const store::Reader*)> metrics;
  std::function<const http::OpenApiText&()> openapi;       // asked once the daemon serves
  std::function<void(const RequestHead&)> require_system;  // throws Problem unless the head has the system token
  std::function<store::Lease()> read;                      // where a route has no snapshot of its own
  std::function<Json()> examine;                           // the findings of GET /doctor; blocks
};

void add_system_routes(http::RouteTable& routes, const SystemOptions& options);

}  // namespace nexus::system
