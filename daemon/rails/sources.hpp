// The three sources of streams, and how a stored row becomes a frame, for replay and live alike.
#pragma once
#include "daemon/rails/source.hpp"
#include "daemon/rails/store.hpp"
#include "store/audit_log.hpp"
#include "store/events.hpp"

namespace nexus::rails {

/// A message as clients see it: in answers, and as the `data` of its event.
Json message_json(const Message& message, const std::string& epoch);

/// A page ends at this many rows or at about this many bytes.
inline constexpr int kPageRows = 100;
inline constexpr std::size_t kPageBytes = 256 * 1024;

/// Returns null for a row that the daemon could not have written.
FramePtr message_frame(const Message& message, const std::string& epoch);
FramePtr activity_frame(const domain::Event& event, const std::string& epoch);
FramePtr audit_frame(const store::AuditRow& row);

std::unique_ptr<Source> thread_source(ThreadAddress address, std::string epoch);
/// `event_type`: only events of this type.
std::unique_ptr<Source> activity_source(const Caller& caller, std::optional<std::string> event_type, std::string epoch);
std::unique_ptr<Source> audit_source(const Caller& caller);

}  // namespace nexus::rails
