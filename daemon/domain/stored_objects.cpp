#include "daemon/domain/stored_objects.hpp"

#include "daemon/base/problems.hpp"

namespace nexus::domain {

http::Route read_route(std::string path, std::string surface, http::ReadHandler handler, http::Docs docs) {
  std::string action = surface + "_read";
  return {.method = "GET",
          .path = std::move(path),
          .demand = {.access = Access::role, .scope = Scope::header, .role = Role::viewer},
          .action = std::move(action),
          .surface = std::move(surface),
          .policy = gates::Policy::read,
          .handler = std::move(handler),
          .docs = std::move(docs)};
}

http::Route write_route(std::string method, std::string path, std::string action, std::string surface,
                        http::Handler handler, http::Docs docs) {
  return {.method = std::move(method),
          .path = std::move(path),
          .demand = {.access = Access::role, .scope = Scope::header, .role = Role::member, .mutates = true},
          .action = std::move(action),
          .surface = std::move(surface),
          .policy = gates::Policy::full,
          .handler = std::move(handler),
          .docs = std::move(docs)};
}

http::Route form_route(std::string path, std::string action, std::string surface, http::FormHandler handler,
                       http::Docs docs) {
  const std::uint64_t file_bytes_max = handler.file_bytes_max;
  const auto body = handler.json ? http::Body::json_or_form : http::Body::form;
  http::Route route =
      write_route("POST", std::move(path), std::move(action), std::move(surface), std::move(handler), std::move(docs));
  route.body = body;
  route.body_bytes_max = file_bytes_max + 64 * limits::KiB;  // the file, its form, and what stands after it
  route.writes_blobs = true;
  return route;
}

http::Reply redirect_to(blobs::BlobStore& blobs, const Caller& caller, const std::string& key,
                        const std::string& filename, const std::string& content_type, const std::string& base_url) {
  const auto parsed = blobs::StorageKey::parse(key);
  if (!parsed || !parsed->belongs_to(caller.tenant(), caller.env())) throw Problem(problems::internal_error);
  return {.json = nullptr,
          .status = 302,
          .fields = {{"Location", blobs.presign_download({*parsed, filename, content_type}, now_micros(), base_url)}}};
}

std::string stored_filename(const std::string& key) { return key.substr(key.rfind('/') + 1); }

}  // namespace nexus::domain
