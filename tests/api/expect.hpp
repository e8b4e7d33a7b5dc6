// What a refusal must look like, with every code and status of the contract as literals: the tests never compare the
// daemon with its own tables.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "tests/support/client.hpp"

namespace nexus::test {

using Codes = std::map<std::string, int>;

/// Every `Codes NAME_codes() {` of tests/api/*.cpp, which the build finds: a slice keeps its codes beside its tests.
std::vector<Codes> codes_of_slices();

/// Every code there may be, with its status.
const Codes& literal_codes();

/// RFC 9457 as the contract has it: media type, all members, a known code with its status, ids equal to the headers.
bool is_well_formed_problem(const Answer& answer);

/// Status and code of a refusal, as text for CHECK: "403 auth.not_a_member".
std::string outcome(const Answer& answer);

/// The pointers of a problem's errors, separated by spaces.
std::string pointers(const Answer& answer);

/// All that an answer tells, without what differs from request to request.
std::string comparable(const Answer& answer);

}  // namespace nexus::test
