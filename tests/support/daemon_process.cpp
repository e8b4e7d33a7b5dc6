// Starting, watching and ending a nexusd.
#include "tests/support/daemon_process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <thread>

#include "tests/support/databases.hpp"

extern char** environ;

namespace nexus::test {
namespace {

using Clock = std::chrono::steady_clock;

std::vector<std::string> arguments_of(const DaemonOptions& options, const std::string& database) {
  std::vector<std::string> out = options.wrapper;
  out.push_back(program("nexusd").string());
  if (options.dev) out.insert(out.end(), {"--dev", "--print-env"});
  out.insert(out.end(), {"--port", std::to_string(options.port)});
  if (options.data_dir.empty()) {
    out.emplace_back("--ephemeral");
  } else {
    out.emplace_back("--data-dir");
    out.push_back(options.data_dir.string());
  }
  if (!database.empty()) out.insert(out.end(), {"--database", database});
  out.insert(out.end(), options.arguments.begin(), options.arguments.end());
  return out;
}

std::vector<std::string> environment_of(const DaemonOptions& options) {
  std::vector<std::string> out;
  for (char** line = environ; *line != nullptr; ++line) {
    const std::string text = *line;
    bool kept = !text.starts_with("NEXUS");
    for (const auto& [name, value] : options.environment) kept = kept && !text.starts_with(name + "=");
    if (kept) out.push_back(text);
  }
  for (const auto& [name, value] : options.environment) out.push_back(name + "=" + value);
  return out;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (auto& text : texts) out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

int status_of(int raw) { return WIFSIGNALED(raw) ? 128 + WTERMSIG(raw) : WEXITSTATUS(raw); }

}  // namespace

TemporaryDirectory::TemporaryDirectory() {
  std::string pattern = (std::filesystem::temp_directory_path() / "nexus-test-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
  path_ = pattern;
}

TemporaryDirectory::~TemporaryDirectory() {
  drop_databases_in(path_);
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::filesystem::path program(const std::string& name) {
  const char* chosen = std::getenv("NEXUS_BIN_DIR");
  const std::filesystem::path own = std::filesystem::path(NEXUS_BIN_DIR) / name;
  const std::filesystem::path named = chosen != nullptr && *chosen != '\0' ? std::filesystem::path(chosen) / name : own;
  for (const auto& file : {named, own})
    if (std::filesystem::exists(file)) return file;
  return name;
}

DaemonProcess::DaemonProcess(DaemonOptions options) : is_ephemeral_(options.data_dir.empty()) {
  const std::string database = database_of(options.data_dir);
  start(options, database);
  root_token_file_ = options.data_dir / "root.token";
  if (options.dev)
    read_environment(options.ready_within);
  else
    read_log(options.ready_within);
  if (is_ephemeral_) give_database(database, data_dir());
}

DaemonProcess::~DaemonProcess() {
  try {
    if (!exit_status()) {
      signal(SIGTERM);
      wait(std::chrono::seconds(15));
    }
  } catch (const std::exception&) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  if (out_ >= 0) ::close(out_);
  if (log_ >= 0) ::close(log_);
  if (is_ephemeral_) drop_databases_in(data_dir());
}

void DaemonProcess::start(const DaemonOptions& options, const std::string& database) {
  std::vector<std::string> arguments = arguments_of(options, database);
  std::vector<std::string> environment = environment_of(options);
  const std::vector<char*> argv = pointers(arguments);
  const std::vector<char*> envp = pointers(environment);
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("pipe2 failed");
  out_ = ends[0];
  log_ = ::memfd_create("nexusd.log", MFD_CLOEXEC);
  const pid_t parent = ::getpid();
  pid_ = ::fork();
  if (pid_ < 0) throw std::runtime_error("fork failed");
  if (pid_ == 0) {
    // A test that dies takes its daemon along.
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(127);
    ::dup2(ends[1], STDOUT_FILENO);
    ::dup2(log_, STDERR_FILENO);
    ::execvpe(argv[0], argv.data(), envp.data());
    ::_exit(127);
  }
  ::close(ends[1]);
}

void DaemonProcess::read_environment(std::chrono::milliseconds within) {
  const auto deadline = Clock::now() + within;
  std::string buffer;
  for (;;) {
    for (std::size_t end = buffer.find('\n'); end != std::string::npos; end = buffer.find('\n')) {
      const bool last = take_line(buffer.substr(0, end));
      buffer.erase(0, end + 1);
      if (last) return;
    }
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
    pollfd wanted{out_, POLLIN, 0};
    if (left.count() <= 0 || ::poll(&wanted, 1, static_cast<int>(left.count())) == 0)
      fail("nexusd was not ready in time");
    std::array<char, 4096> chunk{};
    const ssize_t count = ::read(out_, chunk.data(), chunk.size());
    if (count == 0) fail("nexusd ended before it was ready");
    if (count > 0) buffer.append(chunk.data(), static_cast<std::size_t>(count));
  }
}

/// Without --dev nothing is printed: the first log line names the address once it listens.
void DaemonProcess::read_log(std::chrono::milliseconds within) {
  const auto deadline = Clock::now() + within;
  constexpr std::string_view mark = " listen=";
  while (address_.empty()) {
    const std::string text = log();
    const std::size_t found = text.find(mark);
    const std::size_t end = text.find_first_of(" \n", found == std::string::npos ? found : found + mark.size());
    if (end != std::string::npos) {
      address_ = "http://" + text.substr(found + mark.size(), end - found - mark.size());
      port_ = std::stoi(address_.substr(address_.rfind(':') + 1));
      return;
    }
    if (exit_status()) fail("nexusd ended before it was ready");
    if (Clock::now() > deadline) fail("nexusd was not ready in time");
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
}

/// True for the last of the lines `export NAME='value'`.
bool DaemonProcess::take_line(const std::string& line) {
  constexpr std::string_view prefix = "export ";
  const std::size_t equals = line.find('=');
  if (!line.starts_with(prefix) || equals == std::string::npos) return false;
  const std::string name = line.substr(prefix.size(), equals - prefix.size());
  std::string value = line.substr(equals + 1);
  if (value.size() >= 2 && value.front() == '\'') value = value.substr(1, value.size() - 2);
  if (name == "NEXUS_ADDR") {
    address_ = value;
    port_ = std::stoi(value.substr(value.rfind(':') + 1));
  }
  if (name == "NEXUS_TOKEN") token_ = value;
  if (name == "NEXUS_ROOT_TOKEN_FILE") root_token_file_ = value;
  return name == "NEXUS_TOKEN";
}

void DaemonProcess::fail(const std::string& why) {
  if (!exit_status()) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  const std::string said = log();
  ::close(out_);
  ::close(log_);
  throw std::runtime_error(why + ":\n" + said);
}

std::string DaemonProcess::root_token() const {
  std::ifstream file(root_token_file_);
  std::string token;
  std::getline(file, token);
  return token;
}

void DaemonProcess::signal(int number) {
  if (!exit_status()) ::kill(pid_, number);
}

std::optional<int> DaemonProcess::exit_status() {
  int raw = 0;
  if (!status_ && ::waitpid(pid_, &raw, WNOHANG) == pid_) status_ = status_of(raw);
  return status_;
}

int DaemonProcess::wait(std::chrono::milliseconds within) {
  const auto deadline = Clock::now() + within;
  while (!exit_status()) {
    if (Clock::now() > deadline) throw std::runtime_error("nexusd did not end in time:\n" + log());
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return *status_;
}

int DaemonProcess::stop() {
  signal(SIGTERM);
  return wait();
}

void DaemonProcess::kill() {
  signal(SIGKILL);
  wait();
}

std::string DaemonProcess::log() const {
  std::string out;
  std::array<char, 4096> chunk{};
  for (;;) {
    const ssize_t count = ::pread(log_, chunk.data(), chunk.size(), static_cast<off_t>(out.size()));
    if (count <= 0) return out;
    out.append(chunk.data(), static_cast<std::size_t>(count));
  }
}

}  // namespace nexus::test
