// Random tampering with the tables and with an export, many times: whoever kept a checkpoint finds all of it. Without
// one, exactly what the format cannot show is missed: a tail cut together with all that tells of it, and a full
// rewrite.
#include <chrono>
#include <random>
#include <sstream>

#include "tests/catch.hpp"
#include "tests/unit/daemon/audit_sample.hpp"

using namespace nexus;
using namespace nexus::audit;
using namespace nexus::audit::sample;

namespace {

using Random = std::mt19937;

std::size_t below(Random& random, std::size_t limit) { return random() % limit; }

void flip(Random& random, std::string& text) {
  if (!text.empty()) text[below(random, text.size())] ^= static_cast<char>(1 << below(random, 8));
}

/// A log of a random length whose last row is signed: the note is what somebody kept.
Log random_log(Random& random) {
  Log log;
  const std::size_t rows = 5 + below(random, 20);
  while (log.rows.size() < rows) {
    if (below(random, 6) == 0 && !log.rows.empty()) {
      const auto seq = 1 + below(random, log.rows.size());
      if (log.rows[seq - 1].details) log.erase(static_cast<std::int64_t>(seq));
    } else {
      log.append();
    }
    if (below(random, 5) == 0 &&
        (log.notes.empty() || log.notes.back().size < static_cast<std::int64_t>(log.rows.size())))
      log.checkpoint();
  }
  if (log.notes.empty() || log.notes.back().size != static_cast<std::int64_t>(log.rows.size())) log.checkpoint();
  return log;
}

bool same(const Log& a, const Log& b) {
  const auto same_row = [](const Row& x, const Row& y) {
    return x.seq == y.seq && x.body == y.body && x.details == y.details && x.prev_hash == y.prev_hash &&
           x.hash == y.hash;
  };
  const auto same_note = [](const Note& x, const Note& y) { return x.text == y.text; };
  return std::ranges::equal(a.rows, b.rows, same_row) && std::ranges::equal(a.notes, b.notes, same_note);
}

void rewrite_from(Log& log, std::size_t at, bool with_key) {
  std::string& body = log.rows[at].body;
  body.replace(body.find("u_ann"), 5, "u_bob");
  log.seal_from(at);
  std::vector<Note> before;
  before.swap(log.notes);
  for (const auto& note : before) {
    const Digest prev = log.notes.empty() ? Digest{} : sha256(log.notes.back().text);
    const bool untouched = note.size <= static_cast<std::int64_t>(at);
    if (untouched)
      log.notes.push_back(note);
    else if (with_key)
      log.notes.push_back({note.size, log.make_note_of(static_cast<std::size_t>(note.size), prev, log.key)});
  }
}

void cut_tail(Log& log, std::size_t rows) {
  log.rows.resize(rows);
  std::erase_if(log.notes, [&](const Note& note) { return note.size > static_cast<std::int64_t>(rows); });
}

std::string one_edit(Random& random, Log& log) {
  const std::size_t at = below(random, log.rows.size());
  Row& row = log.rows[at];
  switch (below(random, 13)) {
    case 0:
      flip(random, row.body);
      return "a flipped body";
    case 1:
      flip(random, row.hash);
      return "a flipped hash";
    case 2:
      flip(random, row.prev_hash);
      return "a flipped prev_hash";
    case 3:
      if (row.details) flip(random, *row.details);
      return "flipped details";
    case 4:
      row.details.reset();
      return "details taken away";
    case 5:
      row.details = "{}";
      return "details replaced";
    case 6:
      std::swap(row, log.rows[below(random, log.rows.size())]);
      return "rows swapped";
    case 7:
      log.rows.erase(log.rows.begin() + static_cast<std::ptrdiff_t>(at));
      return "a row deleted";
    case 8:
      log.rows.insert(log.rows.begin() + static_cast<std::ptrdiff_t>(at), Row(row));
      return "a row inserted";
    case 9:
      row.seq += static_cast<std::int64_t>(below(random, 5)) - 2;
      return "a row renumbered";
    case 10:
      cut_tail(log, at);
      return "the tail cut";
    case 11:
      rewrite_from(log, at, below(random, 2) == 0);
      return "a rewrite";
    default:
      flip(random, log.notes[below(random, log.notes.size())].text);
      return "a flipped note";
  }
}

}  // namespace

