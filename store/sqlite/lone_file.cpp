#include "store/sqlite/lone_file.hpp"

#include <sqlite3.h>

#include <functional>
#include <memory>

#include "daemon/base/bytes.hpp"

namespace nexus::store {
namespace {

using Handle = std::unique_ptr<sqlite3, int (*)(sqlite3*)>;
using Row = std::function<void(sqlite3_stmt*)>;

Handle open_immutable(const std::filesystem::path& database) {
  const std::string uri = "file:" + percent_encode(std::filesystem::absolute(database).string(), true) + "?immutable=1";
  sqlite3* opened = nullptr;
  const int code = sqlite3_open_v2(uri.c_str(), &opened, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, nullptr);
  Handle handle(opened, sqlite3_close_v2);
  if (code != SQLITE_OK) handle.reset();
  if (handle) sqlite3_db_config(handle.get(), SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  return handle;
}

std::string text_at(sqlite3_stmt* row, int column) {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(row, column));
  return text == nullptr ? "" : std::string(text, static_cast<std::size_t>(sqlite3_column_bytes(row, column)));
}

/// Passes each row to `take`. Returns false where the statement fails.
bool each_row(sqlite3* database, const char* sql, const Row& take) {
  sqlite3_stmt* prepared = nullptr;
  if (sqlite3_prepare_v2(database, sql, -1, &prepared, nullptr) != SQLITE_OK) return false;
  const std::unique_ptr<sqlite3_stmt, int (*)(sqlite3_stmt*)> statement(prepared, sqlite3_finalize);
  int code = SQLITE_ROW;
  while ((code = sqlite3_step(prepared)) == SQLITE_ROW) take(prepared);
  return code == SQLITE_DONE;
}

bool is_sound(sqlite3* database) {
  std::string said;
  return each_row(database, "PRAGMA quick_check(1)", [&](sqlite3_stmt* row) { said = text_at(row, 0); }) &&
         said == "ok";
}

}  // namespace

std::optional<LoneFile> read_without_log(const std::filesystem::path& database, bool judge_soundness) {
  const Handle handle = open_immutable(database);
  if (!handle) return std::nullopt;
  LoneFile file;
  const bool read = each_row(handle.get(), "SELECT key, value FROM meta",
                             [&](sqlite3_stmt* row) { file.meta[text_at(row, 0)] = text_at(row, 1); }) &&
                    each_row(handle.get(), "SELECT tenant_id, env, seq FROM audit_heads", [&](sqlite3_stmt* row) {
                      file.audit_heads[text_at(row, 0) + "/" + text_at(row, 1)] = sqlite3_column_int64(row, 2);
                    });
  if (!read) return std::nullopt;
  file.sound = judge_soundness && is_sound(handle.get());
  return file;
}

}  // namespace nexus::store
