#include "store/table_copy.hpp"

#include <algorithm>
#include <bit>
#include <stdexcept>

#include "daemon/base/bytes.hpp"

namespace nexus::store {
namespace {

constexpr std::size_t kBytesMax = 1 << 20;  // that wait
constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

template <class Number>
void append_number(std::string& out, Number number) {
  const auto bytes = std::bit_cast<std::array<char, sizeof(Number)>>(number);
  out.append(bytes.data(), bytes.size());
}

/// No two rows of a table have the same bytes unless they are equal.
void append_value(std::string& out, const OwnedValue& value) {
  out.push_back(static_cast<char>('0' + value.index()));
  if (const auto* integer = std::get_if<std::int64_t>(&value)) append_number(out, *integer);
  if (const auto* real = std::get_if<double>(&value)) append_number(out, *real);
  if (const auto* text = std::get_if<std::string>(&value)) {
    append_number(out, text->size());
    out.append(*text);
  }
}

OwnedValue read_value(const Query& query, int column, ValueKind kind) {
  if (query.is_null(column)) return nullptr;
  if (kind == ValueKind::integer) return query.integer(column);
  if (kind == ValueKind::real) return query.real(column);
  return query.text(column);
}

std::string spoken(const OwnedValue& value) {
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return std::to_string(*integer);
  const auto* text = std::get_if<std::string>(&value);
  return text != nullptr ? *text : std::string();
}

std::string key_text(const OwnedRow& row, const MovedTable& table) {
  std::string text;
  for (const std::string& name : table.key) {
    const auto column = std::ranges::find(table.columns, name, &MovedColumn::name);
    if (column == table.columns.end()) continue;
    if (!text.empty()) text.push_back('/');
    text += spoken(row[static_cast<std::size_t>(column - table.columns.begin())]);
  }
  return text;
}

std::string insertion(const MovedTable& table, std::size_t rows) {
  std::string columns, values;
  for (const MovedColumn& column : table.columns) columns.append(columns.empty() ? "" : ", ").append(column.name);
  const std::size_t width = table.columns.size();
  for (std::size_t number = 0; number < width * rows; ++number) {
    values.append(number % width != 0 ? ", " : number == 0 ? "(" : "), (");
    values.append(1, '?').append(std::to_string(number + 1));
  }
  return "INSERT INTO " + table.name + " (" + columns + ") VALUES " + values + ")";
}

}  // namespace

OwnedRow read_row(const Query& query, const MovedTable& table) {
  OwnedRow row;
  row.reserve(table.columns.size());
  for (const MovedColumn& column : table.columns)
    row.push_back(read_value(query, static_cast<int>(row.size()), column.kind));
  return row;
}

std::size_t bytes_of(const OwnedRow& row) {
  std::size_t bytes = 0;
  for (const OwnedValue& value : row) {
    const auto* text = std::get_if<std::string>(&value);
    bytes += text != nullptr ? text->size() : sizeof(std::int64_t);
  }
  return bytes;
}

void RowSum::add(const OwnedRow& row) {
  scratch_.clear();
  for (const OwnedValue& value : row) append_value(scratch_, value);
  hasher_.begin();
  hasher_.update(scratch_);
  const auto words = std::bit_cast<std::array<std::uint64_t, 4>>(hasher_.finish());
  std::uint64_t carry = 0;
  for (std::size_t place = 0; place < words.size(); ++place) {
    const std::uint64_t with_carry = sum_[place] + carry;
    carry = with_carry < carry ? 1 : 0;
    sum_[place] = with_carry + words[place];
    carry += sum_[place] < words[place] ? 1 : 0;
  }
  ++rows_;
}

std::string RowSum::hex() const {
  const auto bytes = std::bit_cast<std::array<char, 32>>(sum_);
  return nexus::hex({bytes.data(), bytes.size()});
}

void replace_zeros(OwnedRow& row, const MovedTable& table, const std::function<void(Replaced)>& tell) {
  for (std::size_t place = 0; place < row.size(); ++place) {
    auto* text = std::get_if<std::string>(&row[place]);
    if (text == nullptr || text->find('\0') == std::string::npos) continue;
    std::string clean;
    for (const char character : *text) character == '\0' ? clean.append(kReplacement) : clean.append(1, character);
    *text = std::move(clean);
    tell({table.name, key_text(row, table), table.columns[place].name});
  }
}

RowWriter::RowWriter(Tx& tx, const MovedTable& table, std::size_t rows)
    : tx_(tx), one_(insertion(table, 1)), many_(insertion(table, rows)), rows_max_(rows) {}

void RowWriter::write(OwnedRow row) {
  bytes_ += bytes_of(row);
  rows_.push_back(std::move(row));
  if (rows_.size() >= rows_max_ || bytes_ >= kBytesMax) finish();
}

void RowWriter::insert(const std::string& sql, std::size_t first, std::size_t count) {
  std::vector<Argument> arguments;
  for (std::size_t place = first; place < first + count; ++place)
    for (const OwnedValue& value : rows_[place])
      std::visit([&](const auto& held) { arguments.emplace_back(held); }, value);
  sent_.push_back(tx_.run_with(sql, arguments));
}

void RowWriter::finish() {
  if (rows_.size() == rows_max_ && rows_max_ > 1)
    insert(many_, 0, rows_.size());
  else
    for (std::size_t place = 0; place < rows_.size(); ++place) insert(one_, place, 1);
  std::int64_t taken = 0;
  for (const Changed& changed : sent_) taken += changed;
  if (taken != static_cast<std::int64_t>(rows_.size())) throw std::logic_error("rows were not taken: " + one_);
  rows_.clear();
  sent_.clear();
  bytes_ = 0;
}

}  // namespace nexus::store
