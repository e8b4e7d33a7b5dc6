#include "daemon/budget/usage.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "daemon/base/money.hpp"
#include "daemon/budget/problems.hpp"
#include "daemon/domain/made_by.hpp"
#include "daemon/domain/measures.hpp"
#include "daemon/guard/problems.hpp"
#include "daemon/http/rows.hpp"
#include "daemon/model/problems.hpp"
#include "store/audit_log.hpp"
#include "store/budget.hpp"

namespace nexus::budget {
namespace {

using http::Applied;
using http::Fields;
using http::Input;

/// What the request says of an event, and the row does not.
struct Sent {
  std::string pointer;  // of the element in the body
  bool id = false, time = false;
};

/// The events of one request, with all that can be made of them before they are written.
struct Batch {
  std::vector<UsageEvent> events;
  std::vector<Sent> sent;                    // of each event
  std::vector<store::MetricSample> numbers;  // of their metadata, at the events' times
  std::vector<std::size_t> numbers_end;      // of each event: where those of the next one begin
  store::UsageRollups rollups;               // if all are new
  std::string ids;                           // that were sent, as a JSON array
  domain::Money largest;                     // of the costs
  bool is_array = false;
};
using BatchPtr = std::shared_ptr<Batch>;

// ---- parse --------------------------------------------------------------------------------------------------------

/// Each number of the metadata is a metric.
std::vector<store::MetricSample> numbers_of(const UsageEvent& event) {
  std::vector<store::MetricSample> numbers;
  const Json metadata = parse_own_json(event.metadata);
  for (const auto& [name, value] : metadata.items())
    if (value.is_number()) numbers.push_back({event.surface, name, value.get<double>(), event.occurred_at});
  return numbers;
}

void take_numbers(Fields& fields, Batch& batch, const UsageEvent& event) {
  const auto numbers = numbers_of(event);
  const bool named = std::ranges::all_of(
      numbers, [](const auto& number) { return !number.metric.empty() && number.metric.size() <= 128; });
  if (!named || numbers.size() > limits::usage_numbers_max)
    fields.fault("metadata", "may hold at most " + std::to_string(limits::usage_numbers_max) +
                                 " numbers, under names of 1 to 128 bytes");
  else
    batch.numbers.insert(batch.numbers.end(), numbers.begin(), numbers.end());
  batch.numbers_end.push_back(batch.numbers.size());
}

void take_usage(Fields& fields, const Caller& caller, std::string pointer, Batch& batch) {
  UsageEvent event = domain::made_by(caller, model::take_new(kUsage, fields).value);
  const Sent sent{std::move(pointer), !event.usage_id.empty(), event.occurred_at != model::kNoTime};
  if (!sent.id) event.usage_id = new_id(caller.tenant());
  const domain::Money cost = domain::take_money(fields, "cost");
  event.cost_micros = cost.amount_micros;
  event.currency = cost.currency;
  event.occurred_at = domain::take_past(fields, "occurred_at", event.occurred_at, event.created_at);
  if (cost.amount_micros > batch.largest.amount_micros) batch.largest = cost;
  take_numbers(fields, batch, event);
  batch.events.push_back(std::move(event));
  batch.sent.push_back(sent);
}

std::string ids_sent(const Batch& batch) {
  Json ids = Json::array();
  for (std::size_t i = 0; i < batch.events.size(); ++i)
    if (batch.sent[i].id) ids.push_back(batch.events[i].usage_id);
  return ids.empty() ? "" : to_text(ids);
}

/// Every row is work for the writer, however few the events.
void judge_rollups(const Batch& batch) {
  const std::size_t rows = batch.rollups.rows();
  if (rows <= limits::usage_rollup_rows_max) return;
  const std::string detail = "would make " + std::to_string(rows) + " rollup rows, at most " +
                             std::to_string(limits::usage_rollup_rows_max) + ": send it in parts";
  throw Problem(problems::validation_failed, "the batch " + detail).with_errors({{"", detail}});
}

BatchPtr parse_batch(Input& input) {
  auto batch = std::make_shared<Batch>();
  batch->is_array = !input.items.empty();
  for (std::size_t i = 0; i < input.items.size(); ++i)
    take_usage(input.items[i], input.caller, "/" + std::to_string(i), *batch);
  if (!batch->is_array) take_usage(input.body, input.caller, "", *batch);
  batch->ids = ids_sent(*batch);
  batch->rollups = store::usage_rollups(batch->events, batch->numbers);
  judge_rollups(*batch);
  return batch;
}

// ---- what is stored already ---------------------------------------------------------------------------------------

/// What the events of a batch are in the store: those that stand there already, and those that are new.
struct Standing {
  std::map<std::string, UsageEvent, std::less<>> stored;  // of the ids that were sent
  std::vector<const UsageEvent*> all;                     // the event of each element: a stored one, or the batch's
  std::vector<std::size_t> fresh;                         // the elements that are new
  const Sent* conflict = nullptr;                         // an element whose id stands for other values
  const Sent* voided = nullptr;                           // an element whose id stands for a voided event
};
using StandingPtr = std::shared_ptr<const Standing>;

bool is_same_metadata(const std::string& one, const std::string& other) {
  return one == other || parse_own_json(one) == parse_own_json(other);
}

/// Whether an event was sent that describes the stored one: every sent value is equal.
bool is_same(const UsageEvent& stored, const UsageEvent& event, const Sent& sent) {
  const auto told = [](const UsageEvent& row) {
    return std::tie(row.surface, row.tool_type, row.tool_id, row.provider, row.model_or_plan_id, row.tokens_input,
                    row.tokens_output, row.cost_micros, row.currency);
  };
  return (!sent.time || stored.occurred_at == event.occurred_at) && told(stored) == told(event) &&
         is_same_metadata(stored.metadata, event.metadata);
}

/// An id that the daemon has just made is looked up nowhere.
Standing look_up(const store::Reader& reader, Realm realm, const Batch& batch) {
  Standing standing;
  std::map<std::string_view, const UsageEvent*> seen;  // stored, or sent earlier in this batch
  if (!batch.ids.empty())
    for (UsageEvent& event : store::find_usage(reader, realm, batch.ids)) {
      const auto& [id, kept] = *standing.stored.emplace(event.usage_id, std::move(event)).first;
      seen.emplace(id, &kept);
    }
  for (std::size_t i = 0; i < batch.events.size(); ++i) {
    const UsageEvent* event = &batch.events[i];
    const auto known = batch.sent[i].id ? seen.emplace(event->usage_id, event).first->second : event;
    standing.all.push_back(known);
    if (known == event) {
      standing.fresh.push_back(i);
    } else if (known->voided_at) {
      standing.voided = &batch.sent[i];
      break;
    } else if (!is_same(*known, *event, batch.sent[i])) {
      standing.conflict = &batch.sent[i];
      break;
    }
  }
  return standing;
}

// ---- write --------------------------------------------------------------------------------------------------------

/// Everything that is needed to build an answer again.
std::string reference_of(const Batch& batch, const Standing& standing) {
  if (!batch.is_array) return to_text(make_object({{"usage_id", standing.all.front()->usage_id}}));
  Json ids = Json::array();
  for (const UsageEvent* event : standing.all) ids.push_back(event->usage_id);
  return to_text(make_object({{"usage_ids", std::move(ids)}, {"recorded", standing.fresh.size()}}));
}

Json batch_json(const Standing& standing) {
  Json items = Json::array();
  for (const UsageEvent* event : standing.all) items.push_back(usage_json(*event));
  return {{"items", std::move(items)}, {"recorded", standing.fresh.size()}};
}

/// The act concerns one event, or a batch.
std::optional<std::string> subject_of(const Batch& batch, const Standing& standing) {
  if (batch.is_array) return std::nullopt;
  return standing.all.front()->usage_id;
}

/// An event of an answer has at least so many bytes.
constexpr std::size_t kEventBytes = 256;

Applied answer_of(const BatchPtr& made, const StandingPtr& kept) {
  const Batch& batch = *made;
  const Standing& standing = *kept;
  std::int64_t cost = 0;
  for (const std::size_t i : standing.fresh) cost += batch.events[i].cost_micros;  // 1000 of the largest fit an int64
  const UsageEvent& first = *standing.all.front();
  return {.json = {},
          .subject_type = "usage",
          .subject_id = subject_of(batch, standing),
          .details = {{"recorded", standing.fresh.size()},
                      {"sent", standing.all.size()},
                      {"cost_micros", std::to_string(cost)},
                      {"currency", first.currency}},
          .reference = reference_of(batch, standing),
          .text = [made, kept] { return to_text(made->is_array ? batch_json(*kept) : usage_json(*kept->all.front())); },
          .text_bytes = kEventBytes * standing.all.size()};
}

/// Most events are new, which the first one tells.
std::optional<http::Repeat> recorded_before(const store::Reader& reader, const Caller& caller, const Batch& batch) {
  if (!std::ranges::all_of(batch.sent, &Sent::id)) return std::nullopt;
  if (!store::find_row<kUsage>(reader, caller.realm(), batch.events.front().usage_id)) return std::nullopt;
  const Standing standing = look_up(reader, caller.realm(), batch);
  const bool stands = standing.conflict == nullptr && standing.voided == nullptr;
  if (!stands || !standing.fresh.empty()) return std::nullopt;
  return http::Repeat{.audit_seq = standing.all.front()->audit_seq,
                      .subject_type = "usage",
                      .subject_id = subject_of(batch, standing),
                      .reference = reference_of(batch, standing)};
}

/// What was recorded before.
Json render(const store::Reader& reader, const Caller& caller, const std::string& reference) {
  const Json kept = parse_own_json(reference);
  if (kept.contains("usage_id"))
    return usage_json(
        store::find_row<kUsage>(reader, caller.realm(), kept.at("usage_id").get_ref<const std::string&>()).value());
  Json items = Json::array();
  for (const Json& id : kept.at("usage_ids"))
    if (const auto event = store::find_row<kUsage>(reader, caller.realm(), id.get_ref<const std::string&>()))
      items.push_back(usage_json(*event));
  return {{"items", std::move(items)}, {"recorded", kept.at("recorded")}};
}

/// Writes the new ones among events of which some are stored.
void insert_some(store::Tx& tx, const Batch& batch, const std::vector<std::size_t>& fresh) {
  std::vector<UsageEvent> events;
  std::vector<store::MetricSample> numbers;
  for (const std::size_t i : fresh) {
    events.push_back(batch.events[i]);
    const auto from = static_cast<std::ptrdiff_t>(i == 0 ? 0 : batch.numbers_end[i - 1]);
    numbers.insert(numbers.end(), batch.numbers.begin() + from,
                   batch.numbers.begin() + static_cast<std::ptrdiff_t>(batch.numbers_end[i]));
  }
  store::insert_usage(tx, events, store::usage_rollups(events, numbers));
}

/// One mistake of this size would stop a tenant for months.
void judge_size(const Caller& caller, const Batch& batch) {
  if (caller.sees_all() || batch.largest.amount_micros <= limits::usage_by_members_max) return;
  throw Problem(problems::auth_insufficient_role, "an admin records a cost above " +
                                                      amount_text(limits::usage_by_members_max) + " " +
                                                      batch.largest.currency + " in one event");
}

Applied record(store::Tx& tx, const Caller& caller, const BatchPtr& made) {
  Batch& batch = *made;
  judge_size(caller, batch);
  const std::string& currency = batch.events.front().currency;
  for (std::size_t i = 0; i < batch.events.size(); ++i)
    if (i == 0 || batch.events[i].currency != currency)
      keep_currency(tx, caller.realm(), batch.events[i].currency, batch.sent[i].pointer + "/cost/currency");
  const std::int64_t seq = store::next_audit_seq(tx, caller.realm());
  for (UsageEvent& event : batch.events) event.audit_seq = seq;
  const auto standing = std::make_shared<const Standing>(look_up(tx, caller.realm(), batch));
  if (standing->conflict != nullptr)
    throw Problem(problems::budget_usage_conflict,
                  "a usage_id stands for one event: send other values under another id")
        .with_errors({{standing->conflict->pointer + "/usage_id", "was written with other values"}});
  if (standing->voided != nullptr)
    throw Problem(problems::usage_voided, "the id of voided usage stays taken: record it under another id")
        .with_errors({{standing->voided->pointer + "/usage_id", "was voided"}});
  if (standing->fresh.size() == batch.events.size())
    store::insert_usage(tx, batch.events, batch.rollups);
  else
    insert_some(tx, batch, standing->fresh);
  return answer_of(made, standing);
}

}  // namespace

http::Write record_usage(Input& input) {
  http::Write write;
  const BatchPtr batch = parse_batch(input);
  std::set<std::string> providers;
  for (const UsageEvent& event : batch->events)
    if (auto name = normal_name(event.provider, NameForm::any_case)) providers.insert(std::move(*name));
  write.providers.assign(providers.begin(), providers.end());
  write.apply = [batch](store::Tx& tx, const Caller& caller) { return record(tx, caller, batch); };
  write.repeated = [batch](const store::Reader& reader, const Caller& caller) {
    return recorded_before(reader, caller, *batch);
  };
  write.render = render;
  return write;
}

Applied void_usage(store::Tx& tx, const Caller& caller, const domain::Voiding& voiding) {
  domain::judge_voiding(caller);
  UsageEvent event = found(store::find_row<kUsage>(tx, caller.realm(), voiding.id), problems::usage_not_found,
                           "it is shown by nexusctl budget usage");
  if (event.voided_at) throw Problem(problems::usage_voided, "it was voided before");
  event.voided_at = now_micros();
  event.voided_by = caller.user_id;
  event.void_reason = voiding.reason;
  store::void_usage(tx, event, numbers_of(event));
  store::free_currency(tx, caller.realm());
  return {.json = usage_json(event),
          .subject_type = "usage",
          .subject_id = event.usage_id,
          .details = {{"reason", voiding.reason},
                      {"cost_micros", std::to_string(event.cost_micros)},
                      {"currency", event.currency}},
          .status = 200};
}

Json usage_json(const UsageEvent& event) {
  Json json = model::json_of(kUsage, event);
  json["cost"] = domain::money_json(event.cost_micros, event.currency);
  return json;
}

void keep_currency(store::Tx& tx, Realm realm, const std::string& currency, const std::string& pointer) {
  const auto kept = store::find_currency(tx, realm);
  if (kept && *kept != currency)
    throw Problem(problems::budget_currency_mismatch,
                  "costs are kept in " + *kept + " here, the first currency that was written, and not in " + currency +
                      "; it is free again once no usage counts and no budget is left")
        .with_errors({{pointer, "must be " + *kept}});
  if (!kept) store::put_currency(tx, realm, currency);
}

}  // namespace nexus::budget
