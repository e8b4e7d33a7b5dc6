// Refusals of backups. The build gathers all such files.
#pragma once
#include "daemon/base/problem.hpp"

namespace nexus::problems {

inline constexpr CodeInfo backup_in_progress{"backup.in_progress", 409, "Another backup is being made",
                                             "One backup is made at a time. Ask again when the other one has ended."};

}  // namespace nexus::problems
