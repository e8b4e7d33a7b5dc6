#include "daemon/audit/verify_pipeline.hpp"

#include <algorithm>

namespace nexus::audit {
namespace {

constexpr std::size_t kBatchItems = 512;  // about a millisecond of work: a thread is started for each

}  // namespace

RowView VerifyPipeline::Item::view() const {
  return {seq, body, has_details ? std::optional<std::string_view>(details) : std::nullopt, prev_hash, hash};
}

void VerifyPipeline::row(const RowView& row, const RowColumns* columns) {
  next_ = std::max(next_, row.seq + 1);
  Item& item = next_item();
  item.is_note = false;
  item.seq = row.seq;
  item.body = row.body;
  item.has_details = row.details.has_value();
  item.details = row.details.value_or("");
  item.prev_hash = row.prev_hash;
  item.hash = row.hash;
  item.has_columns = columns != nullptr;
  if (columns == nullptr) return;
  item.at = columns->at;
  item.action = columns->action;
  item.actor = columns->actor;
  item.result = columns->result;
  item.trace_id = columns->trace_id;
}

void VerifyPipeline::note(std::string_view note) {
  Item& item = next_item();
  item.is_note = true;
  item.body = note;
}

VerifyPipeline::Item& VerifyPipeline::next_item() {
  if (filling_.count == kBatchItems) submit();
  if (filling_.count == filling_.items.size()) filling_.items.emplace_back();
  return filling_.items[filling_.count++];
}

/// Judges the examined batch while the thread examines the next one.
void VerifyPipeline::submit() {
  if (under_way_.valid()) {
    under_way_.get();
    std::swap(examined_, examining_);
  }
  std::swap(examining_, filling_);
  filling_.count = 0;
  under_way_ = std::async(std::launch::async, [&batch = examining_] {
    Hasher hasher;
    for (std::size_t i = 0; i < batch.count; ++i) {
      Item& item = batch.items[i];
      if (!item.is_note) item.facts = examine(hasher, item.view());
    }
  });
  judge(examined_);
}

void VerifyPipeline::drain() {
  while (filling_.count > 0 || under_way_.valid()) {
    if (filling_.count > 0) {
      submit();
      continue;
    }
    under_way_.get();
    judge(examining_);
  }
}

void VerifyPipeline::judge(Batch& batch) {
  for (std::size_t i = 0; i < batch.count; ++i) {
    const Item& item = batch.items[i];
    if (item.is_note) {
      verifier_.note(item.body);
    } else {
      const RowColumns columns{item.at, item.action, item.actor, item.result, item.trace_id};
      verifier_.row(item.view(), item.facts, item.has_columns ? &columns : nullptr);
    }
  }
  batch.count = 0;
}

}  // namespace nexus::audit
