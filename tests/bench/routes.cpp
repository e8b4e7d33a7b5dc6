#include "tests/bench/routes.hpp"

#include <atomic>
#include <mutex>
#include <stdexcept>
#include <thread>

#include "daemon/base/json.hpp"

namespace nexus::bench {
namespace {

constexpr std::string_view kBoundary = "nexus-bench-boundary";

std::string fields_of(const test::DaemonProcess& daemon) {
  return "Authorization: Bearer " + daemon.token() +
         "\r\nX-Tenant-Id: t_dev\r\nX-Env: dev\r\nContent-Type: application/json\r\n";
}

std::string presign_request(const test::DaemonProcess& daemon) {
  return request_text("POST", "/nexus/raw/presign-upload", fields_of(daemon),
                      R"({"filename":"bench.txt","content_type":"text/plain","max_bytes":1048576})");
}

std::string upload_request(const Json& grant) {
  const auto url = grant["url"].get<std::string>();
  std::string body;
  for (const auto& [name, value] : grant["fields"].items())
    body.append("--")
        .append(kBoundary)
        .append("\r\nContent-Disposition: form-data; name=\"")
        .append(name)
        .append("\"\r\n\r\n")
        .append(value.get<std::string>())
        .append("\r\n");
  body.append("--").append(kBoundary).append(
      "\r\nContent-Disposition: form-data; name=\"file\"; filename=\"bench.txt\"\r\nContent-Type: text/plain\r\n\r\n");
  body.append(1024, 'x').append("\r\n--").append(kBoundary).append("--\r\n");
  return request_text("POST", url.substr(url.find('/', url.find("://") + 3)),
                      "Content-Type: multipart/form-data; boundary=" + std::string(kBoundary) + "\r\n", body);
}

std::string register_request(const test::DaemonProcess& daemon, const std::string& asset_id) {
  return request_text("POST", "/nexus/raw/register", fields_of(daemon),
                      to_text({{"asset_id", asset_id}, {"filename", "bench.txt"}, {"size_bytes", 1024}}));
}

Load load_of(const test::DaemonProcess& daemon, std::chrono::milliseconds duration) {
  Load load;
  load.port = daemon.port();
  load.duration = duration;
  return load;
}

/// Sends each of the requests once, over all connections.
Measured send_all(const test::DaemonProcess& daemon, const std::vector<std::string>& requests,
                  std::function<void(int, const Answer&)> answered = {}) {
  Load load = load_of(daemon, std::chrono::minutes(1));
  std::atomic<std::size_t> sent{0};
  load.next = [&](int, std::string& out) {
    const std::size_t index = sent++;
    if (index >= requests.size()) return false;
    out = requests[index];
    return true;
  };
  load.answered = std::move(answered);
  return drive(load);
}

}  // namespace

Measured load_presign(const test::DaemonProcess& daemon, std::chrono::milliseconds duration) {
  Load load = load_of(daemon, duration);
  load.next = always(presign_request(daemon));
  return drive(load);
}

KeyedRead make_keyed_read(const test::DaemonProcess& daemon) {
  std::string asset_id;
  send_all(daemon, {presign_request(daemon)}, [&](int, const Answer& answer) {
    if (answer.status != 200) throw std::runtime_error("the daemon refused a presign: " + std::string(answer.body));
    asset_id = parse_json(answer.body)["asset_id"].get<std::string>();
  });
  KeyedRead read{request_text("GET", "/nexus/raw/" + asset_id, fields_of(daemon)), {}};
  send_all(daemon, {read.request}, [&](int, const Answer& answer) { read.body = answer.body; });
  return read;
}

Mixed load_mixed(const test::DaemonProcess& daemon, const KeyedRead& read, double writes_per_second,
                 std::chrono::milliseconds duration) {
  Load reads = load_of(daemon, duration);
  reads.next = always(read.request);
  Load writes = load_of(daemon, duration);
  writes.next = always(presign_request(daemon));
  writes.per_second = writes_per_second;
  Mixed mixed;
  std::thread beside([&] { mixed.writes = drive(writes); });
  mixed.reads = drive(reads);
  beside.join();
  return mixed;
}

Prepared load_register(const test::DaemonProcess& daemon, int count) {
  std::vector<std::string> presigns(static_cast<std::size_t>(count), presign_request(daemon));
  std::vector<std::string> uploads, registers;
  std::mutex mutex;
  Prepared prepared;
  prepared.presigns = send_all(daemon, presigns, [&](int, const Answer& answer) {
    const Json grant = parse_json(answer.body);
    const std::lock_guard lock(mutex);
    uploads.push_back(upload_request(grant));
    registers.push_back(register_request(daemon, grant["asset_id"].get<std::string>()));
  });
  prepared.uploads = send_all(daemon, uploads);
  prepared.registers = send_all(daemon, registers);
  return prepared;
}

}  // namespace nexus::bench
