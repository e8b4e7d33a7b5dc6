// The cases that one daemon answers alone where two take turns, each with its reason.
#pragma once
#include <map>
#include <string>

namespace nexus::test {

/// Names of cases and reasons.
const std::map<std::string, std::string>& cases_of_one_daemon();

/// To be called by the running test case before its first request. Lets daemons take turns unless the table in
/// one_daemon.cpp names the case; then it prints the reason once.
void begin_turns();

}  // namespace nexus::test
