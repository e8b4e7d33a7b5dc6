// The rows that the gates read: kill switches, licences and declared levels, strategy locks, opinions, the bounds of a
// temperature, and the marks of all of them. All other statements on these resources are derived
// (store/model_rows.hpp). daemon/gates decides from them. All functions may throw store::Error.
#pragma once
#include <map>

#include "daemon/base/clock.hpp"
#include "daemon/firearms/licence.hpp"
#include "daemon/three_wise/question.hpp"
#include "store/query.hpp"

namespace nexus::store {

// ---- kill switches -------------------------------------------------------------------------------------------------

/// One disabled action, provider, autonomy or user.
struct SwitchEntry {
  enum class Kind { action, provider, autonomy, user };
  Kind kind = Kind::action;
  std::string name = {};                   // in normal form (normal_name); empty for autonomy
  std::optional<std::string> reason = {};  // empty: the document's
  bool ends_with_document = true;
  std::optional<Micros> expires_at = {};  // its own end; empty and not with the document: until it is lifted
  std::string set_by = {};
  Micros since = 0;

  bool is(Kind wanted, std::string_view wanted_name) const { return kind == wanted && name == wanted_name; }
  bool operator==(const SwitchEntry&) const = default;
};
std::string_view to_string(SwitchEntry::Kind kind);
std::optional<SwitchEntry::Kind> parse_switch_kind(std::string_view text);

/// The kill-switch document of one tenant and env. Version 0 is the default, which disables nothing and was never
/// stored.
struct KillSwitches {
  std::vector<SwitchEntry> entries;  // by kind and name
  std::optional<std::string> reason;
  std::optional<Micros> expires_at;
  std::int64_t version = 0;
  Micros updated_at = 0;
  std::string updated_by;
};

/// The document as stored. The caller checks the expiry of its entries.
std::optional<KillSwitches> find_kill_switches(const Reader& reader, Realm realm);
void put_kill_switches(Tx& tx, Realm realm, const KillSwitches& document);

// ---- firearms ------------------------------------------------------------------------------------------------------

/// The levels of kLevels. A licence of a higher level suffices for a lower one.
enum class Level { low, medium, high };
std::optional<Level> parse_level(std::string_view text);
/// An unknown level counts as low.
inline Level level_of(const firearms::Licence& licence) { return parse_level(licence.level).value_or(Level::low); }
std::string_view to_string(Level level);

using firearms::Licence;

/// The licences of one subject that are not revoked. The caller checks their expiry.
std::vector<Licence> list_held_licences(const Reader& reader, Realm realm, std::string_view subject_type,
                                        std::string_view subject_id);

/// The declared level of one action; nothing if the tenant declared none.
std::optional<Level> find_declared_level(const Reader& reader, Realm realm, std::string_view action);
std::map<std::string, Level> list_declared_levels(const Reader& reader, Realm realm);
void put_declared_level(Tx& tx, Realm realm, std::string_view action, Level level, Micros at, std::string_view by);

// ---- strategy locks ------------------------------------------------------------------------------------------------

/// Where and when an approved lock is in force.
struct LockSpan {
  std::string surface;  // empty: every surface
  std::optional<Micros> valid_from;
  std::optional<Micros> valid_until;
};

/// The fields of an approved lock that the gate needs, without the actions.
struct ApprovedLock : LockSpan {
  std::string lock_id;
  std::optional<std::string> three_wise_id;
  bool by_name = false;  // it names the action, whether or not it allows every one
};

/// Approved locks of all surfaces that allow the action and have not ended at `now`. Locks without a question come
/// first, then the oldest. The caller checks the surface, and whether a lock has begun.
std::vector<ApprovedLock> list_approved_locks(const Reader& reader, Realm realm, std::string_view action, Micros now);
/// Of all approved locks that have not ended at `now`, whatever they allow; each span once.
std::vector<LockSpan> list_lock_spans(const Reader& reader, Realm realm, Micros now);
/// The number of approved locks of all surfaces, except `lock_id`, that have not ended at `now`.
int count_other_approved_locks(const Reader& reader, Realm realm, std::string_view lock_id, Micros now);

// ---- three-wise questions ------------------------------------------------------------------------------------------

/// Oldest first.
std::vector<three_wise::Opinion> list_opinions(const Reader& reader, Realm realm, std::string_view question_id);

struct Votes {
  std::int64_t approvals = 0;
  std::int64_t rejections = 0;
  std::int64_t unsure = 0;
};
Votes count_votes(const Reader& reader, Realm realm, std::string_view question_id);

// ---- temperature ---------------------------------------------------------------------------------------------------

/// `kind` is performance_floor, cadence_floor, ceiling or weight.
struct TemperatureBound {
  std::string kind;
  std::string metric;
  double value = 0;
  std::optional<std::string> aggregate;  // of the KPI of that name, if defined
};

/// All bounds and weights of a surface, in order of kind and metric.
std::vector<TemperatureBound> list_bounds(const Reader& reader, Realm realm, std::string_view surface);
/// Replaces all bounds of one kind.
void replace_bounds(Tx& tx, Realm realm, std::string_view surface, std::string_view kind,
                    const std::map<std::string, double>& values);

// ---- marks ---------------------------------------------------------------------------------------------------------

// Every change of what the gates read sets a new random mark in its own transaction. So equal marks mean an equal
// state, on every connection, whatever was rolled back in between. Triggers mark the configuration
// (migrations/0023_housekeeping.sql); code that adds to the rollups marks the measures.

/// Empty members: nothing of this kind was ever written.
struct GateMarks {
  std::optional<std::int64_t> configuration;
  std::optional<std::int64_t> measures;
};

GateMarks find_gate_marks(const Reader& reader, Realm realm);
/// Must be called after every write of rollups.
void mark_measures(Tx& tx, Realm realm);

}  // namespace nexus::store
