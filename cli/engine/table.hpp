// Tables and records for people. On a terminal they fit its width, and say sizes, times and verdicts as people read
// them; elsewhere they say what the daemon said. Pure functions from values to text.
#pragma once
#include <string>
#include <string_view>

#include "cli/engine/output.hpp"

namespace nexus::cli {

/// A table with one row an item, in the width of the terminal (cli/engine/columns.hpp). Names, sentences and commands
/// are always whole; of other ids and addresses it may show the beginning, and digests it may leave out.
std::string table_of(const Json& items, const Shape& shape, const View& view);
/// A record as `key  value` lines: the shape's fields first, in its order, then all others. Lists of records in
/// it are tables.
std::string lines_of(const Json& record, const Shape& shape, const View& view);

/// `1.5 KiB`; below 1 KiB `512 B`.
std::string size_for_people(std::int64_t bytes);
/// `3 min ago`, `in 1 h 59 min`; beyond 30 days the date.
std::string age_for_people(Micros at, Micros now);

}  // namespace nexus::cli
