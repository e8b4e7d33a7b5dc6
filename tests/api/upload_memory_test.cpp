// Memory while uploads stream: the same for a small file and for a huge one. Some MiB a file in a quick run; with
// NEXUS_TEST_LONG, 1 GiB. Prints the figure.
#include <cstdio>
#include <cstdlib>
#include <thread>

#include "tests/api/s3_support.hpp"
#include "tests/catch.hpp"
#include "tests/support/memory.hpp"
#include "tests/support/wire.hpp"

namespace nexus::test {
namespace {

constexpr int kUploads = 4;
constexpr std::uint64_t kMiB = 1024 * 1024;

Answer upload(const Media& media, std::uint64_t mib) {
  const std::string whole = media_form({}, "");
  const std::size_t at = whole.rfind("\r\n--");
  std::string head = "POST /media-v2/assets HTTP/1.1\r\nHost: localhost\r\nContent-Type: " + kFormType +
                     "\r\nContent-Length: " + std::to_string(whole.size() + mib * kMiB) + "\r\n";
  for (const auto& [name, value] : media.headers()) head += name + ": " + value + "\r\n";
  const std::string piece(kMiB, 'x');
  Wire wire(media.world.daemon().port());
  bool sent = wire.send(head + "\r\n" + whole.substr(0, at));
  for (std::uint64_t i = 0; i < mib && sent; ++i) sent = wire.send(piece);
  if (sent) wire.send(whole.substr(at));
  return wire.answer(false, std::chrono::minutes(10));
}

/// The daemon of `options`. AddressSanitizer keeps little of what was freed there: by default it keeps 256 MiB, which
/// no one could tell from an upload that is held whole.
DaemonOptions forgetful(DaemonOptions options) {
  const char* given = std::getenv("ASAN_OPTIONS");
  options.environment.emplace_back("ASAN_OPTIONS",
                                   std::string(given == nullptr ? "" : given) + ":quarantine_size_mb=8");
  return options;
}

/// Four uploads at once must not add more than `most` MiB to the daemon's peak memory; five times that where a
/// sanitizer shadows all memory.
void check_growth(World& world, const char* where, std::uint64_t mib, double most) {
  if (std::getenv("NEXUS_TEST_LONG") != nullptr) mib = 1024;
  Media media{world};
  world.saw(upload(media, 1));
  const double before = memory_mib(world.daemon().pid(), "VmHWM");
  Answer answers[kUploads];
  std::vector<std::thread> threads;
  const auto began = std::chrono::steady_clock::now();
  for (Answer& answer : answers) threads.emplace_back([&media, &answer, mib] { answer = upload(media, mib); });
  for (auto& thread : threads) thread.join();
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  const double after = memory_mib(world.daemon().pid(), "VmHWM");
  std::printf("# %d uploads of %lu MiB at once to %s: %.1f s, peak memory %.1f MiB before, %.1f MiB after\n", kUploads,
              static_cast<unsigned long>(mib), where, took.count(), before, after);
  for (const Answer& answer : answers) {
    CHECK(answer.status == 201);
    world.saw(answer);
  }
  CHECK(after - before < (before > 100 ? 5 * most : most));
}

TEST_CASE("memory stays flat while four uploads stream at once", "[media]") {
  World world(forgetful({}));
  check_growth(world, "the local store", 16, 16);
}

// Each upload holds one part of 5 MiB: 24 MiB in all, seen.
TEST_CASE("memory stays flat while four uploads stream to S3 at once", "[s3]") {
  S3Stub stub({.keeps_content = false});
  World world(forgetful(stub.daemon()));
  check_growth(world, "S3", 64, 40);
}

}  // namespace
}  // namespace nexus::test
