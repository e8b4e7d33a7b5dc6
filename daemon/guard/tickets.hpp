// Tickets let a browser open a stream, because EventSource and WebSocket send no header of the page's choice. A caller
// who passed the guard makes a ticket. For 30 seconds and once, on one stream path, it replaces that caller's token,
// tenant and env. Token and membership are judged again when it is used.
//
// Tickets are kept in the store, so that it does not matter which daemon made one, nor whether it was restarted since.
// They are kept by digest: neither the store nor the time of a look-up reveals a ticket. Their number is bounded, per
// user and in all; where units of several realms run at once, by nearly so many.
//
// A request finds its ticket in the snapshot in which it is judged: strangers who guess cost the writer nothing. Then a
// unit of the writer uses the ticket up, before anything is told or opened (http::Admission::use_ticket).
//
// Threads: those of the Reader or Tx; the rest any.
#pragma once
#include <string>
#include <string_view>

#include "daemon/guard/caller.hpp"
#include "store/query.hpp"

namespace nexus::tickets {

/// Made before the unit that keeps it.
struct Fresh {
  std::string text;    // the secret, shown once
  std::string digest;  // of it
  std::string id;      // its name in the audit log
  std::string path;
};

/// Draws a ticket for the raw path of a stream. It is none before keep().
Fresh draw(std::string path);
/// Keeps the ticket for `caller`. Returns when it ends. Throws Problem while the user, or all users together, hold too
/// many unused ones.
Micros keep(store::Tx& tx, const Caller& caller, const Fresh& ticket, Micros now);

/// A ticket that is good and not used up yet.
struct Found {
  std::string digest;
  Caller maker;  // whose identity, tenant, env and reason it stands for
};

/// Throws Problem auth.invalid_ticket when it is malformed, unknown, used, expired or of another path; one of another
/// path stays good for its own.
Found find(const store::Reader& reader, std::string_view text, std::string_view path, Micros now);
/// Uses the ticket up. Throws Problem auth.invalid_ticket when somebody else did.
void use_up(store::Tx& tx, std::string_view digest);

}  // namespace nexus::tickets
