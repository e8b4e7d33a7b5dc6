// Draws the bar, at most ten times a second, once the wait is long enough.
#include "cli/engine/progress.hpp"

#include <iostream>

#include "cli/engine/escape.hpp"
#include "cli/engine/table.hpp"

namespace nexus::cli {

Progress::Progress(std::string label, std::uint64_t total, bool shown)
    : label_(escape_controls(label)), total_(total), shown_(shown), begin_(std::chrono::steady_clock::now()) {
  if (label_.size() <= 40) return;
  label_.erase(0, label_.size() - 38);
  while (!label_.empty() && (static_cast<unsigned char>(label_.front()) & 0xC0) == 0x80) label_.erase(0, 1);
  label_.insert(0, sign("…", "~"));
}

Progress::~Progress() {
  if (shown_ && drawn_ != std::chrono::steady_clock::time_point{}) std::cerr << "\r\x1b[K" << std::flush;
}

void Progress::at(std::uint64_t done) {
  if (!shown_) return;
  const auto now = std::chrono::steady_clock::now();
  // A short wait needs no bar.
  if (now - begin_ < std::chrono::milliseconds(300) || now - drawn_ < std::chrono::milliseconds(100)) return;
  drawn_ = now;
  const double share = total_ == 0 ? 1.0 : std::min(1.0, static_cast<double>(done) / static_cast<double>(total_));
  const double seconds = std::chrono::duration<double>(now - begin_).count();
  const auto rate = seconds > 0.05 ? static_cast<std::uint64_t>(static_cast<double>(done) / seconds) : 0;
  constexpr int kWidth = 24;
  const int filled = static_cast<int>(share * kWidth);
  char percent[8];
  std::snprintf(percent, sizeof percent, "%3d%%", static_cast<int>(share * 100));
  std::cerr << "\r\x1b[K" << label_ << " [" << std::string(filled, '#') << std::string(kWidth - filled, '.') << "] "
            << percent << "  " << size_for_people(static_cast<std::int64_t>(done)) << "  "
            << size_for_people(static_cast<std::int64_t>(rate)) << "/s" << std::flush;
}

}  // namespace nexus::cli
