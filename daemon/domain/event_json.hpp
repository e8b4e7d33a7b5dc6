// Activity events as clients see them, in the list of events, in a run and on the live rails.
//
// An event tells what somebody wrote, into things that may be his alone: a maybe, a turn of memory, a search. So
// whoever renders one says for whom, and there is one function that renders.
#pragma once
#include <vector>

#include "daemon/base/json.hpp"
#include "daemon/domain/event.hpp"
#include "daemon/guard/caller.hpp"
#include "daemon/http/page.hpp"

namespace nexus::domain {

/// How much of an event is shown: all of it (what was personal is masked already), or that it happened.
enum class EventDetail { outline, whole };
/// Admins see all of every event, and everybody all of his own.
EventDetail detail_for(const Caller& reader, const Event& event);

Json event_json(const Event& event, EventDetail detail);
/// Of events that may be either.
Json event_or_outline_schema();

/// An event of a page, with what its reader may see of it.
struct EventView {
  Event event;
  EventDetail detail;
};
/// A page of a list: `rows` as http::page_json takes them.
Json event_page(const http::Page& page, std::vector<Event> rows, const Caller& reader);

}  // namespace nexus::domain
