#include "tests/support/unprivileged.hpp"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace nexus::test {
namespace {

const passwd& unprivileged() {
  for (const char* name : {"postgres", "nobody"})
    if (const passwd* found = ::getpwnam(name)) return *found;
  throw std::runtime_error("neither a user postgres nor a user nobody");
}

}  // namespace

void give_to_unprivileged(const std::filesystem::path& directory) {
  if (::geteuid() == 0 && ::chown(directory.c_str(), unprivileged().pw_uid, unprivileged().pw_gid) != 0)
    throw std::runtime_error("chown failed");
}

std::string text_of_file(const std::filesystem::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

pid_t run_unprivileged(std::vector<std::string> words, const std::filesystem::path& directory) {
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  const std::string log_file = directory / "log";
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
  if (::getppid() != parent || ::chdir(directory.c_str()) != 0) ::_exit(127);
  const int log = ::open(log_file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  ::dup2(log, STDOUT_FILENO);
  ::dup2(log, STDERR_FILENO);
  ::execv(pointers.front(), pointers.data());
  ::_exit(127);
}

}  // namespace nexus::test
