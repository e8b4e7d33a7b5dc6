// Activity events as clients see them, in the list of events, in a run and on the live rails.
//
// An event repeats what a user wrote into things that may be private, such as a maybe, a turn of memory or a search. So
// one function renders events, and its caller must say for which reader.
#pragma once
#include <vector>

#include "daemon/base/json.hpp"
#include "daemon/domain/event.hpp"
#include "daemon/guard/caller.hpp"
#include "daemon/http/page.hpp"

namespace nexus::domain {

/// How much of an event is shown: all of it (with personal data masked already), or only that it happened.
enum class EventDetail { outline, whole };
/// Admins see every event whole, other users only their own.
EventDetail detail_for(const Caller& reader, const Event& event);

Json event_json(const Event& event, EventDetail detail);
/// The schema of an event that may be either.
Json event_or_outline_schema();

/// An event of a page, with the detail that its reader may see.
struct EventView {
  Event event;
  EventDetail detail;
};
/// A page of a list: `rows` as http::page_json takes them.
Json event_page(const http::Page& page, std::vector<Event> rows, const Caller& reader);

}  // namespace nexus::domain
