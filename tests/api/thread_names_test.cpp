// The threads of the daemon have names, so that an operator sees which one is busy. docs/locks.md explains them.
#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>

#include "tests/api/raw_storage_support.hpp"
#include "tests/catch.hpp"

namespace nexus::test {
namespace {

using Names = std::set<std::string>;

Names names_of_threads(const DaemonProcess& daemon) {
  Names names;
  const std::filesystem::path tasks = "/proc/" + std::to_string(daemon.pid()) + "/task";
  for (const auto& task : std::filesystem::directory_iterator(tasks)) {
    std::ifstream file(task.path() / "comm");
    std::string name;
    if (std::getline(file, name)) names.insert(name);
  }
  return names;
}

TEST_CASE("each thread has a name, and docs/locks.md names it", "[threads]") {
  const DaemonProcess daemon({.arguments = {"--metrics-listen", "127.0.0.2:0"}});
  const Names wanted = {"nexusd",      "io-0",        "io-1",       "compute-0",   "compute-1",   "compute-2",
                        "compute-3",   "storage-0",   "storage-1",  "storage-2",   "storage-3",   "writer",
                        "feed",        "metrics",     "m-io-0",     "m-compute-0", "m-compute-1", "m-storage-0",
                        "m-storage-1", "m-storage-2", "m-storage-3"};
  eventually([&] { return names_of_threads(daemon) == wanted; });
  CHECK(names_of_threads(daemon) == wanted);

  std::ifstream file(std::filesystem::path(NEXUS_SOURCE_DIR) / "docs/locks.md");
  std::stringstream text;
  text << file.rdbuf();
  for (const auto& name : wanted) {
    const bool numbered = name.find('-') != std::string::npos;
    const std::string first = numbered ? name.substr(0, name.rfind('-')) + "-0" : name;
    CHECK(text.str().find("`" + first + "`") != std::string::npos);
  }
}

}  // namespace
}  // namespace nexus::test
