// The auxiliary function of FTS5 gets the caller's function as a pointer value, so that one pass suffices and no row is
// copied.
#include "store/sqlite/full_text.hpp"

#include <sqlite3.h>

#include <exception>

namespace nexus::store {
namespace {

constexpr const char* kPointerType = "nexus.phrases";

struct Matching {
  const TakePhrases& take;
  RepeatedWords repeated;
  std::vector<std::uint32_t> counts = {};
  std::exception_ptr error = {};
};

int count_phrases(const Fts5ExtensionApi* api, Fts5Context* row, std::int64_t repeated,
                  std::vector<std::uint32_t>& counts) {
  counts.assign(static_cast<std::size_t>(api->xPhraseCount(row)), 0);
  for (std::size_t i = 0; i < counts.size(); ++i) {
    Fts5PhraseIter at;
    int column = 0, word = 0;
    const int code = api->xPhraseFirst(row, static_cast<int>(i), &at, &column, &word);
    if (code != SQLITE_OK) return code;
    const int last = api->xPhraseSize(row, static_cast<int>(i)) - 1;
    for (; column >= 0; api->xPhraseNext(row, &at, &column, &word))
      if (word + last >= repeated) ++counts[i];
  }
  return SQLITE_OK;
}

void phrase_counts(const Fts5ExtensionApi* api, Fts5Context* row, sqlite3_context* result, int count,
                   sqlite3_value** values) {
  auto* matching = count == 1 ? static_cast<Matching*>(sqlite3_value_pointer(values[0], kPointerType)) : nullptr;
  if (matching == nullptr) return sqlite3_result_error(result, "phrase_counts is for match_phrases alone", -1);
  const int code = count_phrases(api, row, matching->repeated(api->xRowid(row)), matching->counts);
  if (code != SQLITE_OK) return sqlite3_result_error_code(result, code);
  try {
    matching->take(api->xRowid(row), matching->counts);
  } catch (...) {  // exceptions must not pass through C
    matching->error = std::current_exception();
    sqlite3_result_error_code(result, SQLITE_ABORT);
  }
}

fts5_api* find_api(sqlite3* db) {
  fts5_api* api = nullptr;
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(db, "SELECT fts5(?1)", -1, &statement, nullptr) == SQLITE_OK) {
    sqlite3_bind_pointer(statement, 1, &api, "fts5_api_ptr", nullptr);
    sqlite3_step(statement);
  }
  sqlite3_finalize(statement);
  return api;
}

}  // namespace

int register_full_text(sqlite3* db) {
  fts5_api* api = find_api(db);
  if (api == nullptr) return SQLITE_ERROR;
  const int code = api->xCreateFunction(api, "phrase_counts", nullptr, phrase_counts, nullptr);
  if (code != SQLITE_OK) return code;
  const char* sql = "CREATE VIRTUAL TABLE temp.card_terms USING fts5vocab('main', 'card_index', 'row')";
  return sqlite3_exec(db, sql, nullptr, nullptr, nullptr);
}

void match_phrases(const Reader& reader, std::string_view sql, std::string_view match, RepeatedWords repeated,
                   const TakePhrases& take) {
  Matching matching{take, repeated};
  try {
    Query rows = reader.query(sql, match, Pointer{&matching, kPointerType});
    while (rows.next()) {
    }
  } catch (...) {
    if (matching.error) std::rethrow_exception(matching.error);
    throw;
  }
}

}  // namespace nexus::store
