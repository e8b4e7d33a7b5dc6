// Requests on a kill-switch document as values, and their results: plain functions over documents.
//
// A document is a set of entries. PUT replaces the fields that it sends. A list replaces the entries of its kind; an
// entry that exists already keeps its reason and end. `entries` replaces all of them. The document's own reason and end
// apply to entries without their own. PATCH adds and lifts entries and touches no other. Blocking what is blocked
// already can only extend the block.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "daemon/http/route.hpp"
#include "store/gates.hpp"

namespace nexus::kill_switches {

using SwitchKind = store::SwitchEntry::Kind;

/// An entry as a request names it.
struct WishedEntry {
  SwitchKind kind = SwitchKind::action;
  std::string name;
  std::optional<std::string> reason = {};
  bool end_sent = false;  // null then means: until it is lifted
  std::optional<Micros> expires_at = {};
};

struct SwitchChange {
  std::map<SwitchKind, std::vector<std::string>> lists = {};  // all of a kind
  std::optional<std::vector<WishedEntry>> entries = {};       // all of them
  std::vector<WishedEntry> block = {}, allow = {};
  std::optional<std::string> reason = {};
  std::optional<Micros> expires_at = {};
  bool reason_sent = false, expires_at_sent = false;  // null clears
};

/// The fields of a PUT, and those of a PATCH.
SwitchChange take_replacement(http::Fields& body);
SwitchChange take_addition(http::Fields& body);

/// Whether `end` is later than `than`. Nothing means no end.
bool ends_later(const std::optional<Micros>& end, const std::optional<Micros>& than);

/// `document` must be as it is in force at `now`; the caller sets the version.
store::KillSwitches changed(store::KillSwitches document, const SwitchChange& change, const std::string& who,
                            Micros now);
bool same_switches(const store::KillSwitches& one, const store::KillSwitches& other);
/// True when nothing that was off is switched on, and no block ends earlier than before.
bool only_tightens(const store::KillSwitches& before, const store::KillSwitches& after);
/// Throws limit.reached when a kind has more entries than one document may hold.
void judge_size(const store::KillSwitches& before, const store::KillSwitches& after);

const store::SwitchEntry* find_entry(const store::KillSwitches& document, SwitchKind kind, std::string_view name);
/// The entries alone, and with the rest of the document.
Json entries_json(const store::KillSwitches& document);
Json document_json(const store::KillSwitches& document);

Json entry_schema(bool answer);
/// An entry without its reason and end, as a lift names it.
Json subject_schema();
Json replacement_schema();
Json addition_schema();

}  // namespace nexus::kill_switches
