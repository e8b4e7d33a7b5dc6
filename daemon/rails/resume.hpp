// Positions in a sequence of events. Decides where a stream begins, from the client's request and the stored span. Uses
// no store and no socket.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace nexus::rails {

/// The position of a reader in the events of a tenant and env. The epoch is drawn when the database is created and at
/// each restore, so that a cursor of an earlier epoch is never mistaken for a current one. seq 0 is the position before
/// the first event.
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

/// What a sequence still holds: everything after `pruned_to`, up to `head`.
struct Span {
  std::string epoch;  // of the database; empty for a sequence without epochs
  std::int64_t pruned_to = 0;
  std::int64_t head = 0;
};

/// What the client asked for: to continue after a cursor, or to get everything that is kept. Neither: only new events.
struct StartRequest {
  std::optional<Cursor> after;
  bool from_earliest = false;  // ignored with a cursor, because a browser that reconnects keeps its URL
};

enum class GapReason {
  pruned,  // the events behind the cursor are no longer kept
  epoch,   // the cursor is of another epoch of the database
  ahead,   // the cursor is beyond the newest event: an older database was restored
};
std::string_view to_string(GapReason reason);

/// Events are missing between what the client saw and what it gets now. `from` is its cursor as sent, `to` the cursor
/// after which the stream continues.
struct Gap {
  std::string from;
  std::string to;
  GapReason reason = GapReason::pruned;
};

struct Start {
  std::int64_t after = 0;  // the stream begins behind this seq
  std::optional<Gap> gap;  // to be sent first
};

Start decide_start(const StartRequest& request, const Span& span);

/// Returns the gap if retention removed events behind `after` while the stream replayed. Called for each page, in that
/// page's snapshot.
std::optional<Gap> overtaken(std::int64_t after, const Span& span);

}  // namespace nexus::rails
