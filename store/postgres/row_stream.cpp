#include "store/postgres/row_stream.hpp"

#include <algorithm>

namespace nexus::store {
namespace {

constexpr std::size_t kPieceRowsMax = 4096, kPieceBytes = 4 << 20;
constexpr std::size_t kRowBytesFirst = 256 << 10;  // nearly no row of ours is larger

/// A power of two, so that few statements are prepared.
std::size_t rows_of_piece(std::size_t row_bytes) {
  std::size_t rows = 1;
  while (rows < kPieceRowsMax && 2 * rows * row_bytes <= kPieceBytes) rows *= 2;
  return rows;
}

}  // namespace

// A statement that is prepared keeps the columns of its rows, so that the cursor of each stream has a name of its own.
void stream_rows(PostgresSession& session, const std::string& name, const std::string& select, const TakeRow& take) {
  Tx tx(session);
  tx.run("DECLARE " + name + " NO SCROLL CURSOR FOR " + select);
  std::size_t row_bytes = kRowBytesFirst, rows = 0, wanted = 0;
  do {
    wanted = rows_of_piece(row_bytes);
    std::size_t bytes = 0;
    rows = 0;
    Query piece = tx.query("FETCH FORWARD " + std::to_string(wanted) + " FROM " + name);
    for (; piece.next(); ++rows) bytes += take(piece);
    if (rows > 0) row_bytes = std::max<std::size_t>(1, bytes / rows);
  } while (rows == wanted);
  tx.run("CLOSE " + name);
}

}  // namespace nexus::store
