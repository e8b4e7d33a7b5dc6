// The end of a page in a list by time and id.
#pragma once
#include <cstdint>
#include <string>

#include "daemon/base/clock.hpp"

namespace nexus::store {

/// Lists are newest first, by time of creation and then by id.
struct PageMark {
  Micros at = INT64_MAX;
  std::string id;
};

}  // namespace nexus::store
