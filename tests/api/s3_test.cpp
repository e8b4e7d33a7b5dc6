// Objects on S3: what clients send and fetch goes to that server and never to this disk; what is registered is what is
// there; what was replaced is not served.
#include <fstream>

#include "daemon/base/bytes.hpp"
#include "daemon/base/crypto.hpp"
#include "tests/api/hostile_names.hpp"
#include "tests/api/s3_support.hpp"
#include "tests/catch.hpp"
#include "tests/support/wire.hpp"

namespace nexus::test {
namespace {

std::string pattern(std::size_t size) {
  std::string out(size, '\0');
  for (std::size_t i = 0; i < size; ++i) out[i] = static_cast<char>(i * 31 + i / 4093);
  return out;
}

}  // namespace

TEST_CASE("on S3 a file goes from presign to download past the daemon, under its tenant and env", "[s3]") {
  OnS3 s3;
  const Json form = s3.presign("report.pdf", {{"content_type", "application/pdf"}});
  const std::string id = form.at("asset_id"), key = "tenants/" + s3.tenant.id + "/dev/raw/" + id + "/report.pdf";
  CHECK(form.at("url") == s3.stub.endpoint() + "/nexus");
  CHECK(form.at("key") == key);
  CHECK(form.at("uri") == "s3://nexus/" + key);
  CHECK(outcome(s3.enroll(form)) == "409 raw.not_uploaded");
  REQUIRE(s3.send(form, "content").status == 204);
  CHECK(outcome(s3.enroll(form, {{"size_bytes", 8}})) == "409 raw.size_mismatch");

  const Answer made = s3.enroll(form);
  REQUIRE(made.status == 201);
  CHECK(made.json.at("size_bytes") == 7);
  CHECK(s3.enroll(form).status == 200);
  const Answer file = s3.fetch("/nexus/raw/" + id + "/download");
  CHECK(file.status == 200);
  CHECK(file.body == "content");
  CHECK(file.header("content-type") == "application/pdf");
  CHECK(file.header("content-disposition") == "attachment; filename=\"report.pdf\"; filename*=UTF-8''report.pdf");

  CHECK(outcome(s3.get("/nexus/raw/" + id, "staging")) == "404 raw.not_found");
  const Tenant other = s3.world.new_tenant_with_members();
  CHECK(outcome(s3.world.call("GET", "/nexus/raw/" + id + "/download", World::in(other.owner, other.id))) ==
        "404 raw.not_found");
  CHECK(s3.erase("/nexus/raw/" + id).status == 204);
  CHECK(eventually([&] { return !s3.stub.object(key); }));
}

TEST_CASE("on S3 no byte touches the local disk, and /blobs is not there", "[s3]") {
  OnS3 s3;
  s3.registered("content");
  REQUIRE(s3.upload_media(pattern(6'000'000)).status == 201);
  CHECK(files_of(s3.world.daemon()).empty());
  CHECK(outcome(s3.world.call("POST", "/blobs/nexus", {{"Content-Type", kFormType}}, std::string("x"))) ==
        "404 route.not_found");
  CHECK(outcome(s3.world.call("GET", "/blobs/nexus/tenants/a")) == "404 route.not_found");
}

TEST_CASE("on S3 a digest counts when somebody computed it, and says so", "[s3]") {
  const std::string good = sha256_hex("content"), bad = sha256_hex("other");
  SECTION("the server computes digests") {
    OnS3 s3({.digests = true});
    CHECK(outcome(s3.enroll(s3.uploaded("content"), {{"sha256", bad}})) == "409 raw.digest_mismatch");
    const Answer made = s3.enroll(s3.uploaded("content"));
    CHECK(made.json.at("sha256") == good);
    CHECK(made.json.at("sha256_checked") == true);
    CHECK(outcome(s3.enroll(s3.uploaded("content", "a.txt", {{"sha256", bad}}))) == "409 raw.digest_mismatch");
  }
  SECTION("the server computes none: the client's word stays its word") {
    OnS3 s3;
    Answer made = s3.enroll(s3.uploaded("content"), {{"sha256", bad}});
    REQUIRE(made.status == 201);
    CHECK(made.json.at("sha256") == bad);
    CHECK(made.json.at("sha256_checked") == false);
    made = s3.enroll(s3.uploaded("content"));
    CHECK(made.json.at("sha256").is_null());
    CHECK(outcome(s3.enroll(s3.uploaded("content", "a.txt", {{"sha256", good}}), {{"sha256", bad}})) ==
          "409 raw.digest_mismatch");
  }
  SECTION("raw.require_digest: the daemon reads the object itself") {
    OnS3 s3({}, {.environment = {{"NEXUSD_RAW_REQUIRE_DIGEST", "true"}}});
    CHECK(outcome(s3.enroll(s3.uploaded("content"), {{"sha256", bad}})) == "409 raw.digest_mismatch");
    const std::string large = pattern(9'000'001);  // three ranges
    const Answer made = s3.enroll(s3.uploaded(large));
    CHECK(made.json.at("sha256") == sha256_hex(large));
    CHECK(made.json.at("sha256_checked") == true);
    CHECK(s3.enroll(s3.uploaded("")).json.at("sha256") == sha256_hex(""));
  }
}

TEST_CASE("on S3 env prod takes writes, and digests are computed there", "[s3]") {
  OnS3 s3;
  const Headers admin = s3.headers("prod", "admin"), owner = s3.headers("prod", "owner");
  const Answer lock = s3.world.call("POST", "/strategy-locks", s3.headers("prod"),
                                    Json{{"scope", "other"}, {"title", "all"}, {"allowed_actions", {"*"}}});
  REQUIRE(lock.status == 201);
  const std::string approve = "/strategy-locks/" + lock.json.at("lock_id").get<std::string>() + "/approve";
  REQUIRE(s3.world.call("POST", approve, admin, Json::object()).status == 200);
  REQUIRE(s3.world
              .call("PUT", "/budget/policies", owner,
                    Json{{"surface", "*"},
                         {"threshold", {{"amount_micros", 1'000'000}, {"currency", "USD"}}},
                         {"window_days", 1}})
              .status < 300);
  REQUIRE(s3.world.call("POST", "/kpi/definitions", owner, Json{{"name", "views"}, {"aggregate", "sum"}}).status ==
          201);
  REQUIRE(s3.world.call("PUT", "/kpi/corridors", owner, Json{{"kpi_name", "views"}, {"surface", "*"}, {"floor", 0}})
              .status < 300);
  const Json asset = s3.registered("content", "prod");
  CHECK(asset.at("sha256") == sha256_hex("content"));
  CHECK(asset.at("sha256_checked") == true);
  CHECK(asset.at("key").get<std::string>().find("/prod/raw/") != std::string::npos);
  CHECK(s3.upload_media("content", "prod").status == 201);
}

TEST_CASE("on S3 an object that was replaced or removed after its register is not served", "[s3]") {
  OnS3 s3;
  const Json replaced = s3.registered("one\n"), removed = s3.registered("two\n");
  const std::string of_replaced = replaced.at("asset_id"), of_removed = removed.at("asset_id");
  s3.stub.put(replaced.at("key"), "ONE\n");
  s3.stub.erase(removed.at("key"));
  for (const std::string& id : {of_replaced, of_removed}) {
    CHECK(outcome(s3.get("/nexus/raw/" + id + "/download")) == "409 raw.changed");
    CHECK(outcome(s3.post("/nexus/atoms/create-from-raw", {{"raw_asset_id", id}, {"op_type", "lines"}})) ==
          "409 raw.changed");
    CHECK(s3.get("/nexus/raw/" + id).status == 200);
  }
}

TEST_CASE("where the server keeps versions, the one that was registered is served", "[s3]") {
  OnS3 s3({.versions = true});
  const Json asset = s3.registered("one\ntwo\n");
  const std::string id = asset.at("asset_id"), key = asset.at("key");
  s3.stub.put(key, "somebody else's\n");
  CHECK(s3.fetch("/nexus/raw/" + id + "/download").body == "one\ntwo\n");
  const Answer atoms = s3.post("/nexus/atoms/create-from-raw", {{"raw_asset_id", id}, {"op_type", "lines"}});
  REQUIRE(atoms.status == 201);
  CHECK(atoms.json.at("items").at(0).at("content") == "one");
  CHECK(s3.erase("/nexus/raw/" + id).status == 204);
  CHECK(eventually([&] { return !s3.stub.object(key); }));
}

TEST_CASE("what the daemon itself writes to S3 comes back whole, in one piece or in parts", "[s3]") {
  OnS3 s3;
  for (const std::size_t size : {0u, 7u, (5u << 20), (5u << 20) + 1, 12'000'000u}) {
    INFO(size);
    const std::string content = pattern(size);
    s3.stub.take_calls();
    const Answer made = s3.upload_media(content);
    REQUIRE(made.status == 201);
    CHECK(made.json.at("sha256") == sha256_hex(content));
    CHECK(made.json.at("size_bytes") == size);
    const auto calls = s3.stub.take_calls();
    const auto parts =
        std::ranges::count_if(calls, [](const auto& call) { return call.find("partNumber=") != std::string::npos; });
    CHECK(parts == (size > (5u << 20) ? static_cast<int>((size + (5u << 20) - 1) / (5u << 20)) : 0));
    const std::string id = made.json.at("asset_id");
    CHECK(s3.fetch("/media-v2/assets/" + id + "/download").body == content);
    CHECK(s3.erase("/media-v2/assets/" + id).status == 204);
  }
  CHECK(eventually([&] { return s3.stub.objects() == 0; }));
  CHECK(s3.stub.open_uploads() == 0);

  REQUIRE(s3.post("/canvas", {{"canvas_id", "c"}}).status == 201);
  const Answer artifact = s3.world.call("POST", "/canvas/c/artifacts",
                                        with(s3.headers(), {{"Content-Type", kFormType}}), media_form({}, "drawn"));
  REQUIRE(artifact.status == 201);
  CHECK(s3.fetch("/canvas/c/artifacts/" + artifact.json.at("artifact_id").get<std::string>() + "/download").body ==
        "drawn");

  const Json text = s3.registered(std::string(200'000, 'x') + "\n\nshort");  // the first atom is an object
  const Answer atoms =
      s3.post("/nexus/atoms/create-from-raw", {{"raw_asset_id", text.at("asset_id")}, {"op_type", "lines"}});
  REQUIRE(atoms.status == 201);
  const std::string atom = atoms.json.at("items").at(0).at("atom_id");
  CHECK(s3.fetch("/nexus/atoms/" + atom + "/download").body == std::string(200'000, 'x'));
}

TEST_CASE("on S3 a hostile name becomes the same safe name as on the local store, through every way in", "[s3]") {
  OnS3 s3;
  REQUIRE(s3.post("/canvas", {{"canvas_id", "c"}}).status == 201);
  for (const auto& [sent, stored] : kHostileNames) {
    INFO(sent);
    const Json form = s3.uploaded("of " + stored, sent);
    const std::string id = form.at("asset_id"), key = form.at("key");
    CHECK(key == "tenants/" + s3.tenant.id + "/dev/raw/" + id + "/" + stored);
    CHECK(s3.stub.object(key));
    CHECK(s3.enroll(form, {{"filename", sent}}).status == 201);
    const Answer file = s3.fetch("/nexus/raw/" + id + "/download");
    CHECK(file.body == "of " + stored);
    CHECK(file.header("content-disposition").ends_with("; filename*=UTF-8''" + percent_encode(stored)));
    // What cannot stand in the head of a part is another test's: the form's parser refuses it on either store.
    if (sent.find_first_of("\"\\\r\n") != std::string::npos) continue;
    for (const char* target : {"/media-v2/assets", "/canvas/c/artifacts"}) {
      const Answer made =
          s3.world.call("POST", target, with(s3.headers(), {{"Content-Type", kFormType}}), media_form({}, "x", sent));
      INFO(target << ": " << made.body);
      if (made.status == 400 || made.status == 422) continue;
      REQUIRE(made.status == 201);
      const std::string at = made.json.at("key");
      CHECK(at.substr(at.rfind('/') + 1) == stored);
      CHECK(at.starts_with("tenants/" + s3.tenant.id + "/dev/"));
      CHECK(s3.stub.object(at));
    }
  }
  for (const std::string& sent : {std::string(), std::string("a\0b", 3), std::string(1025, 'x')})
    CHECK(s3.post("/nexus/raw/presign-upload", {{"filename", sent}}).status == 422);
}

TEST_CASE("the system's look at an object that changed is in the audit log as it was answered", "[s3]") {
  OnS3 s3;
  const Json asset = s3.registered("one\n");
  const std::string target = "/nexus/raw/" + asset.at("asset_id").get<std::string>() + "/download";
  const auto look = [&] {
    const Answer answer = s3.world.call("GET", target, World::in(s3.world.root(), s3.tenant.id));
    const Answer rows = s3.world.call("GET", "/audit?limit=1&action=system_read", s3.headers("dev", "admin"));
    CHECK(rows.json.at("items").at(0).at("details").at("status") == answer.status);
    return answer;
  };
  CHECK(look().status == 302);
  s3.stub.put(asset.at("key"), "ONE\n");
  CHECK(outcome(look()) == "409 raw.changed");
}

TEST_CASE("a content type with spaces in it is signed and kept", "[s3]") {
  OnS3 s3;
  const std::string body = closed(file_part("a.txt", "x", "text/plain;  charset=utf-8"));
  const Answer made =
      s3.world.call("POST", "/media-v2/assets", with(s3.headers(), {{"Content-Type", kFormType}}), body);
  REQUIRE(made.status == 201);
  CHECK(made.json.at("content_type") == "text/plain;  charset=utf-8");
}

TEST_CASE("an upload to S3 that is refused or cut off leaves neither object nor parts", "[s3]") {
  OnS3 s3;
  const std::string large = pattern(12'000'000);
  const std::string whole = media_form({}, large);
  SECTION("a field after the file is wrong") {
    std::string spoilt = whole.substr(0, whole.size() - std::string(std::string("--") + kBoundary + "--\r\n").size());
    spoilt += part("kind", "nonsense") + "--" + kBoundary + "--\r\n";
    CHECK(s3.world.call("POST", "/media-v2/assets", with(s3.headers(), {{"Content-Type", kFormType}}), spoilt).status ==
          422);
  }
  SECTION("the client goes away") {
    std::string head = "POST /media-v2/assets HTTP/1.1\r\nHost: localhost\r\nContent-Type: " + kFormType +
                       "\r\nContent-Length: " + std::to_string(whole.size()) + "\r\n";
    for (const auto& [name, value] : s3.headers()) head += name + ": " + value + "\r\n";
    Wire wire(s3.world.daemon().port());
    REQUIRE(wire.send(head + "\r\n" + whole.substr(0, 11'000'000)));
    CHECK(eventually([&] { return s3.stub.open_uploads() == 1; }));
    wire.close();
  }
  CHECK(eventually([&] { return s3.stub.open_uploads() == 0; }));
  CHECK(s3.stub.objects() == 0);
}

TEST_CASE("on S3 the operator is told where objects are, and nobody is told the secret", "[s3]") {
  OnS3 s3;
  s3.registered("content");
  Headers system = {{"Authorization", "Bearer " + s3.world.daemon().root_token()}};
  const Answer ready = s3.world.call("GET", "/readyz?verbose", system);
  CHECK(ready.body.find("s3: bucket nexus at " + s3.stub.endpoint()) != std::string::npos);
  s3.stub.fail(StubFault::refuses, {}, "403");
  CHECK(outcome(s3.enroll(s3.presign())) == "503 storage.unavailable");
  const Answer troubled = s3.world.call("GET", "/readyz?verbose", system);
  CHECK(troubled.status == 200);
  CHECK(troubled.body.find("the last call failed: HEAD: status 403") != std::string::npos);
  s3.stub.heal();
  s3.registered("content");
  CHECK(s3.world.call("GET", "/readyz?verbose", system).body.find("failed") == std::string::npos);

  const std::string& secret = s3.stub.credentials().secret;
  CHECK(s3.world.daemon().log().find(secret) == std::string::npos);
  CHECK(troubled.body.find(secret) == std::string::npos);
  std::ifstream command("/proc/" + std::to_string(s3.world.daemon().pid()) + "/cmdline");
  const std::string line((std::istreambuf_iterator<char>(command)), {});
  CHECK(line.find("--s3-secret-key-file") != std::string::npos);
  CHECK(line.find(secret) == std::string::npos);
}

}  // namespace nexus::test
