// A tenant and one of its environments: where a row stands and where a request is judged.
#pragma once
#include <string_view>

namespace nexus {

/// A view: its texts must outlive it. Made with the names of its members, so that the two cannot change places.
struct Realm {
  std::string_view tenant;
  std::string_view env;
  bool operator==(const Realm&) const = default;
};

}  // namespace nexus
