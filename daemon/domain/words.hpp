// What several control routes share: names of actions, the context of an answer, and the frame of a read that every
// viewer may ask.
#pragma once
#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include "daemon/http/route.hpp"

namespace nexus::domain {

/// ^[a-z][a-z0-9_]{0,63}$
inline bool is_action_name(std::string_view text) {
  return !text.empty() && text.size() <= 64 && text.front() >= 'a' && text.front() <= 'z' &&
         std::ranges::all_of(text, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; });
}

/// `json` with the tenant and env that it belongs to.
inline Json with_context(Json json, const Caller& caller) {
  json["tenant_id"] = caller.tenant().str();
  json["env"] = to_string(caller.env());
  return json;
}

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
