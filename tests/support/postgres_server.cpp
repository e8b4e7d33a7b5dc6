// Making, starting and ending a PostgreSQL server.
#include "tests/support/postgres_server.hpp"

#include <sys/wait.h>

#include <csignal>
#include <stdexcept>
#include <thread>

#include "tests/support/unprivileged.hpp"

namespace nexus::test {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kVersionMin = 15;
constexpr auto kStartsWithin = std::chrono::seconds(60);
constexpr auto kStopsWithin = std::chrono::seconds(15);

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

PostgresServer::PostgresServer(const std::vector<std::string>& settings)
    : programs_(postgres_programs()), settings_(settings) {
  give_to_unprivileged(directory_.path());
  make_cluster();
  start();
}

void PostgresServer::begin_standby(const std::string& name) {
  end_standby();
  const auto directory = directory_.path() / "received";
  std::filesystem::create_directories(directory);
  give_to_unprivileged(directory);
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
  return run_unprivileged(std::move(words), directory_.path());
}

void PostgresServer::require(const std::vector<std::string>& words) const {
  const pid_t child = run(words);
  int raw = 0;
  if (::waitpid(child, &raw, 0) != child || raw != 0) throw std::runtime_error(words.front() + " failed:\n" + log());
}

void PostgresServer::make_cluster() const {
  require({"initdb", "--pgdata=data", "--username=nexus", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync",
           "--no-instructions"});
}

bool PostgresServer::start() {
  const std::size_t said_before = log().size();
  std::vector<std::string> words = {"postgres",           "-D", "data",      "-k", directory_.path(),     "-c",
                                    "listen_addresses=",  "-c", "fsync=off", "-c", "shared_buffers=16MB", "-c",
                                    "max_connections=200"};
  for (const std::string& setting : settings_) words.insert(words.end(), {"-c", setting});
  pid_ = run(std::move(words));
  const auto deadline = Clock::now() + kStartsWithin;
  while (!is_ready()) {
    if (has_ended() && log().find("is still in use", said_before) != std::string::npos) return false;
    if (has_ended()) throw std::runtime_error("PostgreSQL ended at its start:\n" + log());
    if (Clock::now() > deadline) {
      end(SIGQUIT);
      throw std::runtime_error("PostgreSQL was not ready in time:\n" + log());
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

void PostgresServer::start_again() {
  const auto deadline = Clock::now() + kStartsWithin;
  while (!start()) {
    if (Clock::now() > deadline) throw std::runtime_error("sessions of a killed server do not end:\n" + log());
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

/// As pg_ctl asks: the last line of the file that PostgreSQL writes about itself; its first is the process.
bool PostgresServer::is_ready() const {
  const std::string text = text_of_file(directory_.path() / "data/postmaster.pid");
  return text.starts_with(std::to_string(pid_) + "\n") &&
         (text.find("\nready") != std::string::npos || text.find("\nstandby") != std::string::npos);
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

void PostgresServer::kill() {
  if (!has_ended()) end(SIGKILL);
}

void PostgresServer::follow(const std::filesystem::path& primary) {
  crash();
  std::filesystem::remove_all(directory_.path() / "data");
  require({"pg_basebackup", "--pgdata=data", "--write-recovery-conf", "--checkpoint=fast", "--no-sync",
           "--dbname=user=nexus host=" + primary.string()});
  std::ofstream(directory_.path() / "data/postgresql.auto.conf", std::ios::app) << "synchronous_standby_names = ''\n";
  start_again();
}

void PostgresServer::promote() { require({"pg_ctl", "promote", "-D", "data", "-w"}); }

std::string url_of_pair(const std::filesystem::path& one, const std::filesystem::path& other) {
  return "postgresql://nexus@/postgres?host=" + one.string() + "," + other.string() +
         "&target_session_attrs=read-write";
}

std::string PostgresServer::url(const std::string& database) const {
  return "postgresql://nexus@/" + database + "?host=" + directory_.path().string();
}

std::string PostgresServer::log() const { return text_of_file(directory_.path() / "log"); }

}  // namespace nexus::test
