// A value of an option as people may see it: in errors, in the log, on a terminal.
#pragma once
#include <string>
#include <string_view>

namespace nexus {

/// Characters that a terminal would act upon are escaped, and what stands before the @ of a URL, mostly a name and a
/// password, is `***`. Everything else stays.
std::string shown_value(std::string_view text);

}  // namespace nexus
