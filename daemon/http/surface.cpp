#include "daemon/http/surface.hpp"

namespace nexus::http {

Route Surface::read(std::string path, ReadHandler handler, Docs docs) const {
  if (docs.tag.empty()) docs.tag = name;
  return {.method = "GET",
          .path = std::move(path),
          .demand = {.access = Access::role, .scope = Scope::header, .role = reads},
          .action = read_action,
          .surface = name,
          .policy = gates::Policy::read,
          .handler = std::move(handler),
          .docs = std::move(docs)};
}

Route Surface::write(std::string method, std::string path, std::string action, WriteHandler handler, Docs docs) const {
  if (docs.tag.empty()) docs.tag = name;
  const auto body = docs.request.is_null() ? Body::none : Body::json;
  return {.method = std::move(method),
          .path = std::move(path),
          .demand = {.access = Access::role, .scope = Scope::header, .role = writes, .mutates = true},
          .action = std::move(action),
          .surface = name,
          .policy = gates::Policy::full,
          .body = body,
          .handler = std::move(handler),
          .docs = std::move(docs)};
}

Route Surface::get(std::string path, ReadHandler handler, Docs docs) const {
  return read(std::move(path), std::move(handler), std::move(docs));
}

Route Surface::show(std::string path, ReadHandler handler, Docs docs) const {
  docs.refusals.push_back(404);
  return read(std::move(path), std::move(handler), std::move(docs));
}

Route Surface::create(std::string path, std::string action, WriteHandler handler, Docs docs) const {
  docs.success = 201;
  return write("POST", std::move(path), std::move(action), std::move(handler), std::move(docs));
}

Route Surface::change(std::string path, std::string action, WriteHandler handler, Docs docs) const {
  docs.refusals.push_back(404);
  return write("PATCH", std::move(path), std::move(action), std::move(handler), std::move(docs));
}

Route Surface::remove(std::string path, std::string action, WriteHandler handler, Docs docs) const {
  docs.success = 204;
  docs.refusals.push_back(404);
  return write("DELETE", std::move(path), std::move(action), std::move(handler), std::move(docs));
}

}  // namespace nexus::http
