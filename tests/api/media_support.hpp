// Uploads by gated forms, for the tests of media and canvases: somebody in a tenant, a form that can be spoilt.
#pragma once
#include <string>

#include "tests/api/expect.hpp"
#include "tests/api/raw_storage_support.hpp"
#include "tests/api/world.hpp"

namespace nexus::test {

/// The file's part: its disposition, and what stands behind it.
inline std::string file_part(const std::string& filename, const std::string& content,
                             const std::string& type = "video/mp4") {
  return std::string("--") + kBoundary + "\r\nContent-Disposition: form-data; name=\"file\"; filename=\"" + filename +
         "\"\r\n" + (type.empty() ? "" : "Content-Type: " + type + "\r\n") + "\r\n" + content + "\r\n";
}

inline std::string closed(const std::string& parts) { return parts + "--" + kBoundary + "--\r\n"; }

/// The fields, then a file.
inline std::string media_form(const Form& fields, const std::string& content = "content",
                              const std::string& filename = "clip.mp4") {
  std::string out;
  for (const auto& [name, value] : fields) out += part(name, value);
  return closed(out + file_part(filename, content));
}

/// One member in one tenant of a world.
struct Media {
  World& world = shared_world();
  Tenant tenant = world.new_tenant_with_members();

  Headers headers(const std::string& role = "member", const std::string& env = "dev") const {
    return World::in(tenant.at(role), tenant.id, env);
  }
  Answer form(const std::string& body, const Headers& more = {}, const std::string& target = "/media-v2/assets") {
    return world.call("POST", target, with(with(headers(), {{"Content-Type", kFormType}}), more), body);
  }
  Answer post(const std::string& target, const Json& body, const std::string& env = "dev") {
    return world.call("POST", target, headers("member", env), body);
  }
  Answer get(const std::string& target, const std::string& role = "viewer", const std::string& env = "dev") {
    return world.call("GET", target, headers(role, env));
  }
  Answer erase(const std::string& target, const std::string& role) {
    return world.call("DELETE", target, headers(role));
  }
  /// What the presigned link gives.
  Answer fetch(const std::string& target) {
    const Answer redirect = get(target);
    if (redirect.status != 302) return redirect;
    return world.call("GET", target_of(redirect.header("location")));
  }
  /// Files of this tenant in storage.
  std::set<std::string> files() {
    std::set<std::string> mine;
    for (const auto& file : files_of(world.daemon()))
      if (file.find("/" + tenant.id + "/") != std::string::npos) mine.insert(file);
    return mine;
  }
  std::size_t rows() { return world.call("GET", "/audit?limit=200", headers("admin")).json.at("items").size(); }
};

}  // namespace nexus::test
