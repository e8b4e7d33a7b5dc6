#include "tests/bench/backups.hpp"

#include <sys/wait.h>

#include <atomic>
#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>

#include "daemon/backup/steady_file.hpp"
#include "tests/support/daemon_process.hpp"

namespace nexus::bench {
namespace {

using Clock = std::chrono::steady_clock;
constexpr int kWriters = 16;

test::DaemonOptions steadily_written(const std::filesystem::path& data) {
  test::DaemonOptions options;
  options.data_dir = data;
  options.environment = {{"NEXUSD_LIMITS_DEFAULT_REQUESTS", "1000000000"}};
  return options;
}

/// Runs it and answers what it said. Throws when it fails.
std::string said_by(const std::string& command) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> pipe(::popen(command.c_str(), "re"),
                                                             [](std::FILE* file) { return ::pclose(file); });
  if (!pipe) throw std::runtime_error("cannot run " + command);
  std::string out;
  for (char piece[4096]; const std::size_t got = std::fread(piece, 1, sizeof piece, pipe.get());)
    out.append(piece, got);
  if (out.find("\nok ") == std::string::npos) throw std::runtime_error(command + " said: " + out);
  return out;
}

/// How many audit rows a backup holds, by the line of its proof.
std::uint64_t audit_rows_in(const std::string& said) {
  const std::size_t end = said.find(" audit rows in ");
  if (end == std::string::npos) throw std::runtime_error("no audit rows in: " + said);
  return std::stoull(said.substr(said.rfind(' ', end - 1) + 1));
}

}  // namespace

BackupFigures measure_backups(const std::filesystem::path& directory, double per_second,
                              std::chrono::milliseconds each) {
  const auto kept = directory / "backups";
  std::filesystem::create_directories(kept);
  const test::DaemonProcess daemon(steadily_written(directory / "data"));
  const std::string presign = request_text("POST", "/nexus/raw/presign-upload",
                                           "Authorization: Bearer " + daemon.token() +
                                               "\r\nX-Tenant-Id: t_dev\r\nX-Env: dev\r\n"
                                               "Content-Type: application/json\r\n",
                                           R"({"filename":"bench.txt","content_type":"text/plain","max_bytes":1024})");
  std::atomic<std::uint64_t> acknowledged = 0;
  Load load;
  load.port = daemon.port();
  load.answered = [&](int, const Answer& answer) { acknowledged += answer.status / 100 == 2 ? 1 : 0; };
  load.next = always(presign);
  load.connections = kWriters;
  load.per_second = per_second;
  load.duration = each / 3;
  BackupFigures figures{.alone = drive(load), .beside = {}};
  load.duration = each;

  std::atomic<bool> over = false;
  std::exception_ptr failed;
  std::thread backups([&] {
    try {
      const std::string command =
          test::program("nexusd").string() + " --data-dir " + daemon.data_dir().string() + " backup create --verify ";
      while (!over) {
        const std::uint64_t before = acknowledged;
        const auto start = Clock::now();
        const auto file = kept / (std::to_string(figures.backups) + ".tar");
        const std::string said = said_by(command + file.string());
        figures.seconds = std::max(figures.seconds, std::chrono::duration<double>(Clock::now() - start).count());
        if (audit_rows_in(said) < before) ++figures.lacking;
        ++figures.backups;
        figures.mib = static_cast<double>(std::filesystem::file_size(file)) / (1 << 20);
        backup::remove_steadily(file);
      }
    } catch (...) {
      failed = std::current_exception();
    }
  });
  figures.beside = drive(load);
  over = true;
  backups.join();
  if (failed) std::rethrow_exception(failed);
  return figures;
}

}  // namespace nexus::bench
