// The configuration of the gates as rows. daemon/gates decides from it.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/base/clock.hpp"
#include "daemon/base/realm.hpp"
#include "store/sqlite/query.hpp"

namespace nexus::store {

/// One disabled action, provider, autonomy or user.
struct SwitchEntry {
  enum class Kind { action, provider, autonomy, user };
  Kind kind = Kind::action;
  std::string name = {};                   // in normal form (normal_name); empty for autonomy
  std::optional<std::string> reason = {};  // empty: the document's
  bool ends_with_document = true;
  std::optional<Micros> expires_at = {};  // its own end; empty and not with the document: until it is lifted
  std::string set_by = {};
  Micros since = 0;

  bool is(Kind wanted, std::string_view wanted_name) const { return kind == wanted && name == wanted_name; }
  bool operator==(const SwitchEntry&) const = default;
};
std::string_view to_string(SwitchEntry::Kind kind);
std::optional<SwitchEntry::Kind> parse_switch_kind(std::string_view text);

/// The kill-switch document of one tenant and env. Version 0 is the default, which disables nothing and was never
/// stored.
struct KillSwitches {
  std::vector<SwitchEntry> entries;  // by kind and name
  std::optional<std::string> reason;
  std::optional<Micros> expires_at;
  std::int64_t version = 0;
  Micros updated_at = 0;
  std::string updated_by;
};

/// The document as stored. The caller checks the expiry of its entries.
std::optional<KillSwitches> find_kill_switches(const Reader& reader, Realm realm);
void put_kill_switches(Tx& tx, Realm realm, const KillSwitches& document);

/// The entries that a migration cleared from the documents of t_system, by env, until the audit rows about it are
/// written.
std::optional<std::string> find_cleared_switches(const Reader& reader);
void forget_cleared_switches(Tx& tx);

}  // namespace nexus::store
