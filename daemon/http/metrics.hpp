// What the daemon counts, in Prometheus text. No metric carries a tenant id: not everybody may know which tenant is
// busy. Labels have few values: a route is the pattern of the table, never a path. docs/metrics.md lists the page.
#pragma once
#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "daemon/gates/decision.hpp"
#include "store/writer.hpp"

namespace nexus::http {

struct Route;

class Metrics {
 public:
  Metrics();
  ~Metrics();

  /// Thread-safe. `route` is nullptr when no route matched.
  void count(const Route* route, int status, std::chrono::steady_clock::duration took);
  /// Counts a refusal by its wire code.
  void count_refusal(std::string_view code);
  /// Counts what a gate said of a request that was answered.
  void count_gate(std::string_view gate, gates::Verdict verdict);
  /// Counts events of reads that were not stored.
  void count_dropped_events(std::size_t count);
  void set_connections(double open);
  /// Bytes of bodies and of unread answers that requests hold.
  void set_held_bytes(double bodies, double answers);
  /// The text of GET /metrics, with the writer's current figures.
  std::string text(const store::WriterStats& writer);

 private:
  struct Families;
  std::unique_ptr<Families> families_;
};

}  // namespace nexus::http
