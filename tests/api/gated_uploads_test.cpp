// A gated form on its way: what is refused before its body is read, what leaves nothing behind, and what is answered
// again.
#include <atomic>
#include <thread>

#include "tests/api/media_support.hpp"
#include "tests/api/wire_support.hpp"
#include "tests/catch.hpp"

namespace nexus::test {
namespace {

/// The head of an upload that announces `length` bytes.
std::string head_of(const Media& media, std::uint64_t length, const std::string& more = {},
                    const std::string& target = "/media-v2/assets") {
  std::string head = "POST " + target + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: " + kFormType +
                     "\r\nContent-Length: " + std::to_string(length) + "\r\n" + more;
  for (const auto& [name, value] : media.headers()) head += name + ": " + value + "\r\n";
  return head + "\r\n";
}

std::set<std::string> temporary(const DaemonProcess& daemon) {
  std::set<std::string> out;
  for (const auto& file : files_of(daemon))
    if (file.starts_with(".tmp/")) out.insert(file);
  return out;
}

/// The next answer on the wire, shown to the watch over the audit log like any other.
Answer answer_on(Wire& wire, World& world) {
  Answer answer = wire.answer();
  world.saw(answer);
  return answer;
}

void block(Media& media, const Json& actions) {
  REQUIRE(media.world.put_kill_switches(media.tenant.admin, media.tenant.id, {{"disabled_actions", actions}}).status ==
          200);
}

TEST_CASE("the kill switch refuses an upload before its body is sent, with a row and no byte stored", "[media]") {
  Media media;
  block(media, {"media_upload"});
  const std::size_t rows = media.rows();
  Wire wire(media.world.daemon().port());
  wire.send(head_of(media, 4ULL << 30, "Expect: 100-continue\r\n"));
  const Answer answer = answer_on(wire, media.world);
  CHECK(outcome(answer) == "403 kill_switch_blocked");
  CHECK(answer.has("nexus-audit-seq"));
  CHECK(wire.ends());
  CHECK(media.rows() == rows + 1);
  // A small one is read away, and the connection stays.
  const std::string body = media_form({});
  Wire kept(media.world.daemon().port());
  kept.send(head_of(media, body.size()) + body + get("/livez"));
  CHECK(outcome(answer_on(kept, media.world)) == "403 kill_switch_blocked");
  CHECK(kept.answer().status == 200);
  CHECK(media.files().empty());
}

TEST_CASE("what the head and the first fields tell is answered before the file is sent", "[media]") {
  Media media;
  const auto early = [&](const std::string& sent, const std::string& target = "/media-v2/assets") {
    Wire wire(media.world.daemon().port());
    wire.send(head_of(media, 1ULL << 30, {}, target) + sent);
    return outcome(answer_on(wire, media.world));
  };
  const std::string file = file_part("a.mp4", "the first bytes");
  CHECK(early("", "/canvas/none/artifacts") == "404 canvas.not_found");
  CHECK(early("", "/media-v2/assets?env=prod") == "400 context.mismatch");
  CHECK(early(part("kind", "film") + file) == "422 validation.failed");
  CHECK(early(part("env", "prod") + file) == "400 context.mismatch");
  CHECK(early(part("no_such", "x") + file) == "422 validation.unknown_field");
  CHECK(early(file_part("", "x")) == "422 validation.failed");
  CHECK(eventually([&] { return temporary(media.world.daemon()).empty(); }));
}

TEST_CASE("an upload that is cut off leaves nothing, and its key is free again", "[media]") {
  const DaemonProcess& daemon = shared_world().daemon();
  Media media;
  const std::string body = media_form({}, std::string(3'000'000, 'x'));
  {
    Wire wire(daemon.port());
    wire.send(head_of(media, body.size(), "Idempotency-Key: k\r\n") + body.substr(0, 2'000'000));
    CHECK(eventually([&] { return !temporary(daemon).empty(); }));
    CHECK(outcome(media.form(body, {{"Idempotency-Key", "k"}})) == "409 idempotency.in_flight");
    wire.close();
  }
  CHECK(eventually([&] { return temporary(daemon).empty(); }));
  CHECK(media.files().empty());
  CHECK(eventually([&] { return media.form(body, {{"Idempotency-Key", "k"}}).status == 201; }));
}

TEST_CASE("a gate that closes while the file streams refuses it at the end, and nothing stays", "[media]") {
  Media media;
  const std::string body = media_form({}, std::string(1'000'000, 'x'));
  Wire wire(media.world.daemon().port());
  wire.send(head_of(media, body.size()) + body.substr(0, 500'000));
  CHECK(eventually([&] { return !temporary(media.world.daemon()).empty(); }));
  block(media, {"*"});
  wire.send(body.substr(500'000));
  const Answer answer = answer_on(wire, media.world);
  CHECK(outcome(answer) == "403 kill_switch_blocked");
  CHECK(answer.has("nexus-audit-seq"));
  CHECK(eventually([&] { return media.files().empty(); }));
  CHECK(media.get("/media-v2/assets").json["items"].empty());
}

TEST_CASE("a member who is put out while the file streams is refused at the end, and nothing stays", "[media]") {
  Media media;
  const std::string body = media_form({}, std::string(1'000'000, 'x'));
  Wire wire(media.world.daemon().port());
  wire.send(head_of(media, body.size()) + body.substr(0, 500'000));
  CHECK(eventually([&] { return !temporary(media.world.daemon()).empty(); }));
  REQUIRE(media.world
              .call("DELETE", "/tenants/" + media.tenant.id + "/members/" + media.tenant.member.id,
                    World::as(media.tenant.owner))
              .status == 204);
  wire.send(body.substr(500'000));
  CHECK(outcome(answer_on(wire, media.world)) == "403 auth.not_a_member");
  CHECK(eventually([&] { return media.files().empty(); }));
}

TEST_CASE("an upload is answered again for the same key and body, even when the gates closed since", "[media]") {
  Media media;
  const Headers key = {{"Idempotency-Key", "k"}};
  const std::string body = media_form({{"tags", "a"}}, std::string(300'000, 'x'));
  const Answer first = media.form(body, key);
  REQUIRE(first.status == 201);
  const auto files = media.files();
  block(media, {"*"});
  const Answer again = media.form(body, key);
  CHECK(again.status == 201);
  CHECK(again.body == first.body);
  CHECK(again.header("idempotency-replayed") == "true");
  CHECK(again.header("nexus-audit-hash") == first.header("nexus-audit-hash"));
  CHECK(outcome(media.form(media_form({{"tags", "b"}}), key)) == "422 idempotency.key_reused");
  CHECK(outcome(media.form(body, {{"Idempotency-Key", "other"}})) == "403 kill_switch_blocked");
  CHECK(outcome(media.form(body, {{"Idempotency-Key", ""}})) == "422 validation.failed");
  CHECK(eventually([&] { return media.files() == files; }));
}

TEST_CASE("a refused upload is not kept for its key: the next try runs", "[media]") {
  Media media;
  const Headers key = {{"Idempotency-Key", "k"}};
  block(media, {"media_upload"});
  CHECK(outcome(media.form(media_form({}), key)) == "403 kill_switch_blocked");
  block(media, Json::array());
  CHECK(outcome(media.form(media_form({{"kind", "film"}}), key)) == "422 validation.failed");
  CHECK(media.form(media_form({}), key).status == 201);
}

TEST_CASE("the key of a refused upload is free when its refusal is read", "[media]") {
  constexpr int kThreads = 4, kTries = 500;
  Media media{lenient_world()};
  const std::string bad = media_form({{"kind", "film"}}, std::string(2000, 'x'));
  const Headers headers = with(media.headers(), {{"Content-Type", kFormType}});
  std::atomic<int> refused = 0, others = 0;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread)
    threads.emplace_back([&, thread] {
      for (int i = 0; i < kTries; ++i) {
        const Headers once = with(headers, {{"Idempotency-Key", std::to_string(thread) + "-" + std::to_string(i)}});
        for (int again = 0; again < 2; ++again) {
          Client client(media.world.daemon().address());  // from a new connection, at once
          const Answer answer = client.request("POST", "/media-v2/assets", once, bad);
          ++(outcome(answer) == "422 validation.failed" ? refused : others);
        }
      }
    });
  for (auto& thread : threads) thread.join();
  CHECK(refused == 2 * kThreads * kTries);
  CHECK(others == 0);
}

TEST_CASE("a file has as many bytes as the operator allows, and not one more", "[media]") {
  World world({.environment = {{"NEXUSD_LIMITS_UPLOAD_BYTES", "1000"}}});
  Media media{world};
  CHECK(media.form(media_form({}, std::string(1000, 'x'))).status == 201);
  CHECK(outcome(media.form(media_form({}, std::string(1001, 'x')))) == "413 request.too_large");
  Wire wire(world.daemon().port());
  wire.send(head_of(media, 1000 + 65536 + 1));
  CHECK(outcome(answer_on(wire, media.world)) == "413 request.too_large");
  CHECK(eventually([&] { return media.files().size() == 2 && temporary(world.daemon()).empty(); }));
}

TEST_CASE("in prod the local store takes no upload, before the gates and before the body", "[media]") {
  World& world = shared_world();
  Media media{world};
  const Headers prod = World::in(media.tenant.member, media.tenant.id, "prod");
  const auto say = [&](const std::string& target, const std::string& type, const std::string& body) {
    return outcome(world.call("POST", target, with(prod, {{"Content-Type", type}}), body));
  };
  CHECK(say("/media-v2/assets", kFormType, media_form({})) == "503 storage.local_in_prod");
  CHECK(say("/media-v2/assets", "application/json", R"({"source_uri":"https://a.example/"})") ==
        "503 storage.local_in_prod");
  CHECK(say("/canvas/c/artifacts", kFormType, closed(file_part("a", "x"))) == "503 storage.local_in_prod");
  CHECK(media.files().empty());
}

// ---- hostile names --------------------------------------------------------------------------------------------------

TEST_CASE("a hostile filename becomes one safe name in its own place, or is refused", "[media]") {
  Media media;
  REQUIRE(media.post("/canvas", {{"canvas_id", "c"}}).status == 201);
  struct Name {
    std::string sent, stored;  // nothing stored: refused
  };
  const Name names[] = {
      {"../../../etc/passwd", "passwd"},
      {"..", "upload.bin"},
      {"/", "upload.bin"},
      {"..\\\\..\\\\boot.ini", "boot.ini"},
      {"%2e%2e%2froot.token", "%2e%2e%2froot.token"},
      {"%00.txt", "%00.txt"},
      {".meta.x", "meta.x"},
      {"a:b*c?d<e>f|g", "a_b_c_d_e_f_g"},
      {"\xE2\x80\xAEtxt.exe", "\xE2\x80\xAEtxt.exe"},
      {"e\xCC\x81.txt", "\xC3\xA9.txt"},
      {std::string(1024, 'x'), std::string(180, 'x')},
      {"", ""},
      {std::string(1025, 'x'), ""},
      {std::string(4096, 'x'), ""},
      {std::string("a\0b", 3), ""},
      {"\xFF\xFE", ""},
  };
  std::set<std::string> expected = media.files();
  for (const char* target : {"/media-v2/assets", "/canvas/c/artifacts"}) {
    for (const auto& [sent, stored] : names) {
      INFO(target << " " << sent);
      const Answer answer = media.form(closed(file_part(sent, "x")), {}, target);
      if (stored.empty()) {
        CHECK((answer.status == 400 || answer.status == 422));
        continue;
      }
      REQUIRE(answer.status == 201);
      const std::string key = answer.json["key"];
      CHECK(key.substr(key.rfind('/') + 1) == stored);
      CHECK(key.starts_with("tenants/" + media.tenant.id + "/dev/"));
      expected.merge(object_files(key));
    }
  }
  CHECK(eventually([&] { return media.files() == expected; }));
}

}  // namespace
}  // namespace nexus::test
