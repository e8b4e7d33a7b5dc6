#include "daemon/http/surface.hpp"

#include <algorithm>
#include <iterator>

#include "daemon/http/page.hpp"
#include "daemon/http/schema.hpp"

namespace nexus::http {

Route Surface::get(std::string path, ReadHandler handler, Docs docs) const {
  if (docs.tag.empty()) docs.tag = tag.empty() ? name : tag;
  return {.method = "GET",
          .path = std::move(path),
          .demand = {.access = Access::role, .scope = Scope::header, .role = reads},
          .action = read_action,
          .surface = name,
          .policy = gates::Policy::read,
          .handler = std::move(handler),
          .docs = std::move(docs)};
}

Route Surface::write(std::string method, std::string path, std::string action, Handler handler, Docs docs) const {
  if (docs.tag.empty()) docs.tag = tag.empty() ? name : tag;
  const auto body = docs.request.is_null() ? Body::none : Body::json;
  return {.method = std::move(method),
          .path = std::move(path),
          .demand = {.access = Access::role, .scope = Scope::header, .role = writes, .mutates = true},
          .action = std::move(action),
          .surface = name,
          .body_names_surface = body_names_surface && body == Body::json,
          .policy = policy,
          .effects = effects,
          .body = body,
          .handler = std::move(handler),
          .docs = std::move(docs)};
}

Route Surface::show(std::string path, ReadHandler handler, Docs docs) const {
  docs.refusals.push_back(404);
  return get(std::move(path), std::move(handler), std::move(docs));
}

Route Surface::list(std::string path, ReadHandler handler, Docs docs) const {
  docs.response = schema::page(std::move(docs.response));
  std::ranges::move(page_parameters(), std::back_inserter(docs.query));
  return get(std::move(path), std::move(handler), std::move(docs));
}

Route Surface::create(std::string path, std::string action, WriteHandler handler, Docs docs) const {
  if (docs.success == 200) docs.success = 201;
  return write("POST", std::move(path), std::move(action), std::move(handler), std::move(docs));
}

Route Surface::act(std::string path, std::string action, WriteHandler handler, Docs docs) const {
  return write("POST", std::move(path), std::move(action), std::move(handler), std::move(docs));
}

Route Surface::upload(std::string path, std::string action, FormHandler handler, Docs docs) const {
  docs.success = 201;
  const std::uint64_t file_bytes_max = handler.file_bytes_max;
  const auto body = handler.json ? Body::json_or_form : Body::form;
  Route route = write("POST", std::move(path), std::move(action), std::move(handler), std::move(docs));
  route.body = body;
  route.body_bytes_max = file_bytes_max + 64 * limits::KiB;  // the file, its form, and the fields after it
  return into_storage(std::move(route));
}

Route Surface::put(std::string path, std::string action, WriteHandler handler, Docs docs) const {
  return write("PUT", std::move(path), std::move(action), std::move(handler), std::move(docs));
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

Route into_storage(Route route) {
  route.writes_blobs = true;
  return route;
}

}  // namespace nexus::http
