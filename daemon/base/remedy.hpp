// The words of a remedy, which is a command line to type. It carries what the caller sent, or a placeholder in capitals
// as the help of nexusctl shows it; never a literal of ours, for whoever pastes it would touch somebody else's things.
#pragma once
#include <string>
#include <string_view>

#include "daemon/base/ids.hpp"

namespace nexus {

/// The caller's own word where it is a plain one, which no shell and no parser of options reads as something else.
inline std::string word_or(std::string_view own, std::string_view placeholder) {
  return std::string(is_client_id(own) && !own.starts_with('-') ? own : placeholder);
}

}  // namespace nexus
