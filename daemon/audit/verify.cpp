#include "daemon/audit/verify.hpp"

#include <algorithm>
#include <charconv>

#include "daemon/base/bytes.hpp"
#include "daemon/base/text.hpp"

namespace nexus::audit {
namespace {

constexpr std::size_t kFindingsKept = 100;
constexpr std::size_t kBatchItems = 512;  // about a millisecond of work: a thread is started for each

constexpr std::array<std::string_view, 12> kNames = {
    "gap",       "reorder", "bad_prev",      "bad_hash",   "bad_details",  "not_canonical", "unexplained_erasure",
    "truncated", "fork",    "bad_signature", "clock_back", "trailing_data"};

/// Fixed width, so that later times are larger texts.
bool is_time(std::string_view text) {
  static constexpr std::string_view shape = "0000-00-00T00:00:00.000Z";
  if (text.size() != shape.size()) return false;
  for (std::size_t i = 0; i < shape.size(); ++i)
    if (shape[i] == '0' ? text[i] < '0' || text[i] > '9' : text[i] != shape[i]) return false;
  return true;
}

bool columns_agree(const store::AuditRow& row, const BodyFacts& body) {
  return to_rfc3339(row.at) == body.at && row.action == body.action && row.actor == body.actor_id &&
         row.result == body.result && row.trace_id == body.trace_id;
}

Json restores_json(const std::vector<Restore>& restores) {
  Json list = Json::array();
  for (const auto& restore : restores)
    list.push_back({{"row", restore.row},
                    {"backup_id", restore.backup_id},
                    {"restored_at", restore.restored_at},
                    {"made_at", restore.made_at.empty() ? Json() : Json(restore.made_at)}});
  return list;
}

}  // namespace

std::string_view to_string(Fault fault) { return kNames[static_cast<std::size_t>(fault)]; }

Json report_json(const Verifier::Chain& chain, const Report& report) {
  Json signers = Json::array();
  for (const auto& signer : report.signers)
    signers.push_back({{"key", signer.key.text()}, {"rows", signer.rows}, {"replaces_lost", signer.replaces_lost}});
  return {{"ok", report.ok()},
          {"tenant_id", chain.tenant},
          {"env", chain.env},
          {"rows", report.rows},
          {"head", report.head},
          {"checkpoints", report.notes},
          {"checkpointed_rows", report.signed_rows},
          {"findings_total", report.findings_total},
          {"restores", restores_json(report.restores)},
          {"signers", std::move(signers)}};
}

std::string origin_of(std::string_view instance_id, Realm realm) {
  return "nexusd/" + std::string(instance_id) + "/" + std::string(realm.tenant) + "/" + std::string(realm.env);
}

std::optional<Verifier::Chain> chain_of(std::string_view origin) {
  constexpr std::string_view prefix = "nexusd/";
  if (!origin.starts_with(prefix)) return std::nullopt;
  const auto parts = split(origin.substr(prefix.size()), '/');
  if (parts.size() == 1) return Verifier::Chain{std::string(parts[0]), "", ""};
  if (parts.size() != 3 || parts[1].empty() || parts[2].empty()) return std::nullopt;
  return Verifier::Chain{std::string(parts[0]), std::string(parts[1]), std::string(parts[2])};
}

Verifier::Verifier(Chain chain, Keys keys)
    : chain_(std::move(chain)),
      origin_(origin_of(chain_.instance_id, chain_.realm())),
      signers_(std::move(keys)),
      head_(genesis_hash(chain_.instance_id, chain_.realm())) {}

void Verifier::found(Fault fault, std::int64_t seq) {
  ++report_.findings_total;
  if (report_.findings.size() < kFindingsKept) report_.findings.push_back({fault, seq});
}

void Verifier::keep(std::string_view note) {
  const auto checkpoint = parse_note(note);
  if (!checkpoint) return found(Fault::bad_signature, 0);
  const std::int64_t size = checkpoint->size;
  const auto of = chain_of(checkpoint->origin);
  if (!of || of->instance_id != chain_.instance_id) return found(Fault::fork, size);
  if (checkpoint->origin != origin_) return found(Fault::truncated, size);
  // A succession may still introduce the key. Then it suffices that the log contains this very note.
  const bool ours = !signers_.judged() || signers_.is_signed_by_known(note);
  kept_notes_[hasher_.of({note})] = {size, ours};
  if (ours) expect(size, {.root = checkpoint->root, .kept = true});
}

void Verifier::range(std::int64_t size, std::vector<Digest> nodes) {
  expect(size, {.root = std::nullopt, .nodes = std::move(nodes)});
}

RowFacts examine(Hasher& hasher, const store::AuditRow& row) {
  RowFacts facts{read_body(row.body), hasher.of({row.body}), {}};
  if (row.details) facts.details_digest = hasher.of({*row.details});
  return facts;
}

void Verifier::row(const store::AuditRow& row, Source source, const RowFacts& facts) {
  ++report_.rows;
  if (row.seq < next_) return found(Fault::reorder, row.seq);
  judge_place(row);
  const auto& body = facts.body;
  const bool here = body && body->tenant == chain_.tenant && body->env == chain_.env && body->seq == row.seq &&
                    is_time(body->at) && (source == Source::exported || columns_agree(row, *body));
  if (!here) found(Fault::not_canonical, row.seq);
  Digest digest = row_hash(hasher_, chain_.realm(), row.seq, row.prev_hash, facts.body_digest, scratch_);
  if (scratch_ != row.hash) {
    found(Fault::bad_hash, row.seq);
    digest = digest_of(unhex(row.hash)).value_or(Digest{});
  }
  if (body) {
    judge_details(row, facts);
    judge_erasure(row, *body);
    judge_replacement(row, *body);
    note_restore(row, *body);
    if (body->at < at_) found(Fault::clock_back, row.seq);
    at_ = body->at;
  }
  head_ = row.hash;
  next_ = row.seq + 1;
  tree_.append(hasher_, as_text(digest));
  meet_all_due();
}

void Verifier::judge_place(const store::AuditRow& row) {
  if (row.seq > next_) {
    found(Fault::gap, next_);
    dense_ = false;
  } else if (row.prev_hash != head_) {
    found(Fault::bad_prev, row.seq);
  }
  const auto [first, last] = receipts_.equal_range(row.seq);
  if (first == last) return;
  if (std::all_of(first, last, [&](const auto& receipt) { return receipt.second == row.hash; }))
    report_.kept_rows = std::max(report_.kept_rows, row.seq);
  else
    found(Fault::fork, row.seq);
  receipts_.erase(first, last);
}

void Verifier::judge_details(const store::AuditRow& row, const RowFacts& facts) {
  if (!row.details) {
    erased_.emplace(row.seq, true);
    return;
  }
  write_hex(facts.details_digest, scratch_);
  if (scratch_ != facts.body->details_sha256) found(Fault::bad_details, row.seq);
}

/// An erasure names its row in the subject, which is sealed and cannot itself be erased.
void Verifier::judge_erasure(const store::AuditRow& row, const BodyFacts& body) {
  if (body.action != "audit_erase" || body.result != "PASS" || body.subject_type != "audit_row") return;
  std::int64_t seq = 0;
  const char* end = body.subject_id.data() + body.subject_id.size();
  const auto [stop, error] = std::from_chars(body.subject_id.data(), end, seq);
  if (error == std::errc() && stop == end && seq < row.seq) erased_.erase(seq);
}

/// The named key is sealed with the row.
void Verifier::judge_replacement(const store::AuditRow& row, const BodyFacts& body) {
  if (body.action != "key_replace" || body.result != "PASS" || body.subject_type != "checkpoint_key") return;
  signers_.replaced(body.subject_id, row.seq);
}

/// Details that are no JSON are a finding elsewhere.
void Verifier::note_restore(const store::AuditRow& row, const BodyFacts& body) {
  if (body.action != "store_restore" || body.result != "PASS" || body.subject_type != "store") return;
  const Json details = Json::parse(row.details.value_or(""), nullptr, false);
  Restore restore{row.seq, std::string(body.subject_id), std::string(body.at), ""};
  if (details.is_object() && details.contains("made_at") && details["made_at"].is_string())
    restore.made_at = details["made_at"].get<std::string>();
  report_.restores.push_back(std::move(restore));
}

void Verifier::note(std::string_view note) {
  const std::int64_t rows = next_ - 1;
  const auto checkpoint = parse_note(note);
  if (!checkpoint) return found(Fault::bad_signature, rows);
  const std::int64_t size = checkpoint->size;
  const bool good = signers_.take(note, *checkpoint);
  if (!good) found(Fault::bad_signature, size);
  if (checkpoint->origin != origin_) found(Fault::fork, size);
  if (checkpoint->prev != last_note_) found(Fault::bad_prev, size);
  if (checkpoint->time < last_note_time_) found(Fault::clock_back, size);
  if (size < last_note_size_ || size < rows) return found(Fault::reorder, size);
  last_note_ = hasher_.of({note});
  last_note_size_ = size;
  last_note_time_ = checkpoint->time;
  const bool kept = kept_notes_.erase(last_note_) > 0;
  if (good) expect(size, {.root = checkpoint->root, .stored = true, .kept = kept});
}

void Verifier::expect(std::int64_t size, Expected expected) {
  if (size == next_ - 1) return meet(size, expected);
  if (size < next_ - 1) return found(Fault::reorder, size);
  expected_.emplace(size, std::move(expected));
}

void Verifier::meet(std::int64_t size, const Expected& expected) {
  if (!dense_) return;  // a gap was found: no root can be right
  const bool same = expected.root ? *expected.root == tree_.root(hasher_) : expected.nodes == tree_.nodes();
  if (!same) return found(Fault::fork, size);
  if (expected.kept) report_.kept_rows = std::max(report_.kept_rows, size);
  if (!expected.stored) return;
  ++report_.notes;
  report_.signed_rows = std::max(report_.signed_rows, size);
}

void Verifier::meet_all_due() {
  while (!expected_.empty() && expected_.begin()->first < next_) {
    const auto due = expected_.extract(expected_.begin());
    if (due.key() == next_ - 1) meet(due.key(), due.mapped());
  }
}

void Verifier::end(std::int64_t rows, std::string_view head) {
  const std::int64_t seen = next_ - 1;
  if (rows > seen)
    found(Fault::truncated, next_);
  else if (rows < seen)
    found(Fault::trailing_data, rows + 1);
  else if (head != head_)
    found(Fault::bad_hash, seen);
}

Report Verifier::finish() {
  const auto missing = [this](std::int64_t seq) { found(Fault::truncated, seq); };
  if (!expected_.empty()) missing(expected_.rbegin()->first);
  if (!receipts_.empty() && receipts_.rbegin()->first >= next_) missing(receipts_.rbegin()->first);
  for (const auto& [digest, note] : kept_notes_) {
    if (!note.ours)
      found(Fault::bad_signature, note.size);
    else if (note.size < next_)
      missing(note.size);
  }
  signers_.finish([this](std::int64_t size) { found(Fault::bad_signature, size); });
  for (const auto& [seq, open] : erased_) found(Fault::unexplained_erasure, seq);
  report_.head = head_;
  report_.signers = signers_.all();
  report_.unknown_rows = signers_.unknown_rows();
  report_.replacements = signers_.replacements();
  return report_;
}

void VerifyPipeline::row(store::AuditRow row, Source source) {
  next_ = std::max(next_, row.seq + 1);
  Item& item = next_item();
  item.source = source;
  item.row = std::move(row);
}

void VerifyPipeline::note(std::string_view note) { next_item().note = note; }

VerifyPipeline::Item& VerifyPipeline::next_item() {
  if (filling_.size() == kBatchItems) submit();
  return filling_.emplace_back();
}

/// Judges the examined batch while the thread examines the next one.
void VerifyPipeline::submit() {
  if (under_way_.valid()) {
    under_way_.get();
    std::swap(examined_, examining_);
  }
  std::swap(examining_, filling_);
  under_way_ = std::async(std::launch::async, [&batch = examining_] {
    Hasher hasher;
    for (Item& item : batch)
      if (!item.note) item.facts = examine(hasher, item.row);
  });
  judge(examined_);
}

void VerifyPipeline::drain() {
  while (!filling_.empty() || under_way_.valid()) {
    if (!filling_.empty()) {
      submit();
      continue;
    }
    under_way_.get();
    judge(examining_);
  }
}

void VerifyPipeline::judge(Batch& batch) {
  for (const Item& item : batch) {
    if (item.note)
      verifier_.note(*item.note);
    else
      verifier_.row(item.row, item.source, item.facts);
  }
  batch.clear();
}

}  // namespace nexus::audit
