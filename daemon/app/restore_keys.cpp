#include "daemon/app/restore_keys.hpp"

#include <algorithm>
#include <stdexcept>

#include "daemon/app/keys.hpp"
#include "daemon/base/file.hpp"
#include "store/identity.hpp"

namespace nexus::app {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kKeyBytesMax = 64 * 1024;

bool is_signing_key(const fs::path& file) { return file.filename().string().starts_with("jwt-"); }

/// The key files of a directory, by name; none if it is not there.
std::vector<fs::path> key_files(const fs::path& directory) {
  std::vector<fs::path> files;
  std::error_code absent;
  for (const auto& each : fs::directory_iterator(directory, absent))
    if (each.is_regular_file() && each.path().extension() == ".key") files.push_back(each.path());
  std::ranges::sort(files);
  return files;
}

/// The keys as they would be after the restore, in a directory of their own, where the rules of a start judge them.
class Trial {
 public:
  Trial(const store::Reader& restored, const Config& config, const KeySources& sources)
      : restored_(restored),
        place_(key_place(config, sources.unpacked.parent_path() / "trial",
                         store::find_meta(restored, kInstance).value_or(""))) {
    fs::remove_all(place_.data_dir);
    fs::create_directories(place_.directory());
    const fs::path blobs = fs::exists(sources.unpacked / "blobs") ? sources.unpacked : sources.data_dir;
    fs::create_directory_symlink(fs::absolute(blobs / "blobs"), place_.data_dir / "blobs");
    for (const auto& file : key_files(sources.data_dir / "keys")) put(file);
  }
  ~Trial() {
    std::error_code ignored;
    fs::remove_all(place_.data_dir, ignored);
  }
  Trial(const Trial&) = delete;
  Trial& operator=(const Trial&) = delete;

  void fill(const fs::path& source, bool all_signing_keys) {
    const bool takes_signing = all_signing_keys || Keyring::kids(place_.directory()).empty();
    for (const auto& file : key_files(source)) {
      if (!is_known(file)) continue;
      const bool is_there = fs::exists(place_.directory() / file.filename());
      if (is_signing_key(file) ? takes_signing && !is_there : !is_there || replaces(file)) put(file);
    }
  }
  std::vector<KeyFault> faults() const { return find_key_faults(restored_, place_); }
  const fs::path& directory() const { return place_.data_dir; }
  std::vector<fs::path> files() const { return key_files(place_.directory()); }

 private:
  bool is_known(const fs::path& file) const {
    const auto name = file.filename();
    return is_signing_key(file) || name == place_.checkpoint().filename() || name == place_.local_pair().filename();
  }
  void put(const fs::path& file) { replace_file(place_.directory() / file.filename(), read_file(file, kKeyBytesMax)); }
  /// Whether the key that is there is another one than the database names.
  bool replaces(const fs::path& file) const {
    if (file.filename() != place_.checkpoint().filename()) return false;
    return std::ranges::any_of(faults(), [](const auto& f) { return f.kind == KeyKind::checkpoint && !f.missing; });
  }

  const store::Reader& restored_;
  const KeyPlace place_;
};

[[noreturn]] void refuse(const std::vector<KeyFault>& faults, const fs::path& trial, const fs::path& data_dir) {
  std::string what;
  for (const auto& fault : faults) {
    std::string text = fault.what;
    for (std::size_t at; (at = text.find(trial.string())) != std::string::npos;)
      text.replace(at, trial.string().size(), data_dir.string());
    what += (what.empty() ? "" : "; ") + text;
  }
  throw std::runtime_error("the restored store would lack keys: " + what +
                           "; nothing was changed: name a directory with these files by --keys");
}

bool is_same(const fs::path& one, const fs::path& other) {
  return fs::exists(other) && read_file(one, kKeyBytesMax) == read_file(other, kKeyBytesMax);
}

}  // namespace

std::vector<std::string> stage_keys(const store::Reader& restored, const Config& config, const KeySources& sources,
                                    const fs::path& place) {
  Trial trial(restored, config, sources);
  trial.fill(sources.unpacked / "keys", sources.all_signing_keys);
  if (sources.given) trial.fill(*sources.given, sources.all_signing_keys);
  if (const auto faults = trial.faults(); !faults.empty()) refuse(faults, trial.directory(), sources.data_dir);
  std::vector<std::string> staged;
  for (const auto& file : trial.files()) {
    const std::string name = file.filename().string();
    if (is_same(file, sources.data_dir / "keys" / name)) continue;
    fs::create_directories(place);
    replace_file(place / name, read_file(file, kKeyBytesMax));
    staged.push_back(name);
  }
  return staged;
}

}  // namespace nexus::app
