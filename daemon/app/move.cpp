#include "daemon/app/move.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <stdexcept>

#include "daemon/app/installation.hpp"
#include "daemon/app/keys.hpp"
#include "daemon/app/move_end.hpp"
#include "daemon/app/moved_store.hpp"
#include "daemon/app/object_storage.hpp"
#include "daemon/audit/succession.hpp"
#include "daemon/audit/verify_store.hpp"
#include "daemon/base/uuid.hpp"
#include "daemon/base/words.hpp"
#include "daemon/config/resolve.hpp"
#include "daemon/domain/new_card.hpp"
#include "store/card_index.hpp"
#include "store/identity.hpp"
#include "store/model_rows.hpp"
#include "store/objects.hpp"

namespace nexus::app {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point begin) { return std::chrono::duration<double>(Clock::now() - begin).count(); }

/// The realms of cards in the order in which the source indexed them.
const store::MovedTable kIndexedCards{.name = "card_search_rows",
                                      .columns = {{"tenant_id", store::ValueKind::text},
                                                  {"env", store::ValueKind::text},
                                                  {"card_id", store::ValueKind::text}},
                                      .key = {},
                                      .order = "tenant_id, env, row_id"};

class Move {
 public:
  Move(const MoveOptions& options, MoveEnd& from, MoveEnd& to) : options_(options), from_(from), to_(to) {
    MoveEnd& file = options.from.is_file() ? from : to;
    MoveEnd& server = options.from.is_file() ? to : from;
    tables_ = store::tables_to_move(file.tables(), server.tables());
  }

  void run(MoveReport& report) {
    const auto begin = Clock::now();
    note_begin();
    from_.begin(false);
    to_.begin(true);
    require_vacant();
    report.instance_id = store::find_meta(from_.tx(), kInstance).value();
    const bool objects_were_moved = look_for_objects();
    report.files_stay = do_files_stay();
    for (const auto& table : tables_) copy(table, report);
    index_cards(report);
    to_.tell_planner();
    report.copy_seconds = seconds_since(begin);
    compare(report);
    verify(report);
    report.verify_seconds = seconds_since(begin) - report.copy_seconds;
    if (objects_were_moved) change_object_home(to_.tx(), options_.config);
    options_.on_step("verified");
    to_.commit();
    options_.on_step("committed");
    from_.roll_back();
  }

 private:
  /// The target gets this mark with all others, so that a move which ends right after its COMMIT is known again.
  void note_begin() {
    from_.begin(true);
    // Again: another move may have ended while this waited for it.
    if (const auto moved_to = store::find_meta(from_.tx(), kMovedTo)) refuse_moved_source(options_.from, *moved_to);
    store::put_meta(from_.tx(), kMove, uuid_v7());
    from_.commit();
  }
  /// Again, because somebody may have been faster than the lock.
  void require_vacant() {
    if (store::find_meta(to_.tx(), kInstance))
      throw std::runtime_error(options_.to.text() + " holds an installation since a moment ago: nothing was changed");
  }
  /// Returns whether they are in another place than the source says. Throws ConfigError where nobody says that they
  /// were brought there.
  bool look_for_objects() {
    const auto fault = moved_objects_fault(from_.tx(), options_.config, options_.from.file.parent_path());
    if (fault && !options_.objects_moved)
      throw ConfigError("to", "command line", "is a store whose files are elsewhere: " + *fault,
                        "nexusd moves none: copy each there under its key, then say --objects-moved");
    return fault.has_value();
  }

  /// Objects are files of a data directory, and the one that the store comes to has none.
  bool do_files_stay() {
    return options_.config.blobs == BlobBackend::local && options_.to.is_file() && store::has_objects(from_.tx()) &&
           !has_local_files(options_.to.file.parent_path());
  }

  void copy(const store::MovedTable& table, MoveReport& report) {
    MoveReport::Copied copied{table.name, {}};
    try {
      if (table.is_written_before) to_.tx().run("DELETE FROM " + table.name);
      store::RowWriter writer(to_.tx(), table, to_.rows_per_statement(table.columns.size()));
      from_.scan(table, [&](store::OwnedRow row) {
        if (!options_.to.is_file())
          store::replace_zeros(row, table, [&](store::Replaced each) { report.replaced.push_back(std::move(each)); });
        copied.sum.add(row);
        writer.write(std::move(row));
        tell(table.name, copied.sum.rows());
      });
      writer.finish();
    } catch (const store::Error& error) {
      throw store::Error(error.failure, "while " + table.name + " was copied: " + error.what());
    }
    report.rows += copied.sum.rows();
    report.tables.push_back(std::move(copied));
    if (options_.commits_each_table) {
      to_.commit();
      to_.begin(true);
    }
    options_.on_step(table.name);
  }

