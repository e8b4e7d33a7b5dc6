// How long a whole decision of the gates takes, in process, with much history behind it: everything is configured, so
// that every gate has something to judge. Processor time, so that it says little of what else the machine does.
#pragma once
#include <cstdint>
#include <filesystem>

namespace nexus::bench {

struct DecisionCost {
  double micros = 0;        // explain, with the facts as they stood at the decision before
  double micros_after = 0;  // the same right after usage was recorded, when all windows are summed again
};

/// With `rows` usage events and as many observations over the last 90 days, in a database of its own in `directory`.
DecisionCost measure_decision(const std::filesystem::path& directory, std::int64_t rows);

}  // namespace nexus::bench
