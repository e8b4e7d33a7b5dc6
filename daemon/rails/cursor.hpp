// Where a reader of a tenant's and env's events is: `<epoch>.<seq>`. The epoch is drawn when the database is made and
// at each restore, so that a cursor of another life of the database is never taken for one of this. seq 0 stands before
// the first event.
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

/// The cursor as it was given out, and in no other spelling (no sign, no leading zeros).
std::optional<Cursor> parse_cursor(std::string_view text);
/// The same for a sequence without epochs.
std::optional<Cursor> parse_plain_cursor(std::string_view text);

}  // namespace nexus::rails
