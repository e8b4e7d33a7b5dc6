// Presigned uploads step by step, for the tests of raw storage: a person who asks, a form that can be spoilt, and what
// lies on the disk afterwards.
#pragma once
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <functional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "daemon/blobs/object.hpp"
#include "tests/support/client.hpp"
#include "tests/support/daemon_process.hpp"

namespace nexus::test {

using Form = blobs::Fields;  // names and values in the order to send them

/// Asks again until it holds; false when it did not within 5 s.
inline bool eventually(const std::function<bool()>& holds) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!holds()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

/// u_dev in a tenant and env.
struct Uploader {
  explicit Uploader(const DaemonProcess& daemon, std::string tenant = "t_dev", std::string env = "dev")
      : client(daemon.address()),
        context({{"Authorization", "Bearer " + daemon.token()}, {"X-Tenant-Id", tenant}, {"X-Env", env}}) {}

  Answer get(const std::string& target) { return client.request("GET", target, context); }
  Answer post(const std::string& target, const Json& body) {
    return client.request("POST", target, context, to_text(body));
  }
  Answer presign(const Json& body) { return post("/nexus/raw/presign-upload", body); }
  Answer register_asset(const Json& body) { return post("/nexus/raw/register", body); }

  Client client;
  Headers context;
};

inline Form form_of(const Json& presigned) {
  Form form;
  for (const auto& [name, value] : presigned["fields"].items()) form.emplace_back(name, value.get<std::string>());
  return form;
}

inline constexpr const char* kBoundary = "----nexus-test-boundary";
inline const std::string kFormType = std::string("multipart/form-data; boundary=") + kBoundary;

inline std::string part(const std::string& name, const std::string& value, const std::string& more = {}) {
  return std::string("--") + kBoundary + "\r\nContent-Disposition: form-data; name=\"" + name + "\"" + more +
         "\r\n\r\n" + value + "\r\n";
}

/// The form's body with its file; `after` are fields behind the file.
inline std::string form_body(const Form& form, const std::string& content, const Form& after = {}) {
  std::string out;
  for (const auto& [name, value] : form) out += part(name, value);
  out += part("file", content, "; filename=\"ignored.bin\"");
  for (const auto& [name, value] : after) out += part(name, value);
  return out + "--" + kBoundary + "--\r\n";
}

inline Answer post_form(Client& client, const std::string& body, const std::string& bucket = "nexus") {
  return client.request("POST", "/blobs/" + bucket, {{"Content-Type", kFormType}}, body);
}

inline Answer upload(Client& client, const Json& presigned, const std::string& content) {
  return post_form(client, form_body(form_of(presigned), content));
}

/// The field of that name, to be changed.
inline std::string& field(Form& form, std::string_view name) {
  const auto found = std::ranges::find(form, name, [](const auto& entry) { return entry.first; });
  if (found == form.end()) throw std::logic_error("the form has no such field");
  return found->second;
}

inline void drop(Form& form, std::string_view name) {
  std::erase_if(form, [&](const auto& entry) { return entry.first == name; });
}

/// The path and query of an absolute URL.
inline std::string target_of(const std::string& url) { return url.substr(url.find('/', url.find("://") + 3)); }

/// All files under the daemon's blobs, relative to it; temporary ones too.
inline std::set<std::string> files_of(const DaemonProcess& daemon) {
  const auto root = daemon.data_dir() / "blobs";
  for (;;) {  // a directory that vanishes while we look ends the walk: then once more
    std::set<std::string> out;
    std::error_code error;
    for (std::filesystem::recursive_directory_iterator at(root, error), end; !error && at != end; at.increment(error)) {
      std::error_code gone;
      if (at->is_regular_file(gone)) out.insert(at->path().lexically_relative(root).string());
    }
    if (!error || !std::filesystem::exists(root)) return out;
  }
}

/// What an object leaves: itself and its sidecar.
inline std::set<std::string> object_files(const std::string& key) {
  const std::size_t slash = key.rfind('/');
  return {"nexus/" + key, "nexus/" + key.substr(0, slash) + "/.meta." + key.substr(slash + 1)};
}

}  // namespace nexus::test
