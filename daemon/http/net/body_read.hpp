// The progress of a request's body against the limit on slowness: every 60 s must bring 60 KiB.
#pragma once
#include <cstddef>
#include <cstdint>

#include "daemon/limits.hpp"

namespace nexus::http::net {

struct BodyRead {
  std::uint64_t left = 0;
  std::uint64_t in_window = 0;

  /// True when a new window begins.
  bool took(std::size_t count) {
    constexpr std::uint64_t window_bytes =
        limits::body_rate_min_bytes_per_second * static_cast<std::uint64_t>(limits::body_rate_window.count());
    left -= count;
    in_window += count;
    if (in_window < window_bytes) return false;
    in_window = 0;
    return true;
  }
};

}  // namespace nexus::http::net
