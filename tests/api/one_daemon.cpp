#include "tests/api/one_daemon.hpp"

#include <cstdio>
#include <set>
#include <string>

#include "tests/catch.hpp"
#include "tests/support/second_daemon.hpp"
#include "tests/support/turns.hpp"

namespace nexus::test {
namespace {

/// What is one process's own by design. A case that fails for another reason does not belong here.
const std::map<std::string, std::string> kAlone = {
    {"a daemon finds stored files that went, and a directory that others may open", "judges a directory of its own"},
    {"an upload that is cut off leaves nothing, and its key is free again",
     "says 409 for a key in flight at itself; elsewhere the first to be committed wins"},
};

}  // namespace

const std::map<std::string, std::string>& cases_of_one_daemon() { return kAlone; }

void begin_turns() {
  if (!is_with_second_daemon()) return;
  static std::set<std::string> told;
  const std::string test = Catch::getResultCapture().getCurrentTestName();
  const auto alone = kAlone.find(test);
  take_turns(alone == kAlone.end());
  if (alone != kAlone.end() && told.insert(test).second)
    std::printf("counted: one daemon alone, which %s [%s]\n", alone->second.c_str(), test.c_str());
}

}  // namespace nexus::test
