// Where a page of a list by time and id ended.
#pragma once
#include <cstdint>
#include <string>

#include "daemon/base/clock.hpp"

namespace nexus::store {

/// Lists are newest first, by time of making and then by id.
struct PageMark {
  Micros at = INT64_MAX;
  std::string id;
};

}  // namespace nexus::store
