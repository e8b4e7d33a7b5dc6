#include "store/sqlite/index_levels.hpp"

#include <sqlite3.h>

#include <optional>

#include "daemon/base/bytes.hpp"
#include "store/rows.hpp"
#include "store/sqlite/connection.hpp"

namespace nexus::store {
namespace {

constexpr std::size_t kCookieBytes = 4;      // of the configuration to which the record belongs
constexpr std::int64_t kItemsMax = 1 << 20;  // of levels and segments; FTS5 has a few thousand at most

// ---- the record: cookie, then numbers: levels, segments, a counter of writes; then of each level how many of its
// segments are being merged, how many it has, and three numbers of each -----------------------------------------------

/// Reads SQLite's numbers of variable length: seven bits a byte, highest first; a ninth byte has eight.
class RecordNumbers {
 public:
  explicit RecordNumbers(std::string_view bytes) : bytes_(bytes) {}

  std::optional<std::uint64_t> next() {
    std::uint64_t value = 0;
    for (int i = 1; at_ < bytes_.size(); ++i) {
      const auto byte = static_cast<unsigned char>(bytes_[at_++]);
      if (i == 9) return value << 8 | byte;
      value = value << 7 | (byte & 0x7F);
      if (byte < 0x80) return value;
    }
    return std::nullopt;
  }
  /// A count of something; -1 for none that can be.
  std::int64_t count() {
    const auto value = next();
    return value && *value <= kItemsMax ? static_cast<std::int64_t>(*value) : -1;
  }
  bool skip(std::int64_t count) {
    for (; count > 0; --count)
      if (!next()) return false;
    return true;
  }
  std::size_t at() const { return at_; }
  bool at_end() const { return at_ == bytes_.size(); }

 private:
  std::string_view bytes_;
  std::size_t at_ = 0;
};

void append_number(std::string& out, std::uint64_t value) {
  const std::size_t at = out.size();
  out.push_back(static_cast<char>(value & 0x7F));
  while (value >>= 7) out.insert(at, 1, static_cast<char>(0x80 | (value & 0x7F)));
}

struct IndexLevel {
  std::string_view bytes;
  bool empty;
};

struct Record {
  std::string_view cookie;
  std::string_view totals;  // segments, counter
  std::vector<IndexLevel> levels;
};

std::optional<Record> parse(std::string_view bytes) {
  if (bytes.size() < kCookieBytes) return std::nullopt;
  Record record{bytes.substr(0, kCookieBytes), {}, {}};
  const std::string_view rest = bytes.substr(kCookieBytes);
  RecordNumbers numbers(rest);
  const std::int64_t levels = numbers.count();
  const std::size_t totals_at = numbers.at();
  std::int64_t segments = numbers.count();
  if (levels < 0 || segments < 0 || !numbers.next()) return std::nullopt;
  record.totals = rest.substr(totals_at, numbers.at() - totals_at);
  for (std::int64_t i = 0; i < levels; ++i) {
    const std::size_t begin = numbers.at();
    const std::int64_t merging = numbers.count(), held = numbers.count();
    if (merging < 0 || held < merging || !numbers.skip(3 * held)) return std::nullopt;
    record.levels.push_back({rest.substr(begin, numbers.at() - begin), held == 0});
    segments -= held;
  }
  if (segments != 0 || !numbers.at_end()) return std::nullopt;
  return record;
}

constexpr std::string_view kFind = "SELECT lower(hex(block)) FROM card_index_data WHERE id = 10";

std::string find_record(const Reader& reader) {
  return unhex(first(reader.query(kFind), only_text).value_or("")).value_or("");
}

/// FTS5's own tables are closed to SQL. Opens them for one statement.
void put_record(Connection& connection, std::string_view record) {
  struct Open {
    sqlite3* db;
    explicit Open(sqlite3* of) : db(of) { sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 0, nullptr); }
    ~Open() { sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr); }
  };
  const Open open(connection.handle());
  connection.execute(("INSERT INTO card_index_data (id, block) VALUES (10, x'" + hex(record) +
                      "') ON CONFLICT (id) DO UPDATE SET block = excluded.block")
                         .c_str());
}

}  // namespace

std::string without_empty_levels(std::string_view record, std::int64_t keep) {
  const auto parsed = parse(record);
  if (!parsed) return {};
  auto left = static_cast<std::int64_t>(parsed->levels.size());
  std::vector<IndexLevel> levels;  // highest first
  for (auto level = parsed->levels.rbegin(); level != parsed->levels.rend(); ++level) {
    if (level->empty && left > keep)
      --left;
    else
      levels.push_back(*level);
  }
  std::string out(parsed->cookie);
  append_number(out, levels.size());
  out.append(parsed->totals);
  for (auto level = levels.rbegin(); level != levels.rend(); ++level) out.append(level->bytes);
  return out;
}

std::int64_t levels_of_index(const Reader& reader) {
  const std::string record = find_record(reader);
  const auto parsed = parse(record);
  return parsed ? static_cast<std::int64_t>(parsed->levels.size()) : 0;
}

void shed_levels(Tx& tx) {
  if (levels_of_index(tx) <= kLevelsMax) return;
  Connection& connection = connection_of(tx);
  connection.execute("SAVEPOINT shed_levels; RELEASE shed_levels");  // FTS5 writes what it holds
  put_record(connection, without_empty_levels(find_record(tx), kLevelsKept));
  // FTS5 remembers the record, and forgets it where something is undone.
  connection.execute("SAVEPOINT shed_levels; ROLLBACK TO shed_levels; RELEASE shed_levels");
}

IndexMend mend_index(Connection& connection) {
  const Reader reader(connection);
  if (!reader.query("SELECT 1 FROM sqlite_schema WHERE name = 'card_index_data'").next()) return IndexMend::none;
  const std::string record = find_record(reader);
  const auto parsed = parse(record);
  if (parsed && static_cast<std::int64_t>(parsed->levels.size()) <= kLevelsMax) return IndexMend::none;
  if (!parsed && !find_damage(connection, false).empty()) return IndexMend::none;  // a backup is needed, not a rebuild
  connection.execute("BEGIN IMMEDIATE");
  try {
    put_record(connection, parsed ? without_empty_levels(record, kLevelsKept) : std::string(kCookieBytes + 3, '\0'));
    if (!parsed) connection.execute("INSERT INTO card_index (card_index) VALUES ('rebuild')");
    connection.execute("COMMIT");
  } catch (...) {
    connection.rollback();
    throw;
  }
  return parsed ? IndexMend::shed : IndexMend::rebuilt;
}

}  // namespace nexus::store
