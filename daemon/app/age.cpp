#include "daemon/app/age.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <stdexcept>
#include <system_error>

#include "daemon/backup/object_list.hpp"
#include "daemon/backup/tar.hpp"
#include "daemon/base/file.hpp"

extern char** environ;  // NOLINT: POSIX has no header for it

namespace nexus::app {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kKeyBytesMax = 64 << 10;
constexpr std::size_t kArchiveBytesMax = 4 << 20;

/// Runs age with standard input and output on these files. Its complaints go to our standard error.
void run_age(std::vector<std::string> words, int in, int out) {
  words.insert(words.begin(), "age");
  std::vector<char*> arguments;
  for (auto& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
  pid_t child = 0;
  const int failure = posix_spawnp(&child, "age", &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (failure == ENOENT) throw std::runtime_error("age is not installed, which encrypts the keys: apt install age");
  if (failure != 0) throw std::system_error(failure, std::generic_category(), "cannot run age");
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
    throw std::runtime_error("age could not do it (its message stands above)");
}

void rewind_file(const Fd& file) {
  if (::lseek(file.get(), 0, SEEK_SET) != 0) throw std::system_error(errno, std::generic_category(), "lseek");
}

std::size_t read_some(const Fd& file, char* out, std::size_t size) {
  for (;;) {
    const ssize_t got = ::read(file.get(), out, size);
    if (got >= 0) return static_cast<std::size_t>(got);
    if (errno != EINTR) throw std::system_error(errno, std::generic_category(), "read");
  }
}

std::string rest_of(const Fd& file) {
  std::string text(kArchiveBytesMax, '\0');
  std::size_t have = 0;
  while (have < text.size()) {
    const std::size_t got = read_some(file, text.data() + have, text.size() - have);
    if (got == 0) break;
    have += got;
  }
  text.resize(have);
  return text;
}

/// `checkpoint.key`, `1f….key`: never a path.
bool is_key_name(const std::string& name) {
  return !name.empty() && name.front() != '.' && name.find('/') == std::string::npos;
}

}  // namespace

std::string encrypt_keys(const fs::path& keys, const std::vector<std::string>& recipients) {
  std::string archive;
  for (const auto& entry : fs::directory_iterator(keys)) {
    if (!entry.is_regular_file()) continue;
    const std::string text = read_file(entry.path(), kKeyBytesMax);
    archive +=
        backup::tar_header(entry.path().filename().string(), text.size(), 0) + text + backup::tar_padding(text.size());
  }
  archive += backup::tar_end();
  // Nameless files in the memory of the directory's own disk would leave the plain keys there: a pipe leaves nothing.
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw std::system_error(errno, std::generic_category(), "pipe");
  Fd from(ends[0]), to(ends[1]);
  if (::fcntl(to.get(), F_SETPIPE_SZ, static_cast<int>(std::max<std::size_t>(archive.size(), 64 << 10))) < 0)
    throw std::system_error(errno, std::generic_category(), "the keys are too large for a pipe");
  write_all(to.get(), archive);
  to.close();
  const Fd out = backup::nameless_file(keys);
  std::vector<std::string> words;
  for (const auto& recipient : recipients) words.insert(words.end(), {"-r", recipient});
  run_age(std::move(words), from.get(), out.get());
  rewind_file(out);
  return rest_of(out);
}

void decrypt_keys(const fs::path& archive, const fs::path& identity, const fs::path& keys) {
  fs::create_directory(keys);
  fs::permissions(keys, fs::perms::owner_all);
  const Fd in = open_file(archive, O_RDONLY), out = backup::nameless_file(keys);
  run_age({"-d", "-i", identity.string()}, in.get(), out.get());
  rewind_file(out);
  backup::TarReader tar([&](char* buffer, std::size_t size) { return read_some(out, buffer, size); });
  while (const auto entry = tar.next()) {
    if (!is_key_name(entry->name))
      throw std::runtime_error("the keys of the backup hold no file of keys: " + entry->name);
    replace_file(keys / entry->name, tar.text(kKeyBytesMax));
  }
}

}  // namespace nexus::app
