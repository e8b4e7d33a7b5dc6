#include "tests/api/one_daemon.hpp"

#include <cstdio>
#include <set>
#include <string>

#include "tests/catch.hpp"
#include "tests/support/second_daemon.hpp"

namespace nexus::test {
namespace {

/// What is one process's own by design. A case that fails for another reason does not belong here.
const std::map<std::string, std::string> kAlone = {
    {"a daemon finds stored files that went, and a directory that others may open", "judges a directory of its own"},
    {"an upload that is cut off leaves nothing, and its key is free again",
     "says 409 for a key in flight at itself; elsewhere the first to be committed wins"},
    {"a limit stands at once, for its tenant, env and action alone", "grants its own part of a quota"},
    {"a raised limit stands at once too, whatever was spent under the lower one", "grants its own part of a quota"},
    {"an action's own limit comes before that of the star", "grants its own part of a quota"},
    {"over its quota an action of a tenant and env is refused, and nobody else's", "grants its own part of a quota"},
    {"whatever an S3 server does wrong is 503 or 409 in time; nothing happened, and it heals by itself",
     "finds out for itself whether the object store answers"},
    {"one user, and the daemon, have so many streams and no more; a closed one makes room", "counts its own streams"},
    {"a reader that never reads is ended, and nobody else notices", "tells in its metrics of its own streams"},
};

}  // namespace

const std::map<std::string, std::string>& cases_of_one_daemon() { return kAlone; }

bool has_second_daemon() {
  if (!is_with_second_daemon()) return false;
  static std::set<std::string> told;
  const std::string test = Catch::getResultCapture().getCurrentTestName();
  const auto alone = kAlone.find(test);
  if (alone != kAlone.end() && told.insert(test).second)
    std::printf("counted: one daemon alone, which %s [%s]\n", alone->second.c_str(), test.c_str());
  return alone == kAlone.end();
}

}  // namespace nexus::test
