// Bounds the bytes that requests hold in memory: bodies from their first byte until they are answered, and answers
// that their clients have not read yet. Tenants share one number: nobody may hold more than is still free. So one
// tenant alone holds at most half, two hold a third each, and whoever holds nothing always finds room.
//
// These are dynamic thresholds (Choudhury, Hahne: IEEE/ACM Transactions on Networking, 1998).
//
// Refused: a fixed part for each tenant. Few tenants at their part would leave nothing, or many would pass the number.
//
// Threads: any.
#pragma once
#include <atomic>
#include <cstddef>
#include <mutex>
#include <string>
#include <unordered_map>
#include <utility>

namespace nexus::http {

class HeldBytes {
 public:
  explicit HeldBytes(std::size_t most) : most_(most) {}

  /// What one request holds; given back when it ends. One thread at a time; HeldBytes must outlive it.
  class Part {
   public:
    Part() = default;  // of nothing: it only covers, and counts nothing
    Part(Part&& other) noexcept { *this = std::move(other); }
    Part& operator=(Part&& other) noexcept;
    ~Part() { release(); }

    /// Holds so many bytes more; false where the line has no room for them, and then nothing changed.
    bool grow(std::size_t bytes);
    /// Holds at least so many bytes, whether there is room or not: they are there already.
    void cover(std::size_t bytes);
    void release() noexcept;
    std::size_t bytes() const { return bytes_; }

   private:
    friend class HeldBytes;
    Part(HeldBytes& owner, std::string line) : owner_(&owner), line_(std::move(line)) {}

    HeldBytes* owner_ = nullptr;
    std::string line_;
    std::size_t bytes_ = 0;
  };

  /// A part of the line, which is named as in the lanes (FairExecutor); of no bytes yet.
  Part part_of(std::string line) { return Part(*this, std::move(line)); }
  /// Whether the line holds less than is free.
  bool has_room(const std::string& line) const;
  std::size_t all() const { return all_; }

 private:
  bool take(const std::string& line, std::size_t bytes, bool must);
  void give_back(const std::string& line, std::size_t bytes) noexcept;

  const std::size_t most_;
  mutable std::mutex mutex_;
  std::unordered_map<std::string, std::size_t> lines_;  // those that hold something
  std::atomic<std::size_t> all_{0};                     // written under the mutex
};

}  // namespace nexus::http
