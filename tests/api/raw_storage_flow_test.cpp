// The main job through HTTP: presign, upload, register, show, list, download; what a register believes and what not.
#include "daemon/base/crypto.hpp"
#include "tests/api/raw_storage_support.hpp"
#include "tests/api/wire_support.hpp"
#include "tests/catch.hpp"

namespace nexus::test {
namespace {

/// Presigned, uploaded and registered; the answer of the register.
Answer registered(Uploader& uploader, const std::string& content, const Json& wish = {{"filename", "a.txt"}}) {
  const Json form = uploader.presign(wish).json;
  REQUIRE(upload(uploader.client, form, content).status == 204);
  return uploader.register_asset({{"asset_id", form["asset_id"]}, {"filename", wish["filename"]}});
}

/// An id that nobody has.
std::string uuid_like(std::string id) {
  id.back() = id.back() == '0' ? '1' : '0';
  return id;
}

TEST_CASE("a file goes from presign to download, and every step tells the same", "[raw]") {
  Uploader uploader(shared_daemon());
  const std::string content = "hello, storage\n";
  const Answer presigned = uploader.presign(
      {{"filename", "hello.txt"}, {"content_type", "text/plain"}, {"max_bytes", 100}, {"sha256", sha256_hex(content)}});
  REQUIRE(presigned.status == 200);
  CHECK_FALSE(presigned.header("nexus-audit-hash").empty());
  const Json form = presigned.json;
  const std::string id = form["asset_id"];
  CHECK(form["key"] == "tenants/t_dev/dev/raw/" + id + "/hello.txt");
  CHECK(form["uri"] == "s3://nexus/" + form["key"].get<std::string>());
  CHECK(form["filename"] == "hello.txt");
  CHECK(target_of(form["url"]) == "/blobs/nexus");
  CHECK(uploader.get("/nexus/raw/" + id).json["status"] == "presigned");

  const Answer uploaded = upload(uploader.client, form, content);
  CHECK(uploaded.status == 204);
  CHECK(uploaded.header("etag") == "\"" + sha256_hex(content) + "\"");

  const Answer made = uploader.register_asset({{"asset_id", id},
                                               {"filename", "hello.txt"},
                                               {"size_bytes", content.size()},
                                               {"sha256", sha256_hex(content)},
                                               {"metadata", {{"note", "first"}}}});
  REQUIRE(made.status == 201);
  CHECK(target_of("x://y" + made.header("location")).ends_with("/nexus/raw/" + id));
  CHECK(std::stol(made.header("nexus-audit-seq")) > std::stol(presigned.header("nexus-audit-seq")));
  const Json asset = made.json;
  CHECK(asset["status"] == "registered");
  CHECK(asset["key"] == form["key"]);
  CHECK(asset["size_bytes"] == content.size());
  CHECK(asset["sha256"] == sha256_hex(content));
  CHECK(asset["sha256_checked"] == true);
  CHECK(asset["content_type"] == "text/plain");
  CHECK(asset["metadata"]["note"] == "first");
  CHECK(asset["created_by"] == "u_dev");
  CHECK(uploader.get("/nexus/raw/" + id).json == asset);
  CHECK(uploader.get("/nexus/raw?limit=1").json["items"][0] == asset);
}

TEST_CASE("a download is an attachment that no browser runs, in whole, in part and when it is known", "[raw]") {
  Uploader uploader(shared_daemon());
  const std::string content = "<script>alert(1)</script>";
  const Json asset = registered(uploader, content, {{"filename", "page é.html"}, {"content_type", "text/html"}}).json;
  const Answer redirect = uploader.get("/nexus/raw/" + asset["asset_id"].get<std::string>() + "/download");
  REQUIRE(redirect.status == 302);
  CHECK(redirect.body.empty());
  const std::string target = target_of(redirect.header("location"));

  const Answer whole = uploader.client.request("GET", target);  // without any token
  CHECK(whole.status == 200);
  CHECK(whole.body == content);
  CHECK(whole.header("content-type") == "text/html");
  CHECK(whole.header("content-disposition") ==
        "attachment; filename=\"page e.html\"; filename*=UTF-8''page%20%C3%A9.html");
  CHECK(whole.header("x-content-type-options") == "nosniff");
  CHECK(whole.header("content-security-policy").starts_with("sandbox"));
  CHECK(whole.header("accept-ranges") == "bytes");
  const std::string etag = whole.header("etag");

  const Answer part = uploader.client.request("GET", target, {{"Range", "bytes=1-6"}});
  CHECK(part.status == 206);
  CHECK(part.body == "script");
  CHECK(part.header("content-range") == "bytes 1-6/25");
  CHECK(part.header("content-disposition").starts_with("attachment"));
  CHECK(uploader.client.request("GET", target, {{"Range", "bytes=-9"}}).body == "</script>");
  CHECK(uploader.client.request("GET", target, {{"Range", "bytes=1-6"}, {"If-Range", "\"other\""}}).body == content);
  CHECK(uploader.client.request("GET", target, {{"Range", "bytes=1-6"}, {"If-Range", etag}}).body == "script");

  const Answer beyond = uploader.client.request("GET", target, {{"Range", "bytes=25-"}});
  CHECK(beyond.status == 416);
  CHECK(beyond.header("content-range") == "bytes */25");

  const Answer known = uploader.client.request("GET", target, {{"If-None-Match", etag}});
  CHECK(known.status == 304);
  CHECK(known.body.empty());
  const Answer head = uploader.client.request("HEAD", target);
  CHECK(head.status == 200);
  CHECK(head.header("content-length") == "25");
}

TEST_CASE("a link that was changed opens nothing", "[raw]") {
  Uploader uploader(shared_daemon());
  const Json asset = registered(uploader, "content").json;
  const std::string id = asset["asset_id"];
  const std::string target = target_of(uploader.get("/nexus/raw/" + id + "/download").header("location"));
  const auto code_of = [&](const std::string& changed) { return uploader.client.request("GET", changed).code(); };
  const auto replaced = [&](const std::string& what, const std::string& by) {
    const std::size_t at = target.find(what);
    REQUIRE(at != std::string::npos);
    return target.substr(0, at) + by + target.substr(at + what.size());
  };
  CHECK(code_of(replaced("attachment", "inline")) == "blob.signature_invalid");
  CHECK(code_of(replaced("a.txt?", "b.txt?")) == "blob.signature_invalid");
  CHECK(code_of(replaced("X-Amz-Expires=900", "X-Amz-Expires=901")) == "blob.signature_invalid");
  CHECK(code_of(target + "0") == "blob.signature_invalid");
  CHECK(code_of(target + "&response-content-type=text%2Fhtml") != "");
  CHECK(code_of(target.substr(0, target.find('?'))) != "");
  CHECK(code_of(replaced("/blobs/nexus/", "/blobs/other/")) == "blob.signature_invalid");
  Wire wire(shared_daemon().port());  // through another of our own names: another host than the signed one
  wire.send("GET " + target + " HTTP/1.1\r\nHost: localhost:" + std::to_string(shared_daemon().port()) + "\r\n\r\n");
  CHECK(wire.answer().code() == "blob.signature_invalid");
}

TEST_CASE("what is registered must have been uploaded, as stated", "[raw]") {
  Uploader uploader(shared_daemon());
  const Json form = uploader.presign({{"filename", "a.txt"}}).json;
  const Json base = {{"asset_id", form["asset_id"]}, {"filename", "a.txt"}};
  const auto with = [&](const char* name, const Json& value) {
    Json body = base;
    body[name] = value;
    return uploader.register_asset(body);
  };
  CHECK(uploader.register_asset(base).code() == "raw.not_uploaded");
  CHECK(uploader.get("/nexus/raw/" + form["asset_id"].get<std::string>() + "/download").code() == "raw.not_uploaded");
  REQUIRE(upload(uploader.client, form, "12345").status == 204);
  for (const auto& [answer, code] :
       {std::pair{with("filename", "b.txt"), "raw.filename_mismatch"},
        std::pair{with("size_bytes", 4), "raw.size_mismatch"}, std::pair{with("size_bytes", 6), "raw.size_mismatch"},
        std::pair{with("sha256", sha256_hex("1234")), "raw.digest_mismatch"}}) {
    CHECK(answer.code() == code);
    CHECK(answer.status == 409);
    CHECK_FALSE(answer.has("nexus-audit-seq"));
  }
  CHECK(uploader.get("/nexus/raw/" + form["asset_id"].get<std::string>()).json["status"] == "presigned");
  CHECK(with("sha256", sha256_hex("12345")).status == 201);
}

TEST_CASE("a second register with equal values is 200 with the first receipt, with others 409", "[raw]") {
  Uploader uploader(shared_daemon());
  const Json form = uploader.presign({{"filename", "a.txt"}, {"content_type", "text/plain"}}).json;
  REQUIRE(upload(uploader.client, form, "12345").status == 204);
  const Json body = {
      {"asset_id", form["asset_id"]}, {"filename", "a.txt"}, {"size_bytes", 5}, {"metadata", {{"a", 1}}}};
  const Answer first = uploader.register_asset(body);
  REQUIRE(first.status == 201);
  const Answer second = uploader.register_asset(body);
  CHECK(second.status == 200);
  CHECK(second.json == first.json);
  CHECK(second.header("nexus-audit-seq") == first.header("nexus-audit-seq"));
  CHECK(second.header("nexus-audit-hash") == first.header("nexus-audit-hash"));
  for (const auto& [name, value] : std::vector<std::pair<const char*, Json>>{
           {"size_bytes", 6}, {"metadata", {{"a", 2}}}, {"content_type", "text/html"}, {"sha256", sha256_hex("x")}}) {
    Json other = body;
    other[name] = value;
    INFO(name);
    CHECK(uploader.register_asset(other).code() == "raw.already_registered");
  }
  CHECK(upload(uploader.client, form, "12345").code() == "blob.form_expired");
}

TEST_CASE("an asset of another tenant or env is as absent as none", "[raw]") {
  const DaemonProcess& daemon = shared_daemon();
  Client root(daemon.address());
  const Headers system = {{"Authorization", "Bearer " + daemon.root_token()}, {"X-Reason", "a test"}};
  REQUIRE(root.request("POST", "/tenants", system, R"({"tenant_id":"t_other","name":"Other"})").status == 201);
  REQUIRE(root.request("PUT", "/tenants/t_other/members/u_dev", system, R"({"role":"owner"})").status < 300);
  Uploader uploader(daemon);
  Uploader stranger(daemon, "t_other");
  Uploader elsewhere(daemon, "t_dev", "staging");
  const Json form = uploader.presign({{"filename", "a.txt"}}).json;
  REQUIRE(upload(uploader.client, form, "12345").status == 204);
  const std::string id = form["asset_id"];

  const auto same = [](Answer one, Answer none) {
    CHECK(one.status == 404);
    CHECK(one.code() == "raw.not_found");
    for (Json* json : {&one.json, &none.json}) {
      json->erase("request_id");
      json->erase("trace_id");
    }
    CHECK(one.json == none.json);
  };
  for (Uploader* other : {&stranger, &elsewhere}) {
    same(other->get("/nexus/raw/" + id), other->get("/nexus/raw/" + uuid_like(id)));
    same(other->get("/nexus/raw/" + id + "/download"), other->get("/nexus/raw/" + uuid_like(id) + "/download"));
  }
  same(stranger.register_asset({{"asset_id", id}, {"filename", "a.txt"}}),
       stranger.register_asset({{"asset_id", uuid_like(id)}, {"filename", "a.txt"}}));
  CHECK(uploader.register_asset({{"asset_id", id}, {"filename", "a.txt"}}).status == 201);
  CHECK(stranger.get("/nexus/raw").json["items"].empty());
  CHECK(elsewhere.get("/nexus/raw").json["items"].empty());
}

TEST_CASE("a list is paged newest first, without gap or repetition", "[raw]") {
  const DaemonProcess daemon;
  Uploader uploader(daemon);
  std::vector<std::string> made;
  for (int i = 0; i < 5; ++i) made.push_back(registered(uploader, std::to_string(i)).json["asset_id"]);
  std::ranges::reverse(made);
  std::vector<std::string> seen;
  std::string target = "/nexus/raw?limit=2";
  for (int pages = 0; pages < 5; ++pages) {
    const Json page = uploader.get(target).json;
    for (const auto& item : page["items"]) seen.push_back(item["asset_id"]);
    if (page["next_cursor"].is_null()) break;
    target = "/nexus/raw?limit=2&cursor=" + page["next_cursor"].get<std::string>();
  }
  CHECK(seen == made);
  Uploader elsewhere(daemon, "t_dev", "staging");
  CHECK(elsewhere.get(target).code() == "request.invalid_cursor");
}

TEST_CASE("env prod is refused while blobs are local, unless the operator allows it", "[raw]") {
  Uploader uploader(shared_daemon(), "t_dev", "prod");
  for (const Answer& answer : {uploader.presign({{"filename", "a.txt"}}),
                               uploader.register_asset({{"asset_id", "none"}, {"filename", "a.txt"}})}) {
    CHECK(answer.status == 503);
    CHECK(answer.code() == "storage.local_in_prod");
    CHECK_FALSE(answer.has("nexus-audit-seq"));
  }
  const DaemonProcess allowing({.environment = {{"NEXUSD_BLOBS_ALLOW_LOCAL_IN_PROD", "true"}}});
  Uploader allowed(allowing, "t_dev", "prod");
  CHECK(allowed.presign({{"filename", "a.txt"}}).code() != "storage.local_in_prod");
}

TEST_CASE("a presign over the limits is refused by its field", "[raw]") {
  Uploader uploader(shared_daemon());
  const auto pointer = [&](const Json& body) {
    const Answer answer = uploader.presign(body);
    CHECK(answer.status == 422);
    return answer.json["errors"][0]["pointer"].get<std::string>();
  };
  CHECK(pointer({{"filename", "a"}, {"max_bytes", 0}}) == "/max_bytes");
  CHECK(pointer({{"filename", "a"}, {"max_bytes", 5368709121}}) == "/max_bytes");
  CHECK(pointer({{"filename", "a"}, {"sha256", "x"}}) == "/sha256");
  CHECK(pointer({{"filename", "a"}, {"content_type", "text"}}) == "/content_type");
  CHECK(pointer({{"filename", "a"}, {"content_type", "text/plain\r\nX-A: b"}}) == "/content_type");
  CHECK(pointer({{"filename", "a"}, {"key", "tenants/t_other/dev/raw/x/y"}}) == "/key");
  CHECK(pointer(Json::object()) == "/filename");
  CHECK(uploader.presign({{"filename", "a"}, {"max_bytes", 5368709120}}).status == 200);
}

}  // namespace
}  // namespace nexus::test
