#include "store/sqlite/online_copy.hpp"

#include <fcntl.h>
#include <sqlite3.h>

#include "daemon/base/file.hpp"

#include "store/sqlite/result_code.hpp"

namespace nexus::store {
namespace {

constexpr int kPagesAtOnce = 32;  // 128 KiB, between two looks at the clock

sqlite3* open_copy(const std::filesystem::path& file) {
  open_file(file, O_CREAT | O_EXCL | O_WRONLY, 0600);
  sqlite3* opened = nullptr;
  const int code = sqlite3_open_v2(file.c_str(), &opened,
                                   SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
  const bool fails = code != SQLITE_OK || sqlite3_exec(opened, "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF",
                                                       nullptr, nullptr, nullptr) != SQLITE_OK;
  if (!fails) return opened;
  const Error error(classify(code == SQLITE_OK ? SQLITE_ERROR : code), "the copy of the database cannot be made");
  sqlite3_close_v2(opened);
  throw error;
}

}  // namespace

OnlineCopy::OnlineCopy(Connection& source, const std::filesystem::path& file)
    : copy_(open_copy(file), sqlite3_close_v2),
      backup_(sqlite3_backup_init(copy_.get(), "main", source.handle(), "main"), sqlite3_backup_finish) {
  if (!backup_) throw Error(classify(sqlite3_extended_errcode(copy_.get())), "the copy of the database cannot begin");
}

OnlineCopy::~OnlineCopy() = default;

bool OnlineCopy::step(std::chrono::microseconds time) {
  const auto end = std::chrono::steady_clock::now() + time;
  int code = SQLITE_OK;
  do {
    code = sqlite3_backup_step(backup_.get(), kPagesAtOnce);
  } while (code == SQLITE_OK && std::chrono::steady_clock::now() < end);
  if (code == SQLITE_OK || code == SQLITE_BUSY || code == SQLITE_LOCKED) return true;
  if (code != SQLITE_DONE) throw Error(classify(code), "the copy of the database failed");
  code = sqlite3_backup_finish(backup_.release());
  if (code == SQLITE_OK) code = sqlite3_close(copy_.release());
  if (code != SQLITE_OK) throw Error(classify(code), "the copy of the database could not be completed");
  return false;
}

}  // namespace nexus::store
