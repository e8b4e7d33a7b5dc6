// The file in a good form: its size, its digest, its end, and what stands around it. A refused upload leaves nothing.
#include <thread>

#include "daemon/base/crypto.hpp"
#include "tests/api/raw_storage_support.hpp"
#include "tests/api/wire_support.hpp"
#include "tests/catch.hpp"

namespace nexus::test {
namespace {

std::string head_of(const std::string& type, std::uint64_t length, const std::string& lines = {}) {
  return "POST /blobs/nexus HTTP/1.1\r\nHost: localhost\r\nContent-Type: " + type +
         "\r\nContent-Length: " + std::to_string(length) + "\r\n" + lines + "\r\n";
}

Json presigned(const DaemonProcess& daemon, const Json& more = Json::object()) {
  Json wish = {{"filename", "a.txt"}, {"max_bytes", 1000}};
  wish.update(more);
  return Uploader(daemon).presign(wish).json;
}

TEST_CASE("a file may have as many bytes as were presigned, and not one more", "[raw]") {
  const DaemonProcess daemon;
  Client client(daemon.address());
  const Answer over = upload(client, presigned(daemon), std::string(1001, 'x'));
  CHECK(over.status == 400);
  CHECK(over.code() == "blob.size_out_of_range");
  CHECK(eventually([&] { return files_of(daemon).empty(); }));
  for (const std::size_t size : {0, 1, 1000}) {
    const Json form = presigned(daemon);
    CHECK(upload(client, form, std::string(size, 'x')).status == 204);
    const Answer made =
        Uploader(daemon).register_asset({{"asset_id", form["asset_id"]}, {"filename", "a.txt"}, {"size_bytes", size}});
    CHECK(made.status == 201);
    CHECK(made.json["size_bytes"] == size);
  }
}

TEST_CASE("a file that is larger than allowed is cut off while it streams", "[raw]") {
  const DaemonProcess daemon;
  const std::string body = form_body(form_of(presigned(daemon)), std::string(200'000, 'x'));
  Wire wire(daemon.port());
  wire.send(head_of(kFormType, 50'000'000) + body);  // most of what was announced never comes
  const Answer answer = wire.answer();
  CHECK(answer.code() == "blob.size_out_of_range");
  CHECK(answer.header("connection") == "close");
  CHECK(wire.ends());
  CHECK(eventually([&] { return files_of(daemon).empty(); }));
}

TEST_CASE("an upload beyond what any form may allow is refused from its head", "[raw]") {
  const DaemonProcess& daemon = shared_daemon();
  Wire wire(daemon.port());
  wire.send(head_of(kFormType, (5ULL << 30) + (1 << 20), "Expect: 100-continue\r\n"));
  const Answer answer = wire.answer();
  CHECK(answer.status == 413);
  CHECK(wire.ends());
}

TEST_CASE("an upload that waits for 100 Continue gets it, and then its answer", "[raw]") {
  const DaemonProcess& daemon = shared_daemon();
  const std::string body = form_body(form_of(presigned(daemon)), "content");
  Wire wire(daemon.port());
  wire.send(head_of(kFormType, body.size(), "Expect: 100-continue\r\n"));
  CHECK(wire.answer().status == 100);
  wire.send(body + get("/livez"));
  CHECK(wire.answer().status == 204);
  CHECK(wire.answer().status == 200);
}

TEST_CASE("a form may come byte by byte", "[raw]") {
  const DaemonProcess& daemon = shared_daemon();
  const Json form = presigned(daemon);
  const std::string content = "content\r\n--not the boundary\r\n------nexus-test\r\n";  // nearly a boundary
  const std::string body = form_body(form_of(form), content);
  Wire wire(daemon.port());
  wire.send(head_of(kFormType, body.size()));
  for (const char byte : body) REQUIRE(wire.send({&byte, 1}));
  CHECK(wire.answer().status == 204);
  const Answer made = Uploader(daemon).register_asset({{"asset_id", form["asset_id"]}, {"filename", "a.txt"}});
  CHECK(made.json["sha256"] == sha256_hex(content));
}

TEST_CASE("a digest that lies is found when the last byte is there", "[raw]") {
  const DaemonProcess daemon;
  Client client(daemon.address());
  const Json form = presigned(daemon, {{"sha256", sha256_hex("promised")}});
  const Answer answer = upload(client, form, "delivered");
  CHECK(answer.status == 400);
  CHECK(answer.code() == "blob.digest_mismatch");
  CHECK(eventually([&] { return files_of(daemon).empty(); }));
  CHECK(upload(client, form, "promised").status == 204);
}

TEST_CASE("an object is written once", "[raw]") {
  const DaemonProcess daemon;
  Client client(daemon.address());
  const Json form = presigned(daemon);
  REQUIRE(upload(client, form, "first").status == 204);
  for (const char* content : {"first", "second"}) {
    const Answer answer = upload(client, form, content);
    CHECK(answer.status == 409);
    CHECK(answer.code() == "blob.exists");
  }
  CHECK(eventually([&] { return files_of(daemon) == object_files(form["key"]); }));
  const Answer made = Uploader(daemon).register_asset({{"asset_id", form["asset_id"]}, {"filename", "a.txt"}});
  CHECK(made.json["sha256"] == sha256_hex("first"));
}

TEST_CASE("of two uploads of one form at once, one wins whole", "[raw]") {
  const DaemonProcess daemon;
  const Json form = presigned(daemon, {{"max_bytes", 1'000'000}});
  int statuses[2] = {};
  const auto race = [&](int which) {
    Client client(daemon.address());
    statuses[which] = upload(client, form, std::string(500'000, which == 0 ? 'a' : 'b')).status;
  };
  std::thread other(race, 0);
  race(1);
  other.join();
  CHECK(std::min(statuses[0], statuses[1]) == 204);
  CHECK(std::max(statuses[0], statuses[1]) == 409);
  CHECK(eventually([&] { return files_of(daemon) == object_files(form["key"]); }));
  const Answer made = Uploader(daemon).register_asset({{"asset_id", form["asset_id"]}, {"filename", "a.txt"}});
  CHECK(made.json["sha256"] == sha256_hex(std::string(500'000, statuses[0] == 204 ? 'a' : 'b')));
}

TEST_CASE("what stands behind the file is ignored", "[raw]") {
  const DaemonProcess daemon;
  Client client(daemon.address());
  const Json form = presigned(daemon);
  const Form after = {{"key", "tenants/t_other/dev/raw/a/b"}, {"acl", "public-read"}, {"file", "another file"}};
  CHECK(post_form(client, form_body(form_of(form), "content", after)).status == 204);
  CHECK(files_of(daemon) == object_files(form["key"]));
  const Answer made = Uploader(daemon).register_asset({{"asset_id", form["asset_id"]}, {"filename", "a.txt"}});
  CHECK(made.json["sha256"] == sha256_hex("content"));
}

TEST_CASE("a body that is no whole form is refused and leaves nothing", "[raw]") {
  const DaemonProcess daemon;
  Client client(daemon.address());
  const Form form = form_of(presigned(daemon));
  const std::string good = form_body(form, "content");
  std::string fields;
  for (const auto& [name, value] : form) fields += part(name, value);
  const std::string end = std::string("--") + kBoundary + "--\r\n";
  const std::pair<const char*, std::string> cases[] = {
      {"nothing", ""},
      {"no end", good.substr(0, good.size() - end.size())},
      {"an end cut short", good.substr(0, good.size() - 4)},
      {"no file", fields + end},
      {"nothing but an end", end},
      {"another boundary", "--other\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nc\r\n--other--\r\n"},
      {"a part without disposition", fields + "--" + kBoundary + "\r\nX-A: b\r\n\r\nc\r\n" + end},
      {"a part without name", fields + "--" + kBoundary + "\r\nContent-Disposition: form-data\r\n\r\nc\r\n" + end},
      {"a part that is no form-data",
       fields + "--" + kBoundary + "\r\nContent-Disposition: attachment; name=\"file\"\r\n\r\nc\r\n" + end},
  };
  for (const auto& [name, body] : cases) {
    INFO(name);
    const Answer answer = post_form(client, body);
    CHECK(answer.status == 400);
    CHECK(answer.code() == "blob.form_invalid");
    CHECK(eventually([&] { return files_of(daemon).empty(); }));
  }
  CHECK(post_form(client, "text before the first part\r\n" + good).status == 204);
}

TEST_CASE("a form says its type and boundary", "[raw]") {
  const DaemonProcess daemon;
  Client client(daemon.address());
  const std::string body = form_body(form_of(presigned(daemon)), "content");
  const auto code_of = [&](const std::string& type) {
    return client.request("POST", "/blobs/nexus", {{"Content-Type", type}}, body).code();
  };
  CHECK(code_of("application/json") == "request.unsupported_media_type");
  CHECK(code_of("application/x-www-form-urlencoded") == "request.unsupported_media_type");
  CHECK(code_of("multipart/mixed; boundary=a") == "request.unsupported_media_type");
  CHECK(code_of("multipart/form-data") == "blob.form_invalid");
  CHECK(code_of("multipart/form-data; boundary=") == "blob.form_invalid");
  CHECK(code_of("multipart/form-data; boundary=" + std::string(71, 'x')) == "blob.form_invalid");
  CHECK(files_of(daemon).empty());
}

}  // namespace
}  // namespace nexus::test
