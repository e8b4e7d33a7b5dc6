#include "daemon/identity/common.hpp"

#include "daemon/http/schema.hpp"

namespace nexus::identity {

http::Route identity_read(std::string path, Demand demand, std::string action, http::ReadHandler handler,
                          http::Docs docs) {
  docs.tag = "identity";
  return {.method = "GET",
          .path = std::move(path),
          .demand = demand,
          .action = std::move(action),
          .surface = "identity",
          .policy = gates::Policy::none,
          .handler = std::move(handler),
          .docs = std::move(docs)};
}

http::Route identity_write(std::string method, std::string path, Demand demand, std::string action,
                           http::Effects effects, http::WriteHandler handler, http::Docs docs) {
  demand.mutates = true;
  docs.tag = "identity";
  docs.success = docs.response.is_null() ? 204 : method == "POST" ? 201 : 200;
  return {.method = std::move(method),
          .path = std::move(path),
          .demand = demand,
          .action = std::move(action),
          .surface = "identity",
          .policy = gates::Policy::audited,
          .effects = effects,
          .body = docs.request.is_null() ? http::Body::none : http::Body::json,
          .handler = std::move(handler),
          .docs = std::move(docs)};
}

Json role_schema() { return http::schema::named("MemberSet", model::create_schema(kMember)); }

Json member_schema() {
  Json out = http::schema::named("Member", model::answer_schema(kInvitation));
  out["required"] = model::answer_schema(kMember)["required"];
  return out;
}

}  // namespace nexus::identity
