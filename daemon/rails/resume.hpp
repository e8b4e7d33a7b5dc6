// Where a stream begins: a plain decision over what the client asked for and what there is. No store, no socket.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "daemon/rails/cursor.hpp"

namespace nexus::rails {

/// What a sequence still holds: everything after `pruned_to`, up to `head`.
struct Span {
  std::string epoch;  // of this life of the database; empty where a sequence has no epochs
  std::int64_t pruned_to = 0;
  std::int64_t head = 0;
};

/// What the client asked for: to go on after a cursor, or to hear everything there is. Neither: what comes from now on.
struct StartRequest {
  std::optional<Cursor> after;
  bool from_earliest = false;  // counts only without a cursor: a browser that reconnects keeps its URL
};

enum class GapReason {
  pruned,  // what followed the cursor is no longer kept
  epoch,   // the cursor is of another life of the database
  ahead,   // the cursor lies behind the newest event: the database was set back
};
std::string_view to_string(GapReason reason);

/// Something is missing between what the client saw and what it gets now. `from` is its cursor as it came, `to` the
/// cursor after which the stream goes on.
struct Gap {
  std::string from;
  std::string to;
  GapReason reason = GapReason::pruned;
};

struct Start {
  std::int64_t after = 0;  // the stream begins with what follows this seq
  std::optional<Gap> gap;  // to be told first
};

Start decide_start(const StartRequest& request, const Span& span);

/// What retention took from a stream that had come to `after`, while it replayed; nothing, when it took nothing. Asked
/// at each page, in that page's snapshot.
std::optional<Gap> overtaken(std::int64_t after, const Span& span);

}  // namespace nexus::rails
