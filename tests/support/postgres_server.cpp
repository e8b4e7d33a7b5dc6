// Making, starting and ending a PostgreSQL server.
#include "tests/support/postgres_server.hpp"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <thread>

namespace nexus::test {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kVersionMin = 15;
constexpr auto kStartsWithin = std::chrono::seconds(60);
constexpr auto kStopsWithin = std::chrono::seconds(15);

const passwd& unprivileged() {
  for (const char* name : {"postgres", "nobody"})
    if (const passwd* found = ::getpwnam(name)) return *found;
  throw std::runtime_error("neither a user postgres nor a user nobody");
}

std::string text_of_file(const std::filesystem::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

std::filesystem::path postgres_programs() {
  // Where Debian puts the programs of each version.
  const std::filesystem::path all = "/usr/lib/postgresql";
  int newest = kVersionMin - 1;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(all, ignored)) {
    const std::string name = entry.path().filename();
    const bool is_number = !name.empty() && name.find_first_not_of("0123456789") == std::string::npos;
    if (is_number && std::filesystem::exists(entry.path() / "bin/initdb")) newest = std::max(newest, std::stoi(name));
  }
  if (newest < kVersionMin) throw std::runtime_error("no PostgreSQL from 15 on is installed: package postgresql");
  return all / std::to_string(newest) / "bin";
}

PostgresServer::PostgresServer(const std::vector<std::string>& settings) : programs_(postgres_programs()) {
  if (::geteuid() == 0) {
    const passwd& user = unprivileged();
    if (::chown(directory_.path().c_str(), user.pw_uid, user.pw_gid) != 0) throw std::runtime_error("chown failed");
  }
  make_cluster();
  start(settings);
}

void PostgresServer::begin_standby(const std::string& name) {
  end_standby();
  const auto directory = directory_.path() / "received";
  std::filesystem::create_directories(directory);
  if (::geteuid() == 0 && ::chown(directory.c_str(), unprivileged().pw_uid, unprivileged().pw_gid) != 0)
    throw std::runtime_error("chown failed");
  standby_ = run({"pg_receivewal", "--no-loop", "--synchronous", "--directory=received",
                  "--dbname=host=" + directory_.path().string() + " user=nexus application_name=" + name});
}

void PostgresServer::end_standby() {
  if (standby_ < 0) return;
  ::kill(standby_, SIGINT);
  ::waitpid(standby_, nullptr, 0);
  standby_ = -1;
}

PostgresServer::~PostgresServer() {
  end_standby();
  if (!has_ended()) end(SIGINT);  // fast: open sessions are ended
}

pid_t PostgresServer::run(std::vector<std::string> words) const {
  words.front() = programs_ / words.front();
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  const std::string log_file = directory_.path() / "log";
  const bool is_root = ::geteuid() == 0;
  const passwd user = is_root ? unprivileged() : passwd{};
  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  if (child < 0) throw std::runtime_error("fork failed");
  if (child > 0) return child;
  if (is_root && (::setgroups(0, nullptr) != 0 || ::setgid(user.pw_gid) != 0 || ::setuid(user.pw_uid) != 0))
    ::_exit(127);
  // After setuid, which takes it back: a test that dies takes its server along.
  ::prctl(PR_SET_PDEATHSIG, SIGQUIT);
  if (::getppid() != parent || ::chdir(directory_.path().c_str()) != 0) ::_exit(127);
  const int log = ::open(log_file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  ::dup2(log, STDOUT_FILENO);
  ::dup2(log, STDERR_FILENO);
  ::execv(pointers.front(), pointers.data());
  ::_exit(127);
}

void PostgresServer::make_cluster() const {
  const pid_t child = run({"initdb", "--pgdata=data", "--username=nexus", "--auth=trust", "--encoding=UTF8",
                           "--locale=C", "--no-sync", "--no-instructions"});
  int raw = 0;
  if (::waitpid(child, &raw, 0) != child || raw != 0) throw std::runtime_error("initdb failed:\n" + log());
}

void PostgresServer::start(const std::vector<std::string>& settings) {
  std::vector<std::string> words = {"postgres",           "-D", "data",      "-k", directory_.path(),     "-c",
                                    "listen_addresses=",  "-c", "fsync=off", "-c", "shared_buffers=16MB", "-c",
                                    "max_connections=200"};
  for (const std::string& setting : settings) words.insert(words.end(), {"-c", setting});
  pid_ = run(std::move(words));
  const auto deadline = Clock::now() + kStartsWithin;
  while (!is_ready()) {
    if (has_ended()) throw std::runtime_error("PostgreSQL ended at its start:\n" + log());
    if (Clock::now() > deadline) {
      end(SIGQUIT);
      throw std::runtime_error("PostgreSQL was not ready in time:\n" + log());
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

/// As pg_ctl asks: the last line of the file that PostgreSQL writes about itself.
bool PostgresServer::is_ready() const {
  return text_of_file(directory_.path() / "data/postmaster.pid").find("\nready") != std::string::npos;
}

bool PostgresServer::has_ended() {
  if (pid_ > 0 && ::waitpid(pid_, nullptr, WNOHANG) == pid_) pid_ = -1;
  return pid_ < 0;
}

void PostgresServer::end(int signal) {
  ::kill(pid_, signal);
  const auto deadline = Clock::now() + kStopsWithin;
  while (!has_ended()) {
    if (Clock::now() > deadline) ::kill(pid_, SIGKILL);
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

void PostgresServer::crash() {
  if (!has_ended()) end(SIGQUIT);
}

std::string PostgresServer::url(const std::string& database) const {
  return "postgresql://nexus@/" + database + "?host=" + directory_.path().string();
}

std::string PostgresServer::log() const { return text_of_file(directory_.path() / "log"); }

}  // namespace nexus::test
