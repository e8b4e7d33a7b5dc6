// The system's own word on hostile names: every path that the daemon opens, makes, moves or removes while they are
// uploaded stands below its data directory. Through strace; without it the test says so and is skipped.
#include <cstdlib>
#include <fstream>
#include <functional>
#include <regex>

#include "tests/api/s3_support.hpp"
#include "tests/catch.hpp"
#include "tests/support/databases.hpp"

namespace nexus::test {
namespace {

constexpr const char* kCalls =
    "trace=open,openat,openat2,creat,mkdir,mkdirat,rename,renameat,renameat2,unlink,unlinkat,rmdir,link,linkat,symlink,"
    "symlinkat";

const std::string kHostile[] = {"../../../../etc/passwd",
                                "..",
                                "/etc/passwd",
                                "..\\\\..\\\\root.token",
                                "%2e%2e%2f%2e%2e%2froot.token",
                                "....//....//x",
                                ".meta.x",
                                "a\xE2\x80\xAE"
                                "b",
                                "-rf",
                                "CON",
                                std::string(1024, 'x'),
                                "~/.ssh/x",
                                "$(touch x)",
                                "a:b",
                                "x\xEF\xBC\x8F..\xEF\xBC\x8Fy"};

/// Every path in one line of strace -y, made absolute.
std::vector<std::filesystem::path> paths_of(const std::string& line) {
  static const std::regex argument(R"re((?:AT_FDCWD|\d+)<([^>]*)>, "((?:[^"\\]|\\.)*)"|\("((?:[^"\\]|\\.)*)")re");
  std::vector<std::filesystem::path> out;
  for (std::sregex_iterator at(line.begin(), line.end(), argument), end; at != end; ++at) {
    const std::filesystem::path path((*at)[3].matched ? (*at)[3].str() : (*at)[2].str());
    out.push_back((std::filesystem::path((*at)[1].str()) / path).lexically_normal());
  }
  return out;
}

using Send = std::function<int(const Json& form)>;  // answers the status

void upload_everywhere(Media& media, const Send& send) {
  REQUIRE(media.post("/canvas", {{"canvas_id", "c"}}).status == 201);
  for (const auto& name : kHostile) {
    INFO(name);
    const Json form = media.world.presign(media.tenant.member, media.tenant.id, name);
    CHECK(send(form) == 204);
    CHECK(media.form(closed(file_part(name, "x"))).status == 201);
    CHECK(media.form(closed(file_part(name, "x")), {}, "/canvas/c/artifacts").status == 201);
    CHECK(outcome(media.post("/canvas", {{"canvas_id", name + "/"}})) == "422 validation.failed");
  }
  for (const char* id : {"..", "%2e%2e", "..%2f..%2f..%2fetc", "a%00b"}) {
    const std::string canvas = std::string("/canvas/") + id + "/artifacts";
    const Answer answer = media.form(closed(file_part("a", "x")), {}, canvas);
    CHECK((answer.status == 404 || answer.status == 400));
    media.get(std::string("/media-v2/assets/") + id + "/download");
  }
}

bool may_trace() {
  if (std::system("strace -qq -o /dev/null true 2>/dev/null") == 0) return true;
  WARN("skipped: strace is not installed, or may not trace here (apt-get install strace)");
  return false;
}

/// Every path that nexusd opens between its start and its end.
void check_paths(DaemonOptions options, const std::function<Send(World&)>& sender, int seen_min) {
  TemporaryDirectory directory;
  const auto log = directory.path() / "strace.log";
  const auto data = directory.path() / "data";
  options.data_dir = data;
  options.environment = {{"ASAN_OPTIONS", "detect_leaks=0"}};  // the search for leaks is a tracer too
  options.wrapper = {"strace", "-D", "-f", "-qq", "-y", "-s", "4096", "-e", kCalls, "-o", log.string()};
  World world(options);
  // The start reads libraries and settings: what comes after it is judged.
  Media media{world};
  std::ifstream lines(log);
  std::string line;
  while (std::getline(lines, line)) {
  }
  lines.clear();
  upload_everywhere(media, sender(world));
  CHECK(world.daemon().stop() == 0);
  int seen = 0;
  while (std::getline(lines, line)) {
    for (const auto& path : paths_of(line)) {
      ++seen;
      INFO(line);
      CHECK(path.string().starts_with(data.string()));
    }
  }
  CHECK(seen >= seen_min);  // the log was understood
}

TEST_CASE("no upload path opens anything outside the data directory, whatever files and canvases are called",
          "[media]") {
  if (!may_trace()) return;
  check_paths(
      {}, [](World& world) { return [&world](const Json& form) { return world.upload(form, "x").status; }; }, 101);
}

TEST_CASE("the same on S3, where no upload opens anything at all", "[s3]") {
  if (!may_trace()) return;
  S3Stub stub;
  const auto sender = [&stub](World&) {
    return [&stub](const Json& form) { return send_form(stub, form, "x").status; };
  };
  check_paths(stub.daemon(), sender, is_on_postgres() ? 0 : 1);  // the store's file
  CHECK(stub.objects() == 3 * std::size(kHostile));
}

}  // namespace
}  // namespace nexus::test
