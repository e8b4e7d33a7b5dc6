#include "store/postgres/writer.hpp"

#include <algorithm>

#include "daemon/base/insist.hpp"

namespace nexus::store {
namespace {

/// What one of so many lanes may hold.
WriterLimits share_of(WriterLimits limits, std::size_t lanes) {
  limits.queue_units /= lanes;
  limits.queue_units_high /= lanes;
  limits.queue_bytes /= lanes;
  limits.queue_units_tenant = std::min(limits.queue_units_tenant, limits.queue_units);
  limits.queue_units_high_tenant = std::min(limits.queue_units_high_tenant, limits.queue_units_high);
  limits.queue_bytes_tenant = std::min(limits.queue_bytes_tenant, limits.queue_bytes);
  return limits;
}

}  // namespace

PostgresWriter::PostgresWriter(LaneOptions options, std::size_t lanes, Lane::OnCommit ring) : ring_(std::move(ring)) {
  options.limits = share_of(std::move(options.limits), lanes);
  for (std::size_t count = 0; count < lanes; ++count) {
    lanes_.push_back(std::make_unique<Lane>(options, [this](const std::vector<Place>& touched) { tell(touched); }));
    options.watch = nullptr;  // the first one watches for all
  }
}

PostgresWriter::~PostgresWriter() { stop(); }

bool PostgresWriter::submit(Work work) {
  const std::size_t lane = std::hash<std::string>{}(work.realms.payer()) % lanes_.size();
  return lanes_[lane]->push(work);
}

void PostgresWriter::on_commit(Committed listener) {
  const std::lock_guard lock(listener_mutex_);
  committed_ = std::move(listener);
}

void PostgresWriter::tell(const std::vector<Place>& touched) {
  ring_(touched);
  const std::lock_guard lock(listener_mutex_);
  if (committed_) insist([&] { committed_(touched); });
}

void PostgresWriter::stop() {
  for (const auto& lane : lanes_) lane->close();
  for (const auto& lane : lanes_) lane->join();
}

WriterStats PostgresWriter::stats() const {
  WriterStats sum;
  for (const auto& lane : lanes_) {
    const WriterStats stats = lane->stats();
    sum.batches += stats.batches;
    sum.applied += stats.applied;
    sum.refused += stats.refused;
    sum.not_applied += stats.not_applied;
    sum.unknown += stats.unknown;
    sum.round_trips += stats.round_trips;
    sum.queue_units += stats.queue_units;
    sum.commit_micros += stats.commit_micros;
  }
  return sum;
}

std::string PostgresWriter::not_ready() const {
  const bool connected = std::ranges::all_of(lanes_, [](const auto& lane) { return lane->is_connected(); });
  return connected ? "" : "the database's server cannot be reached to write";
}

bool PostgresWriter::is_own_thread() const {
  return std::ranges::any_of(lanes_, [](const auto& lane) { return lane->is_own_thread(); });
}

}  // namespace nexus::store