TEST_CASE("whoever kept a checkpoint finds every change of the tables", "[audit]") {
  const unsigned seed = 20261123;
  Random random(seed);
  int changed = 0;
  while (changed < 2000) {
    const Log before = random_log(random);
    Log log = before;
    const std::string what = one_edit(random, log);
    if (same(log, before)) continue;
    // Taking details away is what an erasure row explains: with one behind it, the log is as an owner may leave it.
    const Report report = verify_log(log, {.key = {}, .notes = {before.notes.back().text}, .receipts = {}});
    INFO("seed " << seed << ", change " << changed << ": " << what);
    REQUIRE(!report.ok());
    ++changed;
  }
}

TEST_CASE("whoever kept a checkpoint finds every change of an export", "[audit]") {
  Random random(42);
  for (int i = 0; i < 2000; ++i) {
    const Log log = random_log(random);
    const std::string before = log.exported();
    std::string text = before;
    if (i % 3 == 0) {
      flip(random, text);
    } else if (i % 3 == 1) {
      text.resize(below(random, text.size()));
    } else {
      std::vector<std::string> lines;
      std::istringstream all(text);
      for (std::string line; std::getline(all, line);) lines.push_back(line + "\n");
      const std::size_t at = below(random, lines.size()), to = below(random, lines.size());
      if (i % 2 == 0)
        lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(at));
      else
        std::swap(lines[at], lines[to]);
      text.clear();
      for (const auto& line : lines) text += line;
    }
    if (text == before) continue;
    INFO("change " << i);
    REQUIRE(!verify_export(text, {.key = {}, .notes = {log.notes.back().text}, .receipts = {}}).ok());
  }
}

TEST_CASE("without a kept checkpoint exactly a tail cut and a full rewrite are missed", "[audit]") {
  Random random(7);
  for (int i = 0; i < 300; ++i) {
    const Log before = random_log(random);
    const std::size_t at = below(random, before.rows.size());
    Kept kept{.key = {}, .notes = {before.notes.back().text}, .receipts = {}};

    Log rewritten = before;
    rewrite_from(rewritten, at, true);
    CHECK(verify_log(rewritten).ok());  // the limit, said openly
    CHECK(!verify_log(rewritten, kept).ok());
    CHECK(verify_export(rewritten.exported()).ok());
    CHECK(!verify_export(rewritten.exported(), kept).ok());

    Log forged = before;  // without the signing key: notes after the change can only be left out
    rewrite_from(forged, at, false);
    CHECK(!verify_log(forged, kept).ok());

    Log cut = before;
    cut_tail(cut, at);
    const bool erasure_cut = std::ranges::any_of(cut.rows, [&](const Row& row) {
      return !row.details && std::ranges::none_of(cut.rows, [&](const Row& other) {
        return other.body.find("\"subject\":{\"id\":\"" + std::to_string(row.seq) + "\",\"type\":\"audit_row\"}") !=
               std::string::npos;
      });
    });
    CHECK(verify_log(cut).ok() == !erasure_cut);
    CHECK(!verify_log(cut, kept).ok());
  }
}

TEST_CASE("verify is quick", "[.][bench]") {
  Log log;
  for (int i = 0; i < 100000; ++i) log.append();
  const std::string text = log.exported();
  const auto begin = std::chrono::steady_clock::now();
  CHECK(verify_export(text).ok());
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  WARN(static_cast<long>(100000 / seconds) << " rows/s of an export");
}
