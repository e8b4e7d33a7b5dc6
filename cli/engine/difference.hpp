// The difference of two texts, line by line, as a unified diff.
#pragma once
#include <string>
#include <string_view>

namespace nexus::cli {

/// Returns `--- old_name`, `+++ new_name` and hunks with three lines of context; empty when the texts are equal. With
/// `colour`, for a terminal. The time is linear except for the changed part, whose lines are compared pairwise up to a
/// bound. Beyond that bound the changed part is shown as removed and added.
std::string unified_difference(std::string_view old_text, std::string_view new_text, const std::string& old_name,
                               const std::string& new_name, bool colour);

}  // namespace nexus::cli
