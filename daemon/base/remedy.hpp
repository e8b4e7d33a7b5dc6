// The words of a remedy, which is a command line to type. It contains the caller's input, or a placeholder in capitals
// as in the help of nexusctl. It never contains an invented name, because a pasted line could then change another
// object.
#pragma once
#include <string>
#include <string_view>

#include "daemon/base/ids.hpp"

namespace nexus {

/// Returns the caller's own word if it is plain: no shell or option parser can misread it. Otherwise the placeholder.
inline std::string word_or(std::string_view own, std::string_view placeholder) {
  return std::string(is_client_id(own) && !own.starts_with('-') ? own : placeholder);
}

}  // namespace nexus
