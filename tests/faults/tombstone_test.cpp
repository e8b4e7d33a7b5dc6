// An object that outlived the deletion of its asset, because the daemon was killed between commit and unlink or because
// an upload ended after it, goes with the sweep of tombstones, and only then.
#include <fstream>
#include <thread>

#include "daemon/base/clock.hpp"
#include "store/sqlite/connection.hpp"
#include "tests/catch.hpp"
#include "tests/faults/load.hpp"
#include "tests/support/client.hpp"

using namespace nexus;
using namespace nexus::test;

namespace {

class TombstoneStage {
 public:
  explicit TombstoneStage(const DaemonProcess& daemon) : client_(daemon.address()), token_(daemon.token()) {}

  /// An asset that is deleted: its form is good for nothing any more.
  Json deleted() {
    Json form = call("POST", "/nexus/raw/presign-upload", R"({"filename":"a.txt"})").json;
    REQUIRE(call("DELETE", "/nexus/raw/" + form.at("asset_id").get<std::string>()).status == 204);
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

std::filesystem::path object_of(const std::filesystem::path& data, const Json& form) {
  return data / "blobs" / "nexus" / form.at("key").get<std::string>();
}

bool is_stored(const std::filesystem::path& data, const Json& form) {
  return std::filesystem::exists(object_of(data, form));
}

/// As a crash between commit and unlink leaves it. The tombstone knows its owner, not its name.
void leave_object(const std::filesystem::path& data, const Json& form) {
  std::filesystem::create_directories(object_of(data, form).parent_path());
  std::ofstream(object_of(data, form)) << "content";
}

/// As if the asset had been deleted so many hours earlier than it was.
void age(const std::filesystem::path& data, const Json& form, int hours) {
  store::Connection connection({.path = data / "nexus.db"});
  store::Tx(connection)
      .run("UPDATE raw_assets SET deleted_at = deleted_at - ?1 WHERE asset_id = ?2", hours * kHour,
           form.at("asset_id").get<std::string>());
}

template <class Condition>
bool holds_in_time(Condition condition) {
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
    TombstoneStage stage(daemon);
    old = stage.deleted();
    fresh = stage.deleted();
    daemon.kill();
  }
  leave_object(data, old);
  leave_object(data, fresh);
  age(data, old, 1);
  {
    DaemonProcess daemon(loaded(data));
    CHECK(holds_in_time([&] { return !is_stored(data, old); }));
    CHECK(is_stored(data, fresh));  // one sweep now would be too early for a store whose forms outlive the deletion
    daemon.kill();
  }
  leave_object(data, old);  // by an upload that took long
  age(data, old, 24);
  DaemonProcess daemon(loaded(data));
  CHECK(holds_in_time([&] { return !is_stored(data, old); }));
  CHECK(is_stored(data, fresh));
}
