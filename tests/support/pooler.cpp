#include "tests/support/pooler.hpp"

#include <sys/wait.h>

#include <csignal>
#include <fstream>
#include <stdexcept>
#include <thread>

#include "tests/support/unprivileged.hpp"

namespace nexus::test {
namespace {

constexpr const char* kProgram = "/usr/sbin/pgbouncer";

}  // namespace

bool Pooler::is_installed() { return std::filesystem::exists(kProgram); }

Pooler::Pooler(const PostgresServer& server, const std::string& mode) {
  const std::string here = directory_.path();
  give_to_unprivileged(here);
  const std::string settings = here + "/settings";
  std::ofstream(settings) << "[databases]\n* = host=" << server.socket_directory().string()
                          << " user=nexus\n[pgbouncer]\nauth_type = any\nlisten_port = 6432\nunix_socket_dir = " << here
                          << "\npool_mode = " << mode << "\n";
  pid_ = run_unprivileged({kProgram, settings}, here);
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (!std::filesystem::exists(here + "/.s.PGSQL.6432")) {
    if (std::chrono::steady_clock::now() > deadline || ::waitpid(pid_, nullptr, WNOHANG) == pid_)
      throw std::runtime_error("pgbouncer did not come:\n" + text_of_file(here + "/log"));
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

Pooler::~Pooler() {
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

std::string Pooler::url(const std::string& database) const {
  return "postgresql://nexus@/" + database + "?host=" + directory_.path().string() + "&port=6432";
}

}  // namespace nexus::test
