// Refusals of backups. The build gathers all such files.
#pragma once
#include "daemon/base/problem.hpp"

namespace nexus::problems {

inline constexpr CodeInfo backup_in_progress{"backup.in_progress", 409, "Another backup is being made",
                                             "One backup is made at a time. Ask again when the other one has ended."};

inline constexpr CodeInfo backup_elsewhere{"backup.elsewhere", 409, "The store is backed up elsewhere",
                                           "The store is a database of PostgreSQL, and its tools make its backups: "
                                           "pg_basebackup or pg_dump. Objects are backed up on "
                                           "their own server."};

}  // namespace nexus::problems
