// nexusctl atom: small texts, made of a registered asset.
#include "cli/commands/download.hpp"
#include "cli/engine/local_file.hpp"
#include "daemon/base/shell.hpp"

namespace nexus::cli {
namespace {

const Shape kAtomShape = {"atom_id", {"atom_id", "raw_asset_id", "op_type", "ordinal", "content", "uri", "created_at"}};

constexpr const char* kOneAtom = "/nexus/atoms/{ATOM_ID}";

int run_atom_create(Session& session, const Values& values) {
  Json body = {{"raw_asset_id", values.text("ASSET_ID")}, {"op_type", values.text("--op")}};
  if (const auto most = values.number("--max-chars", 1, 100'000)) body["params"] = {{"max_chars", *most}};
  const Answer answer = session.call({.method = "POST", .path = "/nexus/atoms/create-from-raw", .body = body});
  session.print_list(answer.json, kAtomShape, "nexusctl atom list " + shell_quote(values.text("ASSET_ID")) + " --all");
  if (answer.status == 200) session.note("these atoms were there already");
  return 0;
}

/// A small text is in the atom itself, a large one in storage.
int run_atom_download(Session& session, const Values& values) {
  const std::string id = values.text("ATOM_ID"), path = path_of(kOneAtom, session, values);
  const bool printed = session.prints_curl();
  const Target target = printed ? Target{} : take_target(session, values);
  const Json atom = session.call({.path = path, .preliminary = printed}).json;
  const Json& content = value_at(atom, "content");
  if (!content.is_string()) return downloads(kOneAtom, "ATOM_ID", "atom_id")(session, values);
  if (printed) return print_curl_fetch(session, values, path + "/download", id);
  return keep_content(session, target,
                      {"atom_id", id, atom, [&](const auto& sink) { sink(content.get_ref<const std::string&>()); }});
}

constexpr const char* kAtomDescription = R"(
An atom is a piece of the text of a registered asset. The daemon reads the asset, which must be UTF-8 without NUL
bytes and have at most 64 MiB, and makes at most 10000 atoms of it. The same operation on the same asset makes the
same atoms with the same ids; a second request answers the atoms that exist.

An atom of at most 16 KiB holds its text as `content`. A larger text is in storage, where `uri` names it.

The operation `text_identity` makes one atom of the whole text. `text_split` makes one of each paragraph, and cuts a
paragraph that has more code points than --max-chars after each such number. `lines` makes one of each line.

A line ends with LF or CRLF, which is not part of it; a paragraph keeps the line ends within it. Lines of only spaces
and tabs are blank: they separate paragraphs and make no atoms. A byte order mark is content.

When an asset is deleted, its atoms are deleted with it.)";

constexpr const char* kCreateDescription = R"(
The same operation again answers the same atoms. The answer holds the first 200 atoms, or as many as fit 1 MiB.)";

constexpr const char* kListDescription = R"(
What was made first comes first, each in its order. --cursor takes the next_cursor of `create`, too.)";

}  // namespace

Command atom_command() {
  const Parameter asset = argument("ASSET_ID", "the registered asset");
  const Parameter atom = argument("ATOM_ID", "the atom");
  return {
      .name = "atom",
      .topic = Topic::files_and_texts,
      .summary = "small texts, made of a registered asset",
      .description = kAtomDescription,
      .see_also = "nexusctl-asset(1), nexusctl-upload(1), nexus-limits(7)",
      .example = "nexusctl atom create ASSET_ID --op lines",
      .commands = {
          {.name = "create",
           .summary = "cut an asset into atoms",
           .description = kCreateDescription,
           .example = "nexusctl atom create ASSET_ID --op text_split --max-chars 2000",
           .parameters = {one_of({"text_identity", "text_split", "lines"},
                                 required_option("--op", "OP", "text_identity, text_split (by paragraph) or lines")),
                          option("--max-chars", "N", "text_split cuts longer paragraphs, 1 to 100000 (4000)"), asset},
           .run = run_atom_create},
          {.name = "list",
           .summary = "list the atoms of an asset, in order",
           .description = kListDescription,
           .example = "nexusctl atom list ASSET_ID --op lines --all",
           .parameters = list_parameters({option("--op", "OP", "only what this operation made"), asset}),
           .run = lists({.path = "/nexus/atoms"}, kAtomShape, {{"ASSET_ID", "raw_asset_id"}, {"--op", "op_type"}})},
          show_command("show one atom", "nexusctl atom show ATOM_ID --field content", {.path = kOneAtom}, kAtomShape,
                       {atom}),
          {.name = "download",
           .summary = "fetch the text of an atom",
           .example = "nexusctl atom download ATOM_ID -O chapter.txt",
           .parameters = download_parameters({atom}),
           .run = run_atom_download},
      }};
}

}  // namespace nexus::cli
