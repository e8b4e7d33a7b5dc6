// The table of cases that one daemon answers alone names cases, and no others.
#include "tests/api/one_daemon.hpp"

#include <filesystem>

#include "daemon/base/file.hpp"
#include "tests/catch.hpp"

namespace nexus::test {

TEST_CASE("each case that one daemon answers alone is there, and has its reason") {
  std::string sources;
  for (const auto& entry : std::filesystem::directory_iterator(NEXUS_SOURCE_DIR "/tests/api"))
    if (entry.path().extension() == ".cpp") sources += read_file(entry.path(), 1 << 20);
  for (const auto& [name, reason] : cases_of_one_daemon()) {
    INFO(name);
    CHECK(sources.find("TEST_CASE(\"" + name + "\"") != std::string::npos);
    CHECK_FALSE(reason.empty());
  }
}

}  // namespace nexus::test
