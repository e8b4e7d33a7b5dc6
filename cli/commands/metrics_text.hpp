// What `nexusctl top` makes of /metrics: Prometheus text to values, and two samples to figures. Pure functions.
#pragma once
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/base/json.hpp"

namespace nexus::cli {

struct Metric {
  std::string name;
  std::map<std::string, std::string> labels;
  double value = 0;
};
using Metrics = std::vector<Metric>;

/// The samples of a page in the Prometheus text format (version 0.0.4); comments and times are passed over. Throws a
/// Failure for anything else: that is no page of metrics.
Metrics parse_metrics(std::string_view text);

/// What happened between two pages, `seconds` apart, as the record that `top` prints. A counter that fell began anew
/// with its daemon: all that it counts then is new. Quantiles are those of Prometheus: linear within a bucket; null
/// where nothing was measured.
Json activity_between(const Metrics& before, const Metrics& after, double seconds);

}  // namespace nexus::cli
