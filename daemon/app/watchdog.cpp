#include "daemon/app/watchdog.hpp"

#include "daemon/base/thread.hpp"
#include "daemon/http/net/server.hpp"
#include "daemon/log.hpp"
#include "store/database.hpp"

namespace nexus::app {

Pulse::Pulse(std::vector<Part> parts) {
  for (Part& part : parts) asked_.push_back({std::move(part), true, {}});
}

std::string Pulse::silent_parts() {
  std::string silent;
  for (Asked& each : asked_) {
    const bool is_open = !each.open.expired();
    if (is_open || !each.taken) silent.append(silent.empty() ? "" : ",").append(each.part.name);
    if (is_open) continue;
    Question question = std::make_shared<const char>();
    each.open = question;
    each.taken = each.part.ask(std::move(question));
  }
  return silent;
}

Watchdog::Watchdog(std::chrono::microseconds limit, std::vector<Pulse::Part> parts, std::function<void()> alive)
    : pulse_(std::move(parts)), alive_(std::move(alive)), thread_([this, period = limit / 4] { run(period); }) {}

Watchdog::~Watchdog() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void Watchdog::run(std::chrono::microseconds period) {
  name_thread("watchdog");
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    lock.unlock();
    beat();
    lock.lock();
    wake_.wait_for(lock, period, [this] { return stopping_; });
  }
}

void Watchdog::beat() {
  try {
    const std::string silent = pulse_.silent_parts();
    if (silent.empty()) return alive_();
    log::warn("a part of nexusd did not answer in time; the service manager is not told that it lives",
              {{"part", silent}});
  } catch (const std::exception& error) {
    log::error("the watchdog could not ask", {{"cause", error.what()}});
  }
}

std::vector<Pulse::Part> watched_parts(http::net::Server& server, store::Database* file) {
  std::vector<Pulse::Part> parts{{"sockets", [&server](Pulse::Question question) {
                                    server.run_soon([held = std::move(question)] {});
                                    return true;
                                  }}};
  if (file == nullptr) return parts;
  parts.push_back({"writer", [file](Pulse::Question question) {
                     return file->writer().submit([](store::Tx&) {},
                                                  [held = std::move(question)](const store::Result&) {},
                                                  store::Priority::high);
                   }});
  return parts;
}

}  // namespace nexus::app
