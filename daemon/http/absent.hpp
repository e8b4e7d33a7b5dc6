// The refusal for an absent subject, by the subject type that audit rows and events name.
#pragma once
#include <string_view>

#include "daemon/base/problem.hpp"

namespace nexus::http {

/// Throws std::logic_error for a type without such a refusal. Every type that can be deleted has one.
Code absent_code(std::string_view subject_type);

}  // namespace nexus::http
