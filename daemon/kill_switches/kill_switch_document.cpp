#include "daemon/kill_switches/kill_switch_document.hpp"

#include <algorithm>

#include "daemon/domain/problems.hpp"
#include "daemon/gates/kill_switch.hpp"
#include "daemon/http/schema.hpp"
#include "daemon/kill_switches/limits.hpp"
#include "daemon/model/field.hpp"

namespace nexus::kill_switches {
namespace {

using http::Fields;
using store::KillSwitches;
using store::SwitchEntry;
namespace schema = http::schema;

/// One kind of entry: its list in PUT and GET, and the rules of its names.
struct KindRules {
  SwitchKind kind;
  const char* list;
  std::size_t count_max;
  std::size_t name_bytes_max;
  NameForm form;
  bool (*fits)(std::string_view name);
  const char* fault;
  Json (*schema)();  // of a name
};

constexpr KindRules kKinds[] = {
    {SwitchKind::action, "disabled_actions", limits::kill_switch_actions_max, 64, NameForm::name,
     model::kActionOrAll.fits, "must hold action names (^[a-z][a-z0-9_]{0,63}$) or \"*\"",
     [] { return schema::pattern(model::kActionOrAll.pattern); }},
    {SwitchKind::provider, "disable_providers", limits::kill_switch_providers_max, 128, NameForm::any_case,
     [](std::string_view) { return true; }, "", [] { return schema::name(128); }},
    {SwitchKind::user, "disabled_users", limits::kill_switch_users_max, 64, NameForm::name,
     [](std::string_view name) { return UserId::parse(name).has_value(); }, "must hold user ids (^u_[a-z0-9_-]{1,62}$)",
     [] { return schema::pattern(schema::kUserId); }},
};

const KindRules* rules_of(SwitchKind kind) {
  const auto found = std::ranges::find(kKinds, kind, &KindRules::kind);
  return found == std::end(kKinds) ? nullptr : found;
}

void refuse_null(Fields& body, std::string_view name) {
  if (body.sent_null(name)) body.fault(name, "must not be null: leave it out to keep it");
}

std::optional<Micros> take_end(Fields& fields) {
  const auto end = fields.optional_time("expires_at");
  if (end && *end <= now_micros()) fields.fault("expires_at", "must lie ahead");
  return end;
}

std::optional<std::string> take_reason(Fields& fields) {
  return fields.optional_text("reason", {.min = 1, .max = 500});
}

/// Reads the subject of an entry. Autonomy has no name.
WishedEntry take_subject(Fields& fields) {
  WishedEntry entry;
  const auto kind = fields.optional_choice("kind", {"action", "provider", "autonomy", "user"});
  fields.require("kind");
  if (!kind) return entry;
  entry.kind = store::parse_switch_kind(*kind).value();
  const KindRules* rules = rules_of(entry.kind);
  if (rules == nullptr) {
    if (fields.sent("name") && !fields.sent_null("name"))
      fields.fault("name", "must be left out: autonomy has no name");
    return entry;
  }
  entry.name = fields.name("name", {.min = 1, .max = rules->name_bytes_max}, rules->form);
  if (!entry.name.empty() && !rules->fits(entry.name)) fields.fault("name", rules->fault);
  return entry;
}

WishedEntry take_entry(Fields& fields) {
  WishedEntry entry = take_subject(fields);
  fields.optional_text("name", {.min = 0, .max = limits::head_bytes_max});  // counts as read for every kind
  entry.reason = take_reason(fields);
  entry.end_sent = fields.sent("expires_at");
  entry.expires_at = take_end(fields);
  fields.finish();
  return entry;
}

std::vector<WishedEntry> take_entries(Fields& body, std::string_view field) {
  std::vector<WishedEntry> entries;
  for (Fields& fields : body.optional_list(field, limits::kill_switch_entries_max))
    entries.push_back(take_entry(fields));
  return entries;
}

void set_end(SwitchEntry& entry, const WishedEntry& wished) {
  entry.ends_with_document = !wished.end_sent;
  entry.expires_at = wished.expires_at;
}

SwitchEntry fresh(const WishedEntry& wished, const std::string& who, Micros now) {
  SwitchEntry entry{.kind = wished.kind, .name = wished.name, .reason = wished.reason, .set_by = who, .since = now};
  set_end(entry, wished);
  return entry;
}

/// Replaces all entries of a kind; an entry that exists already stays unchanged.
void replace_kind(KillSwitches& document, SwitchKind kind, const std::vector<std::string>& names,
                  const std::string& who, Micros now) {
  std::erase_if(document.entries, [&](const SwitchEntry& entry) {
    return entry.kind == kind && std::ranges::find(names, entry.name) == names.end();
  });
  for (const auto& name : names)
    if (find_entry(document, kind, name) == nullptr)
      document.entries.push_back(fresh({.kind = kind, .name = name}, who, now));
}

/// Replaces all entries; an entry that existed already keeps its `since`.
void replace_all(KillSwitches& document, const std::vector<WishedEntry>& wishes, const std::string& who, Micros now) {
  std::vector<SwitchEntry> entries;
  for (const WishedEntry& wished : wishes) {
    SwitchEntry entry = fresh(wished, who, now);
    if (const SwitchEntry* before = find_entry(document, wished.kind, wished.name)) {
      entry.since = before->since;
      SwitchEntry same = entry;
      same.set_by = before->set_by;
      if (same == *before) entry = same;
    }
    entries.push_back(std::move(entry));
  }
  document.entries = std::move(entries);
}

void block(KillSwitches& document, const WishedEntry& wished, const std::string& who, Micros now) {
  const auto entry =
      std::ranges::find_if(document.entries, [&](const auto& each) { return each.is(wished.kind, wished.name); });
  if (entry == document.entries.end()) return document.entries.push_back(fresh(wished, who, now));
  const SwitchEntry before = *entry;
  const auto wanted = wished.end_sent ? wished.expires_at : document.expires_at;
  if (ends_later(wanted, gates::end_of(document, *entry))) set_end(*entry, wished);
  if (wished.reason) entry->reason = wished.reason;
  if (!(*entry == before)) entry->set_by = who;
}

Json names_of(const KillSwitches& document, SwitchKind kind) {
  Json names = Json::array();
  for (const auto& entry : document.entries)
    if (entry.kind == kind) names.push_back(entry.name);
  return names;
}

/// One schema per kind, because each kind has its own rule for names. `name` is the name of the union, `more` are the
/// other properties.
Json schema_by_kind(const std::string& name, const Json& more) {
  Json choices = Json::array();
  const auto add = [&](const char* word, std::string_view kind, Json names) {
    Json one = schema::whole({{"kind", schema::choice({kind})}});
    if (!names.is_null()) one = schema::with(std::move(one), {{"name", std::move(names)}});
    one["properties"].update(more);
    choices.push_back(schema::named(name + word, std::move(one)));
  };
  add("Action", "action", rules_of(SwitchKind::action)->schema());
  add("Provider", "provider", rules_of(SwitchKind::provider)->schema());
  add("User", "user", rules_of(SwitchKind::user)->schema());
  add("Autonomy", "autonomy", nullptr);
  return schema::named(name,
                       {{"oneOf", std::move(choices)}, {"example", {{"kind", "action"}, {"name", "raw_register"}}}});
}

}  // namespace

SwitchChange take_replacement(Fields& body) {
  SwitchChange change;
  for (const KindRules& rules : kKinds) {
    auto names = body.optional_names(rules.list, rules.count_max, {.min = 1, .max = rules.name_bytes_max}, rules.form);
    refuse_null(body, rules.list);
    if (!names) continue;
    if (!std::ranges::all_of(*names, rules.fits)) body.fault(rules.list, rules.fault);
    change.lists[rules.kind] = std::move(*names);
  }
  if (const auto disable = body.optional_boolean("disable_autonomy"))
    change.lists[SwitchKind::autonomy] = *disable ? std::vector<std::string>{""} : std::vector<std::string>{};
  refuse_null(body, "disable_autonomy");
  if (body.sent("entries")) {
    if (!change.lists.empty()) body.fault("entries", "stands alone, or the lists do");
    refuse_null(body, "entries");
    change.entries = take_entries(body, "entries");
  }
  change.reason_sent = body.sent("reason");
  change.reason = take_reason(body);
  change.expires_at_sent = body.sent("expires_at");
  change.expires_at = take_end(body);
  return change;
}

SwitchChange take_addition(Fields& body) {
  SwitchChange change;
  change.block = take_entries(body, "block");
  for (Fields& fields : body.optional_list("allow", limits::kill_switch_entries_max)) {
    change.allow.push_back(take_subject(fields));
    fields.optional_text("name", {.min = 0, .max = limits::head_bytes_max});
    fields.finish();
  }
  const auto reason = take_reason(body);
  for (auto& entry : change.block)
    if (!entry.reason) entry.reason = reason;
  change.reason = reason;  // of the act, for its audit row
  return change;
}

KillSwitches changed(KillSwitches document, const SwitchChange& change, const std::string& who, Micros now) {
  for (const auto& [kind, names] : change.lists) replace_kind(document, kind, names, who, now);
  if (change.entries) replace_all(document, *change.entries, who, now);
  if (change.reason_sent) document.reason = change.reason;
  if (change.expires_at_sent) document.expires_at = change.expires_at;
  for (const auto& wished : change.block) block(document, wished, who, now);
  for (const auto& wished : change.allow)
    std::erase_if(document.entries, [&](const auto& entry) { return entry.is(wished.kind, wished.name); });
  // The order in which the store returns them.
  const auto place = [](const SwitchEntry& entry) {
    return std::pair(store::to_string(entry.kind), std::string_view(entry.name));
  };
  std::ranges::stable_sort(document.entries, {}, place);
  const auto twice = std::ranges::unique(document.entries, {}, place);
  document.entries.erase(twice.begin(), twice.end());
  return document;
}

bool same_switches(const KillSwitches& one, const KillSwitches& other) {
  return one.entries == other.entries && one.reason == other.reason && one.expires_at == other.expires_at;
}

bool ends_later(const std::optional<Micros>& end, const std::optional<Micros>& than) {
  return than && (!end || *end > *than);
}

bool only_tightens(const KillSwitches& before, const KillSwitches& after) {
  // An end of the document alone stops nothing, and would end what is switched off later.
  const bool plants_an_end = ends_later(before.expires_at, after.expires_at);
  const bool adds = std::ranges::any_of(
      after.entries, [&](const SwitchEntry& entry) { return find_entry(before, entry.kind, entry.name) == nullptr; });
  if (plants_an_end && !adds) return false;
  return std::ranges::all_of(before.entries, [&](const SwitchEntry& entry) {
    const SwitchEntry* kept = find_entry(after, entry.kind, entry.name);
    return kept != nullptr && !ends_later(gates::end_of(before, entry), gates::end_of(after, *kept));
  });
}

void judge_size(const KillSwitches& before, const KillSwitches& after) {
  for (const KindRules& rules : kKinds) {
    const auto held = std::ranges::count(after.entries, rules.kind, &SwitchEntry::kind);
    if (static_cast<std::size_t>(held) <= rules.count_max) continue;
    if (held <= std::ranges::count(before.entries, rules.kind, &SwitchEntry::kind)) continue;
    throw Problem(problems::limit_reached, "a document holds at most " + std::to_string(rules.count_max) + " of " +
                                               rules.list + ": lift some first");
  }
}

const SwitchEntry* find_entry(const KillSwitches& document, SwitchKind kind, std::string_view name) {
  const auto found = std::ranges::find_if(document.entries, [&](const auto& entry) { return entry.is(kind, name); });
  return found == document.entries.end() ? nullptr : &*found;
}

Json entries_json(const KillSwitches& document) {
  Json list = Json::array();
  for (const auto& entry : document.entries)
    list.push_back({{"kind", store::to_string(entry.kind)},
                    {"name", entry.kind == SwitchKind::autonomy ? Json() : Json(entry.name)},
                    {"reason", or_null(entry.reason ? entry.reason : document.reason)},
                    {"expires_at", time_or_null(gates::end_of(document, entry))},
                    {"by", entry.set_by},
                    {"since", to_rfc3339(entry.since)}});
  return list;
}

Json document_json(const KillSwitches& document) {
  Json json = {{"disable_autonomy", find_entry(document, SwitchKind::autonomy, "") != nullptr},
               {"entries", entries_json(document)},
               {"reason", or_null(document.reason)},
               {"expires_at", time_or_null(document.expires_at)},
               {"updated_at", document.updated_at > 0 ? Json(to_rfc3339(document.updated_at)) : Json()},
               {"updated_by", document.updated_by.empty() ? Json() : Json(document.updated_by)}};
  for (const KindRules& rules : kKinds) json[rules.list] = names_of(document, rules.kind);
  return json;
}

Json subject_schema() { return schema_by_kind("KillSwitchSubject", Json::object()); }

Json entry_schema(bool answer) {
  const Json reason = schema::nullable(schema::text_between(1, 500)), end = schema::nullable(schema::time());
  if (!answer) return schema_by_kind("KillSwitchEntryCreate", {{"reason", reason}, {"expires_at", end}});
  return schema::named(
      "KillSwitchEntry",
      schema::object({"kind"}, {{"kind", schema::choice({"action", "provider", "autonomy", "user"})},
                                {"name", schema::described(schema::nullable(schema::name(128)), "null of autonomy")},
                                {"reason", reason},
                                {"expires_at", end},
                                {"by", schema::text()},
                                {"since", schema::time()}}));
}

Json replacement_schema() {
  Json out = schema::object({}, {{"disable_autonomy", schema::boolean()},
                                 {"entries", schema::list(entry_schema(false), limits::kill_switch_entries_max)},
                                 {"reason", schema::nullable(schema::text_between(1, 500))},
                                 {"expires_at", schema::nullable(schema::described(schema::time(), "ahead"))}});
  for (const KindRules& rules : kKinds) out["properties"][rules.list] = schema::list(rules.schema(), rules.count_max);
  out["properties"]["entries"]["description"] = "all of them; stands alone, or the lists do";
  out["example"] = {{"disabled_actions", {"raw_register"}}, {"reason", "an incident"}};
  return schema::named("KillSwitchesSet", std::move(out));
}

Json addition_schema() {
  return schema::named(
      "KillSwitchesUpdate",
      schema::object({}, {{"block", schema::list(entry_schema(false), limits::kill_switch_entries_max)},
                          {"allow", schema::list(subject_schema(), limits::kill_switch_entries_max)},
                          {"reason", schema::nullable(schema::text_between(1, 500))}}));
}

}  // namespace nexus::kill_switches
