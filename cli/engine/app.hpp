// One run of nexusctl: from argv to an exit code. Every failure is printed here and nowhere else.
#pragma once
#include <string>
#include <vector>

namespace nexus::cli {

int run(const std::vector<std::string>& argv);

}  // namespace nexus::cli
