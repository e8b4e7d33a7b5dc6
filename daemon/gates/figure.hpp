// Measured values for people.
#pragma once
#include <string>

namespace nexus::gates {

/// The value in six digits, or in more where fewer would not show on which side of the bound it is. No digit before the
/// decimal point is lost.
std::string figure(double value, double bound);

}  // namespace nexus::gates
