// Tables and records for people. On a terminal they fit its width, and say sizes, times and verdicts as people read
// them; elsewhere they say what the daemon said. Pure functions from values to text.
#pragma once
#include <string>
#include <string_view>

#include "cli/engine/output.hpp"

namespace nexus::cli {

/// A table with one row an item. A table that is wider than the terminal loses the ends of its longest cells, but never
/// of a name, a sentence or a command; where that is not enough, each item becomes a block of lines.
std::string table_of(const Json& items, const Shape& shape, const View& view);
/// A record as `key  value` lines: the shape's fields first, in its order, then all others.
std::string lines_of(const Json& record, const Shape& shape, const View& view);

/// `1.5 KiB`; below 1 KiB `512 B`.
std::string size_for_people(std::int64_t bytes);
/// `3 min ago`, `in 2 h`; beyond 30 days the date.
std::string age_for_people(Micros at, Micros now);
/// The beginning of the text with `…` behind it (`~` where the locale is not UTF-8), in at most so many columns of a
/// terminal.
std::string cut_to(std::string_view text, std::size_t columns);

}  // namespace nexus::cli
