// The threads of the daemon have names, so that an operator sees which one is busy; those that compute give way.
// docs/locks.md explains them.
#include <algorithm>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "tests/api/raw_storage_support.hpp"
#include "tests/catch.hpp"
#include "tests/support/databases.hpp"

namespace nexus::test {
namespace {

using Names = std::set<std::string>;

/// Empty when the thread has ended.
std::string name_of_thread(const std::filesystem::path& task) {
  std::ifstream file(task / "comm");
  std::string name;
  std::getline(file, name);
  return name;
}

std::filesystem::path tasks_of(const DaemonProcess& daemon) {
  return "/proc/" + std::to_string(daemon.pid()) + "/task";
}

Names names_of_threads(const DaemonProcess& daemon) {
  Names names;
  for (const auto& task : std::filesystem::directory_iterator(tasks_of(daemon)))
    if (auto name = name_of_thread(task); !name.empty()) names.insert(std::move(name));
  return names;
}

/// Of the thread, or of each that writes.
std::string name_of_writer() { return is_on_postgres() ? "lane" : "writer"; }

TEST_CASE("each thread has a name, and docs/locks.md names it", "[threads]") {
  // WATCHDOG_PID is left out: whoever WATCHDOG_USEC is told to is watched.
  const DaemonProcess daemon(
      {.arguments = {"--metrics-listen", "127.0.0.2:0"}, .environment = {{"WATCHDOG_USEC", "60000000"}}});
  Names wanted = {"nexusd",      "io-0",        "io-1",        "compute-0",   "compute-1",   "compute-2",
                  "compute-3",   "storage-0",   "storage-1",   "storage-2",   "storage-3",   name_of_writer(),
                  "feed",        "metrics",     "m-io-0",      "m-compute-0", "m-compute-1", "m-storage-0",
                  "m-storage-1", "m-storage-2", "m-storage-3", "watchdog"};
  if (is_on_postgres()) {
    for (int more = 2; more < 8; ++more) wanted.insert("io-" + std::to_string(more));
    wanted.insert({"beat", "bell", "watch"});
  }
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

/// The nice value of the thread, which is field 19 of its stat (proc(5)); the name before it has no blanks.
int nice_of(const std::filesystem::path& task) {
  std::ifstream file(task / "stat");
  std::string field;
  for (int i = 0; i < 19; ++i) file >> field;
  return std::stoi(field);
}

TEST_CASE("threads that compute give way to those of sockets and the writer", "[threads]") {
  const DaemonProcess daemon;
  std::map<std::string, int> nice;
  eventually([&] {
    for (const auto& task : std::filesystem::directory_iterator(tasks_of(daemon)))
      nice[name_of_thread(task)] = nice_of(task);
    return nice.contains("compute-0") && nice.contains("storage-0") && nice.contains(name_of_writer()) &&
           nice.contains("io-0");
  });
  CHECK(nice.at("compute-0") > nice.at(name_of_writer()));
  CHECK(nice.at("storage-0") > nice.at(name_of_writer()));
  CHECK(nice.at("io-0") == nice.at(name_of_writer()));
}

}  // namespace
}  // namespace nexus::test
