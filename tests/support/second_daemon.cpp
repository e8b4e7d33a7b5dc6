#include "tests/support/second_daemon.hpp"

#include <cstdlib>
#include <stdexcept>

#include "tests/support/databases.hpp"

namespace nexus::test {

namespace fs = std::filesystem;

DaemonOptions beside(const DaemonProcess& first, DaemonOptions options, const fs::path& data_dir,
                     const std::string& database) {
  fs::create_directory(data_dir);
  fs::permissions(data_dir, fs::perms::owner_all);
  fs::copy(first.data_dir() / "keys", data_dir / "keys", fs::copy_options::recursive);
  fs::permissions(data_dir / "keys", fs::perms::owner_all);
  if (fs::exists(first.data_dir() / "blobs"))
    fs::create_directory_symlink(first.data_dir() / "blobs", data_dir / "blobs");
  give_database(database, data_dir);
  options.data_dir = data_dir;
  options.port = 0;
  return options;
}

bool is_with_second_daemon() {
  const char* chosen = std::getenv("NEXUS_TEST_DAEMONS");
  const std::string count = chosen == nullptr ? "1" : chosen;
  if (count != "1" && count != "2") throw std::logic_error("NEXUS_TEST_DAEMONS is neither 1 nor 2: " + count);
  if (count == "2" && !is_on_postgres())
    throw std::logic_error("NEXUS_TEST_DAEMONS=2 needs NEXUS_TEST_STORE=postgres: a file has one daemon");
  return count == "2";
}

SecondDaemon::SecondDaemon(const DaemonProcess& first, DaemonOptions options)
    : daemon_(beside(first, std::move(options), directory_.path() / "data", database_of(first.data_dir()))) {}

}  // namespace nexus::test
