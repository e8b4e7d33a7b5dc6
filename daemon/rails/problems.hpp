// Refusals of the rails. The build gathers all such files.
#pragma once
#include "daemon/base/problem.hpp"

namespace nexus::problems {

inline constexpr CodeInfo thread_not_found{
    "thread.not_found", 404, "No such thread",
    "There is no thread with this id in this tenant and env; one of another tenant or env looks the same."};
inline constexpr CodeInfo thread_exists{"thread.exists", 409, "The thread exists",
                                        "A thread with this thread_id exists already in this tenant and env."};
inline constexpr CodeInfo message_not_found{"message.not_found", 404, "No such message",
                                            "There is no message with this id in this thread, or it was deleted."};
inline constexpr CodeInfo chat_sender_mismatch{
    "chat.sender_mismatch", 403, "Nobody speaks for another",
    "The sender of a message is the user of the token, and only agents' tokens speak as agents. Leave "
    "`sender` and `role` out, or make them equal."};
inline constexpr CodeInfo chat_cursor_invalid{
    "chat.cursor_invalid", 400, "The cursor is malformed",
    "A cursor is `<epoch>.<seq>`, as the `id` of an event on a stream. Send one as it came, or none to hear "
    "only what is new."};
inline constexpr CodeInfo stream_no_place{
    "stream.no_place", 503, "No place for another stream",
    "The daemon has as many streams open as `--max-streams` or its descriptors allow. Come back after the seconds of "
    "Retry-After; other requests are served meanwhile."};
inline constexpr CodeInfo feature_disabled{
    "feature.disabled", 403, "The feature is switched off",
    "A feature flag of this tenant and env, or of the whole daemon, switches this transport off."};

}  // namespace nexus::problems
