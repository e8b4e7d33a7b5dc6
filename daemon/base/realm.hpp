// A tenant and an env as one value: where something lies, and where a caller may look. Two texts of one type can change
// places in a call and it compiles; the two named members of a Realm cannot.
#pragma once
#include <string_view>

namespace nexus {

/// A view: both texts must outlive it. Pass it by value, and keep it only where its texts are kept too. Write the names
/// of the members when you make one: `{.tenant = a, .env = b}`. Both are empty for the whole installation.
struct Realm {
  /// Stands before the two texts, so that `{a, b}` does not compile.
  struct ByName {
    explicit ByName() = default;
    bool operator==(const ByName&) const = default;
  };
  [[no_unique_address]] ByName by_name = ByName();
  std::string_view tenant;
  std::string_view env;
  bool operator==(const Realm&) const = default;
};

template <class T>
concept MadeByPosition = requires(std::string_view text) {
  T{text, text};
};
static_assert(!MadeByPosition<Realm>);

}  // namespace nexus
