// The cases that one daemon answers alone where two take turns, each with its reason.
#pragma once
#include <map>
#include <string>

namespace nexus::test {

/// Names of cases and reasons.
const std::map<std::string, std::string>& cases_of_one_daemon();

/// Whether the running test case has two daemons: where is_with_second_daemon() says so, unless the table in
/// one_daemon.cpp names the case. Then it prints the reason once.
bool has_second_daemon();

}  // namespace nexus::test