  /// As the house does it when a card comes: so each engine has its own index, with numbers of its own.
  void index_cards(MoveReport& report) {
    from_.scan(kIndexedCards, [&](store::OwnedRow row) {
      const auto& tenant = std::get<std::string>(row[0]);
      const auto& env = std::get<std::string>(row[1]);
      const auto& card_id = std::get<std::string>(row[2]);
      const auto card = store::find_row<domain::kCard>(to_.tx(), {.tenant = tenant, .env = env}, card_id);
      if (!card) throw std::runtime_error("the index of cards names " + card_id + ", and there is no such card");
      const domain::CardWords words = domain::words_of_card(*card);
      for (bool more = store::index_card(to_.tx(), *card, words); more;)
        more = store::index_part(to_.tx(), card->realm(), card_id, words);
      tell("the index of cards", ++report.cards);
    });
    to_.tx().run(
        "INSERT INTO folded_texts (kind, version, done, tenant_id, env, id) VALUES ('cards', ?1, 1, '', '', '')",
        words_version());
    options_.on_step("cards");
  }

  void compare(const MoveReport& report) {
    for (std::size_t place = 0; place < tables_.size(); ++place) {
      store::RowSum arrived;
      to_.scan(tables_[place], [&](const store::OwnedRow& row) {
        arrived.add(row);
        tell("comparing " + tables_[place].name, arrived.rows());
      });
      if (arrived == report.tables[place].sum) continue;
      throw std::runtime_error("the rows of " + tables_[place].name + " are not what was read (" +
                               std::to_string(report.tables[place].sum.rows()) + " rows read, " +
                               std::to_string(arrived.rows()) + " found): nothing was moved");
    }
  }

  void verify(MoveReport& report) {
    store::Tx& tx = to_.tx();
    const auto verdicts = audit::verify_store(tx, report.instance_id, signers(report), {}, {},
                                              [&](std::int64_t rows) { tell("verifying a chain", rows); });
    for (const auto& [chain, found, judged] : verdicts) {
      const std::string name =
          chain.tenant.empty() ? "the checkpoints over all chains" : chain.tenant + "/" + chain.env;
      if (!found.ok())
        throw std::runtime_error(
            "the audit log of " + name + " does not verify (" +
            std::string(audit::to_string(found.findings.front().fault)) + " at " +
            std::to_string(found.findings.front().seq) +
            "), and nothing was moved: nexusctl audit verify --database tells more of the old store");
      report.checkpoints += found.notes;
      if (chain.tenant.empty()) continue;
      ++report.chains;
      report.audit_rows += found.rows;
    }
  }

  /// Those on record; a store of an older build has its only one in the data directory alone.
  std::vector<audit::PublicKey> signers(const MoveReport& report) {
    auto keys = audit::list_checkpoint_keys(to_.tx());
    if (!keys.empty()) return keys;
    const KeyPlace place = key_place(options_.config, options_.from.file.parent_path(), report.instance_id);
    if (const auto key = audit::SigningKey::load(place.checkpoint(), place.checkpoint_name()))
      keys.push_back(key->public_key());
    return keys;
  }

  /// At most once in two seconds.
  void tell(const std::string& what, std::int64_t count) {
    if (Clock::now() < next_line_) return;
    next_line_ = Clock::now() + std::chrono::seconds(2);
    options_.progress(what + ": " + std::to_string(count));
  }

  const MoveOptions& options_;
  MoveEnd& from_;
  MoveEnd& to_;
  std::vector<store::MovedTable> tables_;
  Clock::time_point next_line_ = Clock::now() + std::chrono::seconds(2);
};

/// For people: the data directory, or the address without its password.
std::string name_of(const StorePlace& place) {
  return place.is_file() ? std::filesystem::absolute(place.file.parent_path()).string() : place.text();
}

/// The last step, which may be missing where a move was cut.
void leave(MoveEnd& from, const StorePlace& to) {
  from.begin(true);
  store::put_meta(from.tx(), kMovedTo, name_of(to));
  from.commit();
}

/// Whether an earlier move came as far as its COMMIT, and neither store was used since. Not where the target is what an
/// earlier move left: to say of both that they were moved would leave no store to serve from.
bool is_copied_already(const MoveOptions& options) {
  const auto begun = look_for_meta(options.from, kMove);
  return begun && !look_for_meta(options.from, kMovedTo) && !look_for_meta(options.to, kMovedTo) &&
         look_for_meta(options.to, kMove) == begun;
}

std::vector<std::string> key_files(const std::filesystem::path& data_dir) {
  std::vector<std::string> files;
  if (std::filesystem::exists(data_dir / "root.token")) files.push_back((data_dir / "root.token").string());
  if (std::filesystem::exists(data_dir / "keys"))
    for (const auto& each : std::filesystem::directory_iterator(data_dir / "keys"))
      files.push_back(each.path().string());
  std::ranges::sort(files);
  return files;
}

}  // namespace

MoveReport move_store(const MoveOptions& options) {
  const auto begin = Clock::now();
  const StorePlace& file = options.from.is_file() ? options.from : options.to;
  MoveReport report{.from = name_of(options.from), .to = name_of(options.to), .instance_id = ""};
  if (is_copied_already(options)) {
    report.completed_earlier = true;
    report.instance_id = look_for_meta(options.to, kInstance).value_or("");
    leave(*open_copied_source(options.from), options.to);
  } else {
    const auto from = open_move_source(options.from, !options.config.no_copy);
    const auto to = open_move_target(options.to);
    Move(options, *from, *to).run(report);
    leave(*from, options.to);
  }
  report.keys = key_files(file.file.parent_path());
  report.seconds = seconds_since(begin);
  return report;
}

}  // namespace nexus::app
