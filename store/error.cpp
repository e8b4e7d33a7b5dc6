#include "store/error.hpp"

namespace nexus::store {

std::string_view to_string(Failure failure) {
  static constexpr std::string_view names[] = {"none",        "constraint",   "busy",    "full",     "io",
                                               "read_only",   "no_memory",    "corrupt", "replaced", "interrupted",
                                               "unreachable", "unreplicated", "other"};
  return names[static_cast<std::size_t>(failure)];
}

}  // namespace nexus::store
