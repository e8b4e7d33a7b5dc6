// A tenant and an env as one value: the place of a record, and the scope of a caller. Two arguments of one text type
// can be swapped by mistake; the two named members of a Realm cannot.
#pragma once
#include <compare>
#include <string>
#include <string_view>

namespace nexus {

/// A view: both texts must outlive it. Pass it by value, and keep it only with its texts. Name the members to construct
/// one: `{.tenant = a, .env = b}`. Both are empty for the whole installation.
struct Realm {
  /// The first member, so that `{a, b}` does not compile.
  struct ByName {
    explicit ByName() = default;
    bool operator==(const ByName&) const = default;
  };
  [[no_unique_address]] ByName by_name = ByName();
  std::string_view tenant;
  std::string_view env;
  bool operator==(const Realm&) const = default;
};

/// A Realm that owns its texts.
struct Place {
  std::string tenant_id;
  std::string env;
  Realm realm() const { return {.tenant = tenant_id, .env = env}; }
  auto operator<=>(const Place&) const = default;
};

template <class T>
concept MadeByPosition = requires(std::string_view text) {
  T{text, text};
};
static_assert(!MadeByPosition<Realm>);

}  // namespace nexus
