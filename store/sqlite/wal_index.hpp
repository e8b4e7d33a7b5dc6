// Whether a snapshot is still the newest state: the header of the write-ahead log's index, by which SQLite itself
// judges that (https://www.sqlite.org/walformat.html, section 2.2). Every commit, of any connection and any process,
// has changed it when COMMIT returns. So a snapshot that began after a header was read is the newest one while the
// header is the same. To look at it costs neither a statement nor a system call.
//
// Refused: a counter that the Writer raises. It does not see what another process commits, and it has to be raised
// between the commit and the first answer.
//
// Threads: one at a time, as its connection.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>

namespace nexus::store {

class Connection;

class WalIndex {
 public:
  static constexpr std::size_t kWords = 12;
  /// Compared and never interpreted. A header of zeros is no header.
  using Header = std::array<std::uint32_t, kWords>;

  /// `connection` must outlive it, and must have read from its file.
  explicit WalIndex(Connection& connection);

  /// The header now; zeros where the file has no shared index.
  Header header() const;

 private:
  std::uint32_t* shared_ = nullptr;  // in memory that all processes with this file open share
};

}  // namespace nexus::store
