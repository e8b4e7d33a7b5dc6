// Decimals as texts. The facts of a gate's decision go into the audit row, whose canonical form has no floats.
#pragma once
#include <charconv>
#include <string>

namespace nexus::gates {

/// The shortest text that reads back as the same number.
inline std::string decimal(double value) {
  char text[32];
  const auto [end, error] = std::to_chars(text, text + sizeof text, value);
  return error == std::errc() ? std::string(text, end) : std::string("?");
}

}  // namespace nexus::gates
