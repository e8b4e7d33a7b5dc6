// The refusal that tells that a subject is not there, by the type of subject that audit rows and events name.
#pragma once
#include <string_view>

#include "daemon/base/problem.hpp"

namespace nexus::http {

/// Throws std::logic_error for a type of which no absence can be told: what can be deleted has one.
Code absent_code(std::string_view subject_type);

}  // namespace nexus::http
