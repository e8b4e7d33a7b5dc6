// A real nexusd of this build as a child of the test: started in development mode on a port of its own, ready when the
// constructor returns, ended by its destructor. Tests stop and kill it by its pid; nothing else is ever signalled. Its
// store is where databases.hpp says.
#pragma once
#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace nexus::test {

/// A directory of mode 0700, removed with everything in it, and the databases of data directories in it.
class TemporaryDirectory {
 public:
  TemporaryDirectory();
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

struct DaemonOptions {
  std::filesystem::path data_dir = {};                                // empty: --ephemeral
  std::vector<std::string> arguments = {};                            // beside --dev --port --print-env
  std::vector<std::pair<std::string, std::string>> environment = {};  // every NEXUS* of our own is left out
  int port = 0;                                                       // 0: the system chooses
  bool dev = true;                                                    // false: no --dev, no token; needs a data_dir
  std::vector<std::string> wrapper = {};  // a program that runs nexusd, in its own place (`strace -D …`)
  std::chrono::milliseconds ready_within = std::chrono::seconds(30);
};

/// Where nexusd or nexusctl is: in the environment's NEXUS_BIN_DIR, so that a release test can drive a daemon built
/// with sanitizers; else in the test's own build; else what PATH has, because a sanitizer build makes nexusd alone.
std::filesystem::path program(const std::string& name);

class DaemonProcess {
 public:
  /// Starts it and waits until it listens. Throws std::runtime_error, with its log, when it ends or says nothing
  /// before.
  explicit DaemonProcess(DaemonOptions options = {});
  ~DaemonProcess();
  DaemonProcess(const DaemonProcess&) = delete;
  DaemonProcess& operator=(const DaemonProcess&) = delete;

  const std::string& address() const { return address_; }  // http://127.0.0.1:PORT
  int port() const { return port_; }
  const std::string& token() const { return token_; }  // of u_dev, owner of t_dev; empty without dev
  std::string root_token() const;                      // the system token
  std::filesystem::path data_dir() const { return root_token_file_.parent_path(); }
  pid_t pid() const { return pid_; }

  /// Sends a signal, if it still runs.
  void signal(int number);
  /// The exit status once it has ended: 0-255, or 128 + the signal that ended it. Nothing while it runs.
  std::optional<int> exit_status();
  /// Waits for the end. Throws std::runtime_error when it does not come in time.
  int wait(std::chrono::milliseconds within = std::chrono::seconds(30));
  /// SIGTERM, then wait.
  int stop();
  /// SIGKILL, then wait.
  void kill();
  /// What it wrote to standard error so far.
  std::string log() const;

 private:
  void start(const DaemonOptions& options, const std::string& database);
  void read_environment(std::chrono::milliseconds within);
  void read_log(std::chrono::milliseconds within);
  bool take_line(const std::string& line);
  [[noreturn]] void fail(const std::string& why);

  const bool is_ephemeral_;
  pid_t pid_ = -1;
  int out_ = -1;  // read end of its standard output
  int log_ = -1;  // a memory file that takes its standard error
  std::optional<int> status_;
  std::string address_, token_;
  std::filesystem::path root_token_file_;
  int port_ = 0;
};

}  // namespace nexus::test
