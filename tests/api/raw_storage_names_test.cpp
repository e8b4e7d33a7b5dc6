// Hostile file names: each becomes one safe name in its own place, or is refused; and no path or link reaches a file
// that is no object.
#include "daemon/base/bytes.hpp"
#include "daemon/blobs/backend.hpp"
#include "tests/api/hostile_names.hpp"
#include "tests/api/raw_storage_support.hpp"
#include "tests/api/wire_support.hpp"
#include "tests/catch.hpp"

namespace nexus::test {
namespace {

TEST_CASE("a hostile name becomes one safe name, and its file comes back whole", "[raw]") {
  const DaemonProcess daemon;
  Uploader uploader(daemon);
  std::set<std::string> expected;
  for (const auto& [sent, stored] : kHostileNames) {
    INFO(sent);
    const Answer form = uploader.presign({{"filename", sent}});
    REQUIRE(form.status == 200);
    const std::string id = form.json["asset_id"];
    CHECK(form.json["filename"] == stored);
    CHECK(form.json["key"] == "tenants/t_dev/dev/raw/" + id + "/" + stored);
    const Answer uploaded = upload(uploader.client, form.json, "of " + stored);
    REQUIRE(uploaded.status == 204);
    const std::string object = "/blobs/nexus/tenants/t_dev/dev/raw/" + id + "/" + percent_encode(stored);
    CHECK(target_of(uploaded.header("location")) == object);
    expected.merge(object_files(form.json["key"]));
    CHECK(files_of(daemon) == expected);

    const Answer made = uploader.register_asset({{"asset_id", id}, {"filename", sent}});
    CHECK(made.status == 201);
    if (sent != stored) CHECK(made.json["metadata"]["original_filename"] == sent);
    const Answer redirect = uploader.get("/nexus/raw/" + id + "/download");
    REQUIRE(redirect.status == 302);
    const Answer file = uploader.client.request("GET", target_of(redirect.header("location")));
    CHECK(file.status == 200);
    CHECK(file.body == "of " + stored);
    CHECK(file.header("content-disposition").ends_with("; filename*=UTF-8''" + percent_encode(stored)));
    CHECK_FALSE(file.has("x-injected"));
  }
}

TEST_CASE("a name that cannot be kept is refused by its field, and never repeated", "[raw]") {
  Uploader uploader(shared_daemon());
  for (const std::string& sent : {std::string(), std::string("secret\0.txt", 11), std::string("\0", 1),
                                  std::string(1025, 'x'), std::string(4096, 'x'), repeated("\xC3\xA9", 513)}) {
    INFO(sent.size());
    const Answer answer = uploader.presign({{"filename", sent}});
    CHECK(answer.status == 422);
    CHECK(answer.code() == "validation.failed");
    CHECK(answer.json["errors"][0]["pointer"] == "/filename");
    CHECK(answer.body.find("secret") == std::string::npos);
    CHECK(answer.body.find("xxxx") == std::string::npos);
  }
  const Headers& context = uploader.context;
  for (const char* body : {R"({"filename":"\ud800.txt"})", "{\"filename\":\"\xFF.txt\"}"})
    CHECK(uploader.client.request("POST", "/nexus/raw/presign-upload", context, body).code() == "request.invalid_json");
  for (const char* body : {R"({"filename":7})", R"({"filename":null})", R"({"filename":["a"]})"})
    CHECK(uploader.client.request("POST", "/nexus/raw/presign-upload", context, body).code() == "validation.failed");
}

TEST_CASE("no path reaches a file that is no object, not even under our own signature", "[raw]") {
  const DaemonProcess daemon;
  Uploader uploader(daemon);
  REQUIRE(upload(uploader.client, uploader.presign({{"filename", "a.txt"}}).json, "content").status == 204);
  const auto credentials = blobs::load_or_create_credentials(daemon.data_dir() / "keys" / "local-s3.key");
  const std::string root_token = daemon.root_token();
  for (const char* path : {"/../../root.token", "/../root.token", "/..%2f..%2froot.token", "/%2e%2e/%2e%2e/root.token",
                           "//root.token", "/.tmp/x", "/tenants/../../../root.token",
                           "/tenants/t_dev/dev/raw/a/.meta.a.txt", "/tenants/t_dev/dev/raw/a/..",
                           "/tenants/t_dev/dev/raw/..%5c..%5c/a", "/tenants", "/tenants/t_dev/dev/raw/none/a.txt"}) {
    INFO(path);
    const std::string target = "/blobs/nexus" + std::string(path);
    const Answer bare = uploader.client.request("GET", target);
    CHECK((bare.status == 400 || bare.status == 403 || bare.status == 404));
    CHECK(bare.body.find(root_token) == std::string::npos);
    const std::string url = blobs::presign_get(
        {.base = daemon.address(), .path = *percent_decode(target), .content_disposition = {}, .content_type = {}},
        credentials, "local", now_micros());
    const Answer own = uploader.client.request("GET", target_of(url));
    CHECK(own.status == 404);
    CHECK((own.code() == "blob.not_found" || own.code() == "route.not_found"));
  }
  for (const char* id : {"..", "%2e%2e", "..%2f..%2froot.token", "a%20b", "%F0%9F%93%84"})
    CHECK(uploader.get("/nexus/raw/" + std::string(id)).status == 404);
}

}  // namespace
}  // namespace nexus::test
