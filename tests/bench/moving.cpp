#include "tests/bench/moving.hpp"

#include <sys/stat.h>

#include <cstdio>
#include <memory>
#include <stdexcept>

#include "daemon/base/json.hpp"
#include "tests/bench/verifying.hpp"
#include "tests/support/daemon_process.hpp"
#include "tests/support/postgres_server.hpp"

namespace nexus::bench {
namespace {

Json told_by(const std::string& command) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> pipe(::popen(command.c_str(), "re"),
                                                             [](std::FILE* file) { return ::pclose(file); });
  std::string told(1 << 16, '\0');
  told.resize(std::fread(told.data(), 1, told.size(), pipe.get()));
  return parse_own_json(told);
}

MoveFigures move(const std::string& from, const std::string& to, std::int64_t rows) {
  const Json told =
      told_by(test::program("nexusd").string() + " migrate --dev --from '" + from + "' --to '" + to + "' -o json");
  if (told.at("audit_rows") < rows) throw std::runtime_error("audit rows were not moved");
  return {told.at("copy_seconds"), told.at("verify_seconds"), told.at("seconds")};
}

}  // namespace

Moves measure_moves(const std::filesystem::path& directory, std::int64_t rows) {
  const auto data = directory / "data";
  ::umask(077);  // as nexusd does
  write_audit_log(data, rows);
  const test::PostgresServer server({"fsync=on", "shared_buffers=128MB"});
  const MoveFigures there = move(data, server.url(), rows);
  return {there, move(server.url(), directory / "back", rows)};
}

}  // namespace nexus::bench
