// How things end: clients that leave in the middle, a daemon that is told to stop in the middle, a second daemon, and
// a data directory that others could read.
#include <sys/stat.h>

#include <csignal>

#include "tests/api/raw_storage_support.hpp"
#include "tests/api/wire_support.hpp"
#include "tests/catch.hpp"
#include "tests/support/databases.hpp"

namespace nexus::test {
namespace {

std::string upload_head(std::size_t length, std::string_view lines = {}) {
  return "POST /blobs/nexus HTTP/1.1\r\nHost: localhost\r\nContent-Type: " + kFormType +
         "\r\nContent-Length: " + std::to_string(length) + "\r\n" + std::string(lines) + "\r\n";
}

Json presigned(const DaemonProcess& daemon, const Json& body = {{"filename", "a.bin"}}) {
  return Uploader(daemon).presign(body).json;
}

bool has_temporary(const DaemonProcess& daemon) {
  const auto files = files_of(daemon);
  return std::ranges::any_of(files, [](const auto& file) { return file.starts_with(".tmp/"); });
}

TEST_CASE("a client that leaves in the middle of a body leaves no trace", "[wire]") {
  const DaemonProcess daemon;
  const long before = next_seq(daemon);
  {
    const std::string request = presign_request(daemon);
    Wire wire(daemon.port());
    wire.send(request.substr(0, request.size() - 5));
  }
  CHECK(next_seq(daemon) == before + 1);
  CHECK(daemon.log().find("error") == std::string::npos);
}

TEST_CASE("a client that leaves in the middle of an upload leaves no file", "[wire][raw]") {
  const DaemonProcess daemon;
  const Json form = presigned(daemon);
  const std::string body = form_body(form_of(form), std::string(300'000, 'x'));
  {
    Wire wire(daemon.port());
    wire.send(upload_head(body.size()) + body.substr(0, 200'000));
    CHECK(eventually([&] { return has_temporary(daemon); }));
  }
  CHECK(eventually([&] { return files_of(daemon).empty(); }));
  Client client(daemon.address());
  CHECK(upload(client, form, "whole").status == 204);  // the form is as good as before
  CHECK(daemon.log().find("error") == std::string::npos);
}

TEST_CASE("SIGTERM in the middle of a request lets it finish, and the daemon ends well", "[wire]") {
  DaemonProcess daemon;
  const std::string body = R"({"filename":"a.txt"})";
  Wire wire(daemon.port());
  Wire idle(daemon.port());
  wire.send(post_head("/nexus/raw/presign-upload", body.size(), context_lines(daemon) + "Expect: 100-continue\r\n"));
  REQUIRE(wire.answer().status == 100);  // the request is under way
  daemon.signal(SIGTERM);
  REQUIRE(eventually([&] { return daemon.log().find("stopping") != std::string::npos; }));
  CHECK(idle.ends());
  CHECK(eventually([&] {
    try {
      Wire late(daemon.port());
      return false;
    } catch (const std::runtime_error&) {
      return true;
    }
  }));
  wire.send(body);
  const Answer answer = wire.answer();
  CHECK(answer.status == 200);
  CHECK(answer.header("connection") == "close");
  CHECK_FALSE(answer.header("nexus-audit-seq").empty());
  CHECK(wire.ends());
  wire.close();
  CHECK(daemon.wait() == 0);
}

TEST_CASE("SIGTERM in the middle of an upload lets it finish, and what was acknowledged stays", "[wire][raw]") {
  const TemporaryDirectory directory;
  const std::string content(300'000, 'x');
  Json form;
  {
    DaemonProcess daemon({.data_dir = directory.path() / "data"});
    form = presigned(daemon);
    const std::string body = form_body(form_of(form), content);
    Wire wire(daemon.port());
    wire.send(upload_head(body.size()) + body.substr(0, 200'000));
    REQUIRE(eventually([&] { return has_temporary(daemon); }));
    daemon.signal(SIGTERM);
    REQUIRE(eventually([&] { return daemon.log().find("stopping") != std::string::npos; }));
    wire.send(body.substr(200'000));
    CHECK(wire.answer().status == 204);
    wire.close();
    CHECK(daemon.wait() == 0);
  }
  const DaemonProcess daemon({.data_dir = directory.path() / "data"});
  CHECK(files_of(daemon) == object_files(form["key"]));
  CHECK(Uploader(daemon)
            .register_asset({{"asset_id", form["asset_id"]}, {"filename", "a.bin"}, {"size_bytes", content.size()}})
            .status == 201);
}

TEST_CASE("an upload that outlasts the grace is cut, and leaves nothing", "[wire][raw]") {
  const TemporaryDirectory directory;
  {
    DaemonProcess daemon({.data_dir = directory.path() / "data", .arguments = {"--shutdown-grace", "300ms"}});
    const std::string body = form_body(form_of(presigned(daemon)), std::string(300'000, 'x'));
    Wire wire(daemon.port());
    wire.send(upload_head(body.size()) + body.substr(0, 200'000));
    REQUIRE(eventually([&] { return has_temporary(daemon); }));
    daemon.signal(SIGTERM);
    CHECK(wire.answer().status == 0);
    CHECK(daemon.wait(std::chrono::seconds(5)) == 0);
  }
  const DaemonProcess daemon({.data_dir = directory.path() / "data"});
  CHECK(files_of(daemon).empty());
}

TEST_CASE("a second signal ends the daemon at once", "[wire]") {
  DaemonProcess daemon;
  Wire wire(daemon.port());
  wire.send(post_head("/nexus/raw/presign-upload", 20, context_lines(daemon) + "Expect: 100-continue\r\n"));
  REQUIRE(wire.answer().status == 100);
  daemon.signal(SIGTERM);
  REQUIRE(eventually([&] { return daemon.log().find("stopping") != std::string::npos; }));
  daemon.signal(SIGTERM);
  CHECK(daemon.wait(std::chrono::seconds(3)) == 128 + SIGTERM);
}

/// The log of a daemon that must not start on this directory.
std::string refusal_on(const std::filesystem::path& data) {
  try {
    DaemonProcess daemon({.data_dir = data});
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "(it started)";
}

TEST_CASE("a second daemon on a data directory is refused and named the first", "[wire]") {
  const TemporaryDirectory directory;
  const DaemonProcess daemon({.data_dir = directory.path() / "data"});
  const std::string said = refusal_on(directory.path() / "data");
  CHECK(said.find("another nexusd (pid " + std::to_string(daemon.pid()) + ") uses ") != std::string::npos);
  CHECK(said.find("stop it, or name another directory") != std::string::npos);
  Wire wire(daemon.port());
  wire.send(get("/livez"));
  CHECK(wire.answer().status == 200);
}

TEST_CASE("a data directory that others may open is refused, and the line says how to mend it", "[wire]") {
  const TemporaryDirectory directory;
  const auto data = directory.path() / "data";
  std::vector<std::filesystem::path> places = {data};
  DaemonProcess({.data_dir = data}).stop();
  for (const auto& entry : std::filesystem::directory_iterator(data)) places.push_back(entry.path());
  for (const auto& entry : std::filesystem::directory_iterator(data / "keys")) places.push_back(entry.path());
  // The directory, blobs, keys and two in it, root.token, lock; and nexus.db, where the store is that file.
  CHECK(places.size() >= (is_on_postgres() ? 7 : 8));
  for (const auto& place : places) {
    INFO(place.filename());
    const auto mode = std::filesystem::status(place).permissions();
    CHECK((mode & (std::filesystem::perms::group_all | std::filesystem::perms::others_all)) ==
          std::filesystem::perms::none);
    for (const auto loose : {std::filesystem::perms::group_read, std::filesystem::perms::others_read}) {
      std::filesystem::permissions(place, mode | loose);
      const std::string said = refusal_on(data);
      CHECK(said.find("others than nexusd may open " + place.string() + ": chmod ") != std::string::npos);
    }
    std::filesystem::permissions(place, mode);
  }
  CHECK(DaemonProcess({.data_dir = data}).stop() == 0);
}

}  // namespace
}  // namespace nexus::test
