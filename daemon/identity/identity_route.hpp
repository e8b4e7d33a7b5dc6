// The shape that the routes of identity share: surface `identity`, audited where they change something and not gated.
#pragma once
#include <string>

#include "daemon/http/route.hpp"

namespace nexus::identity {

/// Of a revocation or a removal: it stops somebody, and may end his streams.
constexpr http::Effects kTakesAway{http::Urgency::stops, http::EndsStreams::may, http::Repairs::no,
                                   Direction::tightens};

inline http::Route identity_read(std::string path, Demand demand, std::string action, http::ReadHandler handler,
                                 http::Docs docs) {
  return {.method = "GET",
          .path = std::move(path),
          .demand = demand,
          .action = std::move(action),
          .surface = "identity",
          .policy = gates::Policy::none,
          .handler = std::move(handler),
          .docs = std::move(docs)};
}

/// With a JSON body, but for DELETE, which has none.
inline http::Route identity_write(std::string method, std::string path, Demand demand, std::string action,
                                  http::Effects effects, http::WriteHandler handler, http::Docs docs) {
  demand.mutates = true;
  const auto body = method == "DELETE" ? http::Body::none : http::Body::json;
  return {.method = std::move(method),
          .path = std::move(path),
          .demand = demand,
          .action = std::move(action),
          .surface = "identity",
          .policy = gates::Policy::audited,
          .effects = effects,
          .body = body,
          .handler = std::move(handler),
          .docs = std::move(docs)};
}

}  // namespace nexus::identity
