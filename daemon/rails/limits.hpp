// The limits of this slice alone; see daemon/limits.hpp.
#pragma once
#include <chrono>
#include <cstddef>

#include "daemon/limits.hpp"

namespace nexus::limits {

inline constexpr std::size_t chat_text_bytes_max = 32 * KiB;        ///< text of one chat message: 422
inline constexpr std::size_t subscriber_queue_events_max = 256;     ///< events a slow reader may owe: close 4408
inline constexpr std::size_t subscriber_queue_bytes_max = 1 * MiB;  ///< bytes a slow reader may owe: close 4408
inline constexpr std::size_t ws_frame_bytes_max = 64 * KiB;         ///< one WebSocket message: close 1009
inline constexpr std::size_t ws_frames_per_second_max = 50;         ///< over it for `ws_flood_window`: close 4429
inline constexpr std::chrono::seconds ws_flood_window{5};           ///< time over which the frames are judged
inline constexpr std::size_t gesture_bytes_told_max = 256 * KiB;    ///< of a tenant, per second, to other daemons
inline constexpr std::chrono::seconds ws_ping_interval{25};         ///< the daemon's pings
inline constexpr std::chrono::seconds ws_pong_deadline{10};         ///< the answer to a ping
inline constexpr std::chrono::seconds sse_comment_interval{15};     ///< a comment keeps an idle stream open

static_assert(json_body_bytes_max >= 2 * (chat_text_bytes_max + metadata_bytes_max),
              "a message with its metadata fits a body even when every character is escaped once");
static_assert(ws_frame_bytes_max > chat_text_bytes_max, "a chat message fits a frame");
static_assert(subscriber_queue_bytes_max > ws_frame_bytes_max, "a queue holds more than one frame");
static_assert(ws_pong_deadline < ws_ping_interval);

}  // namespace nexus::limits
