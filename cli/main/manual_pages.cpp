// Writes the manual pages of nexusctl and its completion scripts: `nexusctl_manual man/nexusctl.1.in PAGES SCRIPTS`,
// where the last two are directories. The build runs it.
#include <filesystem>
#include <fstream>
#include <iostream>
#include <stdexcept>

#include "cli/engine/completion.hpp"
#include "cli/manual/manual.hpp"
#include "daemon/base/file.hpp"

namespace {

void write_text(const std::filesystem::path& path, const std::string& text) {
  std::ofstream stream(path, std::ios::binary);
  stream << text << std::flush;
  if (!stream) throw std::runtime_error(path.string() + " cannot be written");
}

}  // namespace

int main(int argc, char** argv) {
  using namespace nexus;
  if (argc != 4) {
    std::cerr << "usage: nexusctl_manual SOURCE PAGES SCRIPTS\n";
    return 2;
  }
  try {
    const std::filesystem::path directory = argv[2], scripts = argv[3];
    const std::string source = read_file(argv[1], 1 << 20);
    std::filesystem::create_directories(directory);
    std::filesystem::create_directories(scripts);
    const cli::Command& root = cli::root_command();
    for (const auto& group : root.commands)
      write_text(directory / ("nexusctl-" + group.name + ".1"), cli::group_page(group, cli::date_of(source)));
    write_text(directory / "nexusctl.1", cli::main_page(root, source));
    for (const auto& shell : cli::completion_shells())
      write_text(scripts / ("nexusctl." + shell), cli::completion_script(shell));
  } catch (const std::exception& error) {
    std::cerr << "nexusctl_manual: " << error.what() << "\n";
    return 1;
  }
  return 0;
}
