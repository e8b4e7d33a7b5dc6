#include "daemon/http/metrics.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <array>
#include <map>
#include <mutex>
#include <unordered_map>

#include "daemon/base/metrics_page.hpp"
#include "daemon/gates/chain.hpp"
#include "daemon/http/route.hpp"

namespace nexus::http {
namespace {

using prometheus::Counter;
using prometheus::Histogram;

}  // namespace

struct Metrics::Families {
  prometheus::Registry registry;
  prometheus::Family<Counter>& requests = prometheus::BuildCounter()
                                              .Name("nexus_http_requests_total")
                                              .Help("Answered requests by route and class of status")
                                              .Register(registry);
  prometheus::Family<Counter>& refusals = prometheus::BuildCounter()
                                              .Name("nexus_refusals_total")
                                              .Help("Refused requests by problem code")
                                              .Register(registry);
  prometheus::Family<Histogram>& durations = prometheus::BuildHistogram()
                                                 .Name("nexus_http_request_seconds")
                                                 .Help("Time from the parsed head to the answer, by route")
                                                 .Register(registry);
  prometheus::Family<Counter>& decisions = prometheus::BuildCounter()
                                               .Name("nexus_gate_decisions_total")
                                               .Help("Answered requests by gate and by what it said")
                                               .Register(registry);
  Counter& dropped_events = prometheus::BuildCounter()
                                .Name("nexus_read_events_dropped_total")
                                .Help("Events of reads that were dropped: the queue was full, or the store failed")
                                .Register(registry)
                                .Add({});
  prometheus::Family<prometheus::Gauge>& gauges =
      prometheus::BuildGauge().Name("nexus_connections_open").Help("Open connections").Register(registry);
  prometheus::Gauge& connections = gauges.Add({});
  prometheus::Family<prometheus::Gauge>& held =
      prometheus::BuildGauge()
          .Name("nexus_http_held_bytes")
          .Help("Memory of bodies that are not answered yet, and of answers that are not read yet")
          .Register(registry);
  prometheus::Gauge& held_bodies = held.Add({{"kind", "bodies"}});
  prometheus::Gauge& held_answers = held.Add({{"kind", "answers"}});

  /// What is counted of a route: the answers by class of status, and their times. They are kept, since a look-up by
  /// label costs a hash and a lock.
  struct OfRoute {
    std::array<Counter*, 6> answers{};
    Histogram* seconds = nullptr;
  };
  std::mutex mutex;
  std::unordered_map<const Route*, OfRoute> routes;
  std::map<std::pair<std::string_view, gates::Verdict>, Counter*> verdicts;  // complete from the beginning

  /// What could be said is 0 until it is said: the first block is an increase.
  Families() {
    using enum gates::Verdict;
    for (const auto gate : gates::gates_of(gates::Policy::full))
      for (const auto verdict : {pass, block, not_configured, skipped, overridden})
        verdicts[{gate, verdict}] =
            &decisions.Add({{"gate", std::string(gate)}, {"verdict", std::string(to_string(verdict))}});
  }

  static Histogram::BucketBoundaries buckets() {
    return {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5};
  }

  std::pair<Counter&, Histogram&> of(const Route* route, int status) {
    // An unknown method (501) counts as the sender's fault, so that it raises no alarm about the daemon.
    const auto klass = static_cast<std::size_t>(status == 501 ? 4 : std::clamp(status / 100, 0, 5));
    const std::lock_guard lock(mutex);
    OfRoute& counted = routes[route];
    Counter*& answers = counted.answers[klass];
    const std::string method = answers == nullptr && route != nullptr ? route->method : "";
    const std::string path = answers == nullptr ? (route == nullptr ? "none" : route->path) : "";
    if (answers == nullptr)
      answers = &requests.Add({{"method", method}, {"route", path}, {"status", std::to_string(klass) + "xx"}});
    const bool writes = route != nullptr && is_mutation(*route);
    if (counted.seconds == nullptr)
      counted.seconds =
          &durations.Add({{"kind", writes ? "write" : "read"}, {"method", method}, {"route", path}}, buckets());
    return {*answers, *counted.seconds};
  }
};

Metrics::Metrics() : families_(std::make_unique<Families>()) {}
Metrics::~Metrics() = default;

void Metrics::count(const Route* route, int status, std::chrono::steady_clock::duration took) {
  const auto [answers, seconds] = families_->of(route, status);
  answers.Increment();
  seconds.Observe(std::chrono::duration<double>(took).count());
}

void Metrics::count_refusal(std::string_view code) {
  families_->refusals.Add({{"code", std::string(code)}}).Increment();
}

void Metrics::count_gate(std::string_view gate, gates::Verdict verdict) {
  const auto found = families_->verdicts.find({gate, verdict});
  if (found != families_->verdicts.end()) found->second->Increment();
}

void Metrics::count_dropped_events(std::size_t count) {
  families_->dropped_events.Increment(static_cast<double>(count));
}

void Metrics::set_connections(double open) { families_->connections.Set(open); }

void Metrics::set_held_bytes(double bodies, double answers) {
  families_->held_bodies.Set(bodies);
  families_->held_answers.Set(answers);
}

std::string Metrics::text(const store::WriterStats& writer) {
  const auto of = [](std::uint64_t value) { return static_cast<double>(value); };
  MetricsPage page;
  page.counter("nexus_writer_units_total", "Units of work committed by the writer").sample(of(writer.applied));
  page.counter("nexus_writer_batches_total", "Group commits").sample(of(writer.batches));
  page.counter("nexus_writer_round_trips_total",
               "Round trips to the database's server for group commits; 0 with a file")
      .sample(of(writer.round_trips));
  page.counter("nexus_writer_not_applied_total", "Units that the store could not apply").sample(of(writer.not_applied));
  page.counter("nexus_writer_refused_total", "Units that undid themselves: what they found refuses the request")
      .sample(of(writer.refused));
  page.gauge("nexus_writer_queue_units", "Units that wait for the writer").sample(of(writer.queue_units));
  page.mean("nexus_writer_group_units", "Units of a group that shares one commit",
            of(writer.applied + writer.refused + writer.not_applied + writer.unknown), writer.batches);
  page.mean("nexus_writer_commit_seconds", "Time of a group's commit, its sync included",
            of(writer.commit_micros) / 1e6, writer.batches);
  page.gauge("nexus_writer_stopped", "1 once the writer has stopped for good: nexusd ends").sample(writer.fatal);
  return prometheus::TextSerializer().Serialize(families_->registry.Collect()) + page.text();
}

}  // namespace nexus::http
