// An object whose upload was cut by a crash, between the object and the row that names it.
#include <chrono>
#include <filesystem>
#include <thread>

#include "store/objects.hpp"
#include "store/sqlite/database.hpp"
#include "tests/catch.hpp"
#include "tests/support/client.hpp"
#include "tests/support/daemon_process.hpp"

namespace nexus::test {
namespace {

Headers in_dev(const DaemonProcess& daemon) {
  return {{"Authorization", "Bearer " + daemon.token()},
          {"X-Tenant-Id", "t_dev"},
          {"X-Env", "dev"},
          {"Content-Type", "multipart/form-data; boundary=b"}};
}

/// The key of a file that was uploaded.
std::string upload(const DaemonProcess& daemon) {
  const std::string body =
      "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\ncontent\r\n--b--\r\n";
  const Answer answer = Client(daemon.address()).request("POST", "/media-v2/assets", in_dev(daemon), body);
  REQUIRE(answer.status == 201);
  return answer.json.at("key");
}

}  // namespace

TEST_CASE("an object that a crash left without its row is removed at the next start, and no other") {
  TemporaryDirectory directory;
  const auto data = directory.path() / "data";
  std::string kept, stray;
  {
    DaemonProcess daemon({.data_dir = data});
    kept = upload(daemon);
    stray = upload(daemon);
    CHECK(daemon.stop() == 0);
  }
  {
    // What the crash leaves: the note that stands before the object is visible, and goes with the row.
    store::SqliteDatabase database({.path = data / "nexus.db"});
    database.writer().run([&](store::Tx& tx) {
      CHECK(store::list_pending_objects(tx, INT64_MAX, 10).empty());
      store::note_pending_object(tx, stray, 1);
    });
  }
  DaemonProcess daemon({.data_dir = data});
  const auto blobs = data / "blobs" / "nexus";
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (std::filesystem::exists(blobs / stray) && std::chrono::steady_clock::now() < deadline)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  CHECK_FALSE(std::filesystem::exists(blobs / stray));
  CHECK(std::filesystem::exists(blobs / kept));
}

}  // namespace nexus::test
