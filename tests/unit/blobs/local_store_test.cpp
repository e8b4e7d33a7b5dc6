// The local store as its users see it: written once, described, removed, swept; files and modes as promised.
#include "daemon/blobs/local_store.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "daemon/base/file.hpp"
#include "tests/unit/blobs/support.hpp"

namespace nexus::blobs {
namespace {

using testing::key_of;
using testing::refusal_of;
using testing::slurp;
using testing::TemporaryDirectory;

ObjectInfo store_text(LocalStore& store, const StorageKey& key, std::string_view text, UploadTerms terms) {
  terms.key = key;
  Upload upload = store.begin("nexus", std::move(terms));
  upload.append(text);
  return upload.commit();
}

ObjectInfo store_text(LocalStore& store, const StorageKey& key, std::string_view text) {
  return store_text(store, key, text, UploadTerms{key, "text/plain"});
}

std::string read_all(int fd) {
  std::string out(1000, '\0');
  out.resize(static_cast<std::size_t>(::pread(fd, out.data(), out.size(), 0)));
  return out;
}

mode_t mode_of(const std::filesystem::path& path) {
  struct stat status {};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  return status.st_mode & 0777;
}

TEST_CASE("what is committed is there, whole and described") {
  TemporaryDirectory directory;
  LocalStore store(directory.path() / "blobs");
  const auto key = key_of("Größe.txt");
  Upload upload = store.begin("nexus", {key, "text/plain", 0, 100});
  upload.append("hello ");
  upload.append("");
  upload.append("world");
  CHECK(upload.size() == 11);
  CHECK_FALSE(store.stat("nexus", key));
  const ObjectInfo written = upload.commit();
  CHECK(written.size == 11);
  CHECK(written.sha256 == sha256_hex("hello world"));
  CHECK(written.etag == "\"" + written.sha256 + "\"");

  const auto object = store.open("nexus", key);
  REQUIRE(object);
  CHECK(read_all(object->file.get()) == "hello world");
  CHECK(object->info.size == written.size);
  CHECK(object->info.sha256 == written.sha256);
  CHECK(object->info.etag == written.etag);
  CHECK(object->info.content_type == "text/plain");
  CHECK(object->info.created_at == written.created_at);
  CHECK(std::abs(written.created_at - now_micros()) < kMinute);

  const auto file = directory.path() / "blobs/nexus" / key.str();
  CHECK(slurp(file) == "hello world");
  CHECK(mode_of(file) == 0600);
  CHECK(mode_of(file.parent_path() / ".meta.Größe.txt") == 0600);
  for (auto parent = file.parent_path(); parent != directory.path(); parent = parent.parent_path())
    CHECK(mode_of(parent) == 0700);
  CHECK(directory.files() == 2);
}

TEST_CASE("an object outlives the store that wrote it") {
  TemporaryDirectory directory;
  {
    LocalStore store(directory.path());
    store_text(store, key_of(), "text");
  }
  LocalStore again(directory.path());
  CHECK(again.sweep(std::chrono::seconds(0)) == 0);
  CHECK(again.stat("nexus", key_of())->size == 4);
}

TEST_CASE("objects are written once") {
  TemporaryDirectory directory;
  LocalStore store(directory.path());
  store_text(store, key_of(), "first");
  const auto refusal = refusal_of([&] { store_text(store, key_of(), "second!"); });
  CHECK(refusal.code == "blob.exists");
  CHECK(refusal.status == 409);
  CHECK(store.stat("nexus", key_of())->sha256 == sha256_hex("first"));
  CHECK(directory.files() == 2);
  store_text(store, key_of("b.txt"), "neighbour");
  CHECK(directory.files() == 4);
}

TEST_CASE("size and digest are judged, at the limit and one beside it") {
  TemporaryDirectory directory;
  LocalStore store(directory.path());
  const auto put = [&](const char* name, std::string_view text, std::uint64_t least, std::uint64_t most) {
    return refusal_of([&] { store_text(store, key_of(name), text, {key_of(), "text/plain", least, most}); }).code;
  };
  CHECK(put("a", "12345", 5, 5).empty());
  CHECK(put("b", "1234", 5, 5) == "blob.size_out_of_range");
  CHECK(put("c", "123456", 5, 5) == "blob.size_out_of_range");
  CHECK(put("d", "", 0, 0).empty());
  const UploadTerms digest{key_of(), "text/plain", 0, 100, sha256_hex("right")};
  CHECK(refusal_of([&] { store_text(store, key_of("e"), "wrong", digest); }).code == "blob.digest_mismatch");
  CHECK(refusal_of([&] { store_text(store, key_of("f"), "right", digest); }).code.empty());
  CHECK(directory.files() == 6);  // three objects, nothing of the refused
}

TEST_CASE("too many bytes are refused as they come, and the rest with them") {
  TemporaryDirectory directory;
  LocalStore store(directory.path());
  Upload upload = store.begin("nexus", {key_of(), "text/plain", 0, 5});
  upload.append("12345");
  CHECK(refusal_of([&] { upload.append("6"); }).code == "blob.size_out_of_range");
  CHECK(directory.files() == 0);
  CHECK_THROWS_AS(upload.append("7"), std::logic_error);
  CHECK_THROWS_AS(upload.commit(), std::logic_error);
}

TEST_CASE("an abandoned upload leaves nothing, a moved one goes on") {
  TemporaryDirectory directory;
  LocalStore store(directory.path());
  {
    Upload upload = store.begin("nexus", {key_of()});
    upload.append("half");
    CHECK(directory.files() == 1);
  }
  CHECK(directory.files() == 0);
  Upload first = store.begin("nexus", {key_of()});
  first.append("one ");
  Upload second = std::move(first);
  second.append("two");
  CHECK(second.commit().sha256 == sha256_hex("one two"));
  CHECK_THROWS_AS(second.commit(), std::logic_error);
}

TEST_CASE("all objects of an owner are removed without their names, and those of nobody else") {
  TemporaryDirectory directory;
  LocalStore store(directory.path());
  store.remove_owner("nexus", key_of("x"));
  store_text(store, key_of("a"), "a");
  store_text(store, key_of("b"), "b");
  const auto other = StorageKey::make(key_of().tenant(), key_of().env(), key_of().plane(), "other", "a");
  store_text(store, other, "c");
  const auto owner = (directory.path() / "nexus" / key_of().str()).parent_path();
  store.remove_owner("nexus", key_of("x"));
  CHECK_FALSE(store.stat("nexus", key_of("a")));
  CHECK_FALSE(store.stat("nexus", key_of("b")));
  CHECK_FALSE(std::filesystem::exists(owner));
  CHECK(store.stat("nexus", other));
}

TEST_CASE("removal takes all, and the key may be written anew") {
  TemporaryDirectory directory;
  LocalStore store(directory.path());
  CHECK_FALSE(store.remove("nexus", key_of()));
  store_text(store, key_of("a"), "a");
  store_text(store, key_of("b"), "b");
  const auto owner = (directory.path() / "nexus" / key_of().str()).parent_path();
  CHECK(store.remove("nexus", key_of("a")));
  CHECK_FALSE(store.remove("nexus", key_of("a")));
  CHECK_FALSE(store.stat("nexus", key_of("a")));
  CHECK(store.stat("nexus", key_of("b")));
  CHECK(std::filesystem::exists(owner));
  CHECK(store.remove("nexus", key_of("b")));
  CHECK_FALSE(std::filesystem::exists(owner));
  store_text(store, key_of("a"), "again");
  CHECK(store.stat("nexus", key_of("a"))->size == 5);
}

TEST_CASE("nothing is read through another bucket, a bad bucket or a link") {
  TemporaryDirectory directory;
  LocalStore store(directory.path() / "blobs");
  store_text(store, key_of(), "text");
  for (const auto bucket : {"other", "", "..", "../blobs/nexus", "nexus/", ".tmp", "/"})
    CHECK_FALSE(store.stat(bucket, key_of()));
  CHECK_THROWS_AS(store.begin("..", {key_of()}), std::invalid_argument);
  const auto file = directory.path() / "blobs/nexus" / key_of().str();
  std::ofstream(directory.path() / "secret") << "text";
  std::filesystem::remove(file);
  std::filesystem::create_symlink(directory.path() / "secret", file);
  CHECK(refusal_of([&] { store.open("nexus", key_of()); }).code == "storage.unavailable");
  const auto owner = file.parent_path();
  std::filesystem::rename(owner, directory.path() / "elsewhere");
  std::filesystem::create_directory_symlink(directory.path() / "elsewhere", owner);
  CHECK(refusal_of([&] { store.open("nexus", key_of()); }).code == "storage.unavailable");
  CHECK(refusal_of([&] { store_text(store, key_of("b"), "x"); }).code == "storage.unavailable");
  CHECK_FALSE(std::filesystem::exists(directory.path() / "elsewhere/b"));
}

TEST_CASE("an object that does not fit its description is not served") {
  TemporaryDirectory directory;
  LocalStore store(directory.path());
  const auto file = directory.path() / "nexus" / key_of().str();
  const auto sidecar = file.parent_path() / ".meta.a.txt";
  const auto code = [&] { return refusal_of([&] { store.stat("nexus", key_of()); }).code; };
  store_text(store, key_of(), "text");
  const std::string description = slurp(sidecar);
  std::ofstream(file, std::ios::app) << "more";
  CHECK(code() == "storage.unavailable");
  std::filesystem::resize_file(file, 4);
  CHECK(code().empty());
  for (std::size_t length = 0; length + 1 < description.size(); ++length) {
    std::ofstream(sidecar, std::ios::trunc) << description.substr(0, length);
    REQUIRE(code() == "storage.unavailable");
  }
  std::filesystem::remove(sidecar);
  CHECK(code() == "storage.unavailable");
  CHECK(store.remove("nexus", key_of()));
  CHECK(directory.files() == 0);
}

TEST_CASE("sweeping removes what crashes left, and only that") {
  TemporaryDirectory directory;
  LocalStore store(directory.path());
  store_text(store, key_of(), "text");
  Upload running = store.begin("nexus", {key_of("running")});
  running.append("bytes");
  std::ofstream(directory.path() / ".tmp/019ab-left-over") << "half";
  const auto owner = (directory.path() / "nexus" / key_of().str()).parent_path();
  std::ofstream(owner / ".meta.orphan.txt") << "{}";
  std::filesystem::create_directory(owner.parent_path() / "asset-2");
  std::ofstream(owner.parent_path() / "asset-2/.meta.orphan.txt") << "{}";
  CHECK(store.sweep(std::chrono::hours(1)) == 2);
  CHECK_FALSE(std::filesystem::exists(owner.parent_path() / "asset-2"));
  CHECK(std::filesystem::exists(directory.path() / ".tmp/019ab-left-over"));
  CHECK(store.sweep(std::chrono::seconds(0)) == 1);
  CHECK(store.sweep(std::chrono::seconds(0)) == 0);
  running.commit();
  CHECK(store.stat("nexus", key_of()));
  CHECK(store.stat("nexus", key_of("running")));
}

TEST_CASE("of many who race for one key one wins, and the pair agrees") {
  TemporaryDirectory directory;
  LocalStore store(directory.path());
  for (int round = 0; round < 10; ++round) {
    const auto key = key_of("r" + std::to_string(round));
    std::atomic<int> won = 0;
    std::atomic<int> lost = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i)
      threads.emplace_back([&, i] {
        const auto code =
            refusal_of([&] { store_text(store, key, std::string(static_cast<std::size_t>(i), 'x')); }).code;
        if (code.empty()) ++won;
        if (code == "blob.exists") ++lost;
      });
    for (auto& thread : threads) thread.join();
    CHECK(won == 1);
    CHECK(lost == 7);
    const auto object = store.open("nexus", key);
    REQUIRE(object);
    CHECK(sha256_hex(read_all(object->file.get())) == object->info.sha256);
  }
}

TEST_CASE("writing, reading and removing at once never shows half an object") {
  TemporaryDirectory directory;
  LocalStore store(directory.path());
  std::atomic<bool> stop = false;
  std::atomic<int> odd = 0;
  const auto loop = [&](auto act) {
    return std::thread([&, act] {
      while (!stop) {
        const auto code = refusal_of(act).code;
        if (!code.empty() && code != "blob.exists") ++odd;
      }
    });
  };
  std::vector<std::thread> threads;
  threads.push_back(loop([&] { store_text(store, key_of(), "some text"); }));
  threads.push_back(loop([&] { store_text(store, key_of(), "other, longer text"); }));
  threads.push_back(loop([&] { store.remove("nexus", key_of()); }));
  threads.push_back(loop([&] { store.stat("nexus", key_of()); }));
  std::this_thread::sleep_for(std::chrono::milliseconds(500));
  stop = true;
  for (auto& thread : threads) thread.join();
  CHECK(odd == 0);
  store.remove("nexus", key_of());
  CHECK(directory.files() == 0);
}

}  // namespace
}  // namespace nexus::blobs
