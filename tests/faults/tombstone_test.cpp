// An object that outlived the deletion of its asset, because the daemon was killed between commit and unlink or because
// a form that was still open brought it back, goes with the sweep of tombstones, and only then.
#include <thread>

#include "daemon/base/clock.hpp"
#include "store/sqlite/connection.hpp"
#include "tests/catch.hpp"
#include "tests/faults/load.hpp"
#include "tests/support/client.hpp"

using namespace nexus;
using namespace nexus::test;

namespace {

constexpr const char* kBoundary = "nexus-tombstone";

class Stage {
 public:
  explicit Stage(const DaemonProcess& daemon) : client_(daemon.address()), token_(daemon.token()) {}

  Json presign() { return call("POST", "/nexus/raw/presign-upload", R"({"filename":"a.txt"})").json; }
  Answer upload(const Json& form) {
    std::string body;
    const auto part = [&](const std::string& disposition, const std::string& value) {
      body += std::string("--") + kBoundary + "\r\nContent-Disposition: form-data; " + disposition + "\r\n\r\n" +
              value + "\r\n";
    };
    for (const auto& [name, value] : form.at("fields").items()) part("name=\"" + name + "\"", value.get<std::string>());
    part("name=\"file\"; filename=\"a\"", "content");
    const std::string url = form.at("url");
    return client_.request("POST", url.substr(url.find('/', url.find("://") + 3)),
                           {{"Content-Type", std::string("multipart/form-data; boundary=") + kBoundary}},
                           body + "--" + kBoundary + "--\r\n");
  }
  /// An asset that is deleted, and whose form then stored an object once more.
  Json deleted_but_stored() {
    const Json form = presign();
    REQUIRE(call("DELETE", "/nexus/raw/" + form.at("asset_id").get<std::string>()).status == 204);
    REQUIRE(upload(form).status == 204);
    return form;
  }

 private:
  Answer call(const std::string& method, const std::string& target, const std::string& body = {}) {
    return client_.request(method, target,
                           {{"Authorization", "Bearer " + token_}, {"X-Tenant-Id", "t_dev"}, {"X-Env", "dev"}}, body);
  }
  Client client_;
  std::string token_;
};

bool is_stored(const std::filesystem::path& data, const Json& form) {
  return std::filesystem::exists(data / "blobs" / "nexus" / form.at("key").get<std::string>());
}

/// As if the asset had been deleted so many hours earlier than it was.
void age(const std::filesystem::path& data, const Json& form, int hours) {
  store::Connection connection({.path = data / "nexus.db"});
  store::Tx(connection)
      .run("UPDATE raw_assets SET deleted_at = deleted_at - ?1 WHERE asset_id = ?2", hours * kHour,
           form.at("asset_id").get<std::string>());
}

template <class Condition>
bool comes_true(Condition condition) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::yield();
  }
  return true;
}

}  // namespace

TEST_CASE("what outlived its deletion is swept once its forms are over, and once more a day later") {
  const TemporaryDirectory directory;
  const auto data = directory.path() / "data";
  Json old, fresh;
  {
    DaemonProcess daemon(loaded(data));
    Stage stage(daemon);
    old = stage.deleted_but_stored();
    fresh = stage.deleted_but_stored();
    daemon.kill();
  }
  REQUIRE(is_stored(data, old));
  age(data, old, 1);
  {
    DaemonProcess daemon(loaded(data));
    CHECK(comes_true([&] { return !is_stored(data, old); }));
    CHECK(is_stored(data, fresh));                     // its form may still be used: one sweep now would be too early
    REQUIRE(Stage(daemon).upload(old).status == 204);  // an upload that took long
    daemon.kill();
  }
  age(data, old, 24);
  DaemonProcess daemon(loaded(data));
  CHECK(comes_true([&] { return !is_stored(data, old); }));
  CHECK(is_stored(data, fresh));
}
