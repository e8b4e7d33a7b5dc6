// The position of a reader in the events of a tenant and env: `<epoch>.<seq>`. The epoch is drawn when the database is
// created and at each restore, so that a cursor of an earlier epoch is never mistaken for a current one. seq 0 is the
// position before the first event.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace nexus::rails {

struct Cursor {
  std::string epoch;  // 8 lower-case hex digits; empty where a sequence has no epochs (the audit log's)
  std::int64_t seq = 0;

  /// `<epoch>.<seq>`, or `<seq>`.
  std::string text() const;
  bool operator==(const Cursor&) const = default;
};

/// Accepts only the spelling in which the cursor was given out (no sign, no leading zeros).
std::optional<Cursor> parse_cursor(std::string_view text);
/// The same for a sequence without epochs.
std::optional<Cursor> parse_plain_cursor(std::string_view text);

}  // namespace nexus::rails
