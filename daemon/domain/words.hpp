// The frame of a read that every viewer may ask.
#pragma once
#include <string>

#include "daemon/http/route.hpp"

namespace nexus::domain {

inline http::Route read_route(std::string path, std::string action, Role role, http::ReadHandler handler,
                              http::Docs docs) {
  return {.method = "GET",
          .path = std::move(path),
          .demand = {.access = Access::role, .scope = Scope::header, .role = role},
          .action = std::move(action),
          .surface = "control",
          .policy = gates::Policy::read,
          .handler = std::move(handler),
          .docs = std::move(docs)};
}

}  // namespace nexus::domain
