"""The rules of the house. A rule looks at all files and yields findings (path, line, what to do); beside it stands a
planted violation that it must find and a neighbour that it must let pass, so that no rule can fall asleep."""
import pathlib
import re
from dataclasses import dataclass
from typing import Callable

from source import classes, code_of, functions, includes, is_cpp, lines_with

# A slice is one resource or capability of the interface; no slice knows another one.
# As the build finds them (cmake/gathered.cmake).
ROOT = pathlib.Path(__file__).parents[2]
SLICES = tuple(sorted(f"daemon/{file.parent.name}/" for file in ROOT.glob("daemon/*/routes.cpp")))
FEATURES = ("daemon/app/", "daemon/domain/") + SLICES

# folder: what its files may include of ours. The longest matching folder decides.
MAY_INCLUDE = {
    "daemon/base/": ("daemon/base/",),
    "daemon/limits.hpp": (),
    "daemon/model/": ("daemon/model/", "daemon/base/", "daemon/limits.hpp"),
    "store/": ("store/", "daemon/model/", "daemon/base/"),
    "cli/": ("cli/", "daemon/base/", "daemon/model/", "daemon/audit/export.hpp", "daemon/audit/verify.hpp",
             "daemon/audit/note.hpp"),
    # Reading a database file, to verify its audit log, is the one thing the CLI does without HTTP.
    "cli/commands/audit_database.": ("cli/", "daemon/base/", "daemon/audit/", "store/"),
    # A backup is proved where it is kept.
    "cli/commands/backup.": ("cli/", "daemon/base/", "daemon/backup/"),
    "daemon/backup/": ("daemon/backup/", "daemon/audit/", "daemon/blobs/", "daemon/base/", "store/"),
    "daemon/config/": ("daemon/config/", "daemon/base/", "daemon/limits.hpp"),
    "daemon/blobs/": ("daemon/blobs/", "daemon/base/", "daemon/limits.hpp"),
    "daemon/gates/": ("daemon/gates/", "daemon/guard/caller.hpp", "daemon/guard/facts.hpp",
                      "daemon/guard/admission_facts.hpp", "store/", "daemon/base/", "daemon/limits.hpp"),
    "daemon/guard/": ("daemon/guard/", "store/", "daemon/base/", "daemon/limits.hpp"),
    "daemon/audit/": ("daemon/audit/", "daemon/guard/caller.hpp", "store/", "daemon/base/", "daemon/limits.hpp"),
}
MAY_NOT_INCLUDE = {
    "daemon/http/": FEATURES + ("cli/", "tests/"),
    "daemon/": ("cli/", "tests/"),
}

# header: (where it may stand, what to use elsewhere)
ROOMS = {
    r"boost/(asio|beast)\b": (("daemon/http/net/", "daemon/rails/", "cli/rails/rail_client.", "cli/rails/curl_stream.",
                               "daemon/base/network.", "daemon/main.cpp", "tests/"),
                              "plain types; the sockets are daemon/http/net's"),
    r"sqlite3\.h$": (("store/sqlite/", "tests/"), "store/query.hpp"),
    r"libpq": (("store/postgres/", "tests/"), "store/query.hpp"),
    r"CLI/": (("daemon/main.cpp",), "plain values; the command line is main.cpp's"),
    r"curl/": (("cli/engine/http_handle.", "daemon/blobs/s3_connection.cpp", "daemon/app/own_client.cpp"),
              "cli/engine/client.hpp or daemon/blobs/s3_connection.hpp"),
    r"toml": (("daemon/config/resolve.cpp", "cli/engine/contexts.cpp", "tests/"),
              "daemon/config or cli/engine/contexts.hpp"),
    r"openssl/": (("daemon/base/", "daemon/audit/", "tests/"), "daemon/base/crypto.hpp"),
    r"histedit\.h$": (("cli/rails/line_editor.cpp",), "cli/rails/line_editor.hpp"),
    r"spdlog/": (("daemon/log.", "tests/"), "daemon/log.hpp"),
    r"systemd/": (("daemon/app/service_manager.cpp",), "daemon/app/service_manager.hpp"),
}

# pattern in C++ code: (where it is at home, what to write instead)
WORDS = {
    r"system_clock::now|\bgettimeofday\b|\btime\(\s*(nullptr|NULL|0)\s*\)":
        (("daemon/base/clock.cpp", "tests/"), "now_micros() of daemon/base/clock.hpp, or steady_clock for deadlines"),
    r"\bstd::(cout|cerr|clog)\b|\b(std::)?(printf|puts)\s*\(":
        (("daemon/main.cpp", "daemon/log.", "daemon/app/check.cpp", "daemon/app/commands.cpp",
          "daemon/app/backup_commands.cpp", "cli/", "tests/"),
         "the log, or the answer"),
    r"\bstd::endl\b": ((), "'\\n'"),
    r"\bsqlite3_\w+\s*\(": (("store/sqlite/", "tests/"), "store/query.hpp"),
    r"\b(rand|srand|strtok|sprintf|strcpy|strcat)\s*\(": ((), "daemon/base/crypto.hpp, or std::string"),
    r"(?:^|[;{)])[ \t]*[A-Za-z_][\w.]*(?:->\w+)* = \{\};":
        (("tests/",), "std::exchange(x, {}), which also frees what x holds (an assignment of {} keeps the memory of a"
                      " string or vector), or the type's name for what holds none"),
    r"\bassert\s*\(": ((), "an exception: release builds drop assertions"),
}

FILE_LINES_MAX = 400
FUNCTION_LINES_MAX = 60
METHODS_MAX = 25
# Grandfathered sizes. Entries may only shrink or vanish: the rule fails when one is larger than it need be.
LONG_FILES = {"migrations/postgres/0043_base.sql": 1122}  # a whole schema, which no later change touches
LONG_FUNCTIONS = {}
LARGE_CLASSES = {"cli/engine/session.hpp:Session": 30, "daemon/rails/stream.hpp:Stream": 27}


@dataclass
class Rule:
    name: str
    check: Callable  # {path: text} -> iterable of (path, line, advice)
    planted: dict    # files with a violation
    clean: dict      # files without, as near to it as possible


RULES = []


def rule(name, planted, clean):
    def register(check):
        RULES.append(Rule(name, check, planted, clean))
        return check
    return register


def starts(path, prefixes):
    return path.startswith(tuple(prefixes))


def is_declaration(path, files):
    """A header of slices that knows nothing but plain values: the declaration of a resource, open to every floor."""
    plain = ("daemon/model/", "daemon/base/", "daemon/limits.hpp")
    return (starts(path, SLICES + ("daemon/domain/",)) and path.endswith(".hpp") and path in files
            and all(starts(header, plain) or header.endswith("/limits.hpp") for _, header, ours in includes(files[path])
                    if ours)
            and any(starts(header, ("daemon/model/",)) for _, header, _ in includes(files[path])))


def longest(path, table):
    return max((folder for folder in table if path.startswith(folder)), key=len, default=None)


@rule("layers: who may know whom",
      {"daemon/base/a.hpp": '#include "store/database.hpp"\n', "store/b.cpp": '#include "daemon/http/route.hpp"\n',
       "cli/c.cpp": '#include "store/database.hpp"\n', "daemon/http/d.cpp": '#include "daemon/raw/routes.hpp"\n',
       "daemon/gates/e.cpp": '#include "daemon/http/route.hpp"\n', "daemon/maybes/f.cpp": '#include "tests/g.hpp"\n',
       "daemon/guard/g.hpp": '#include "daemon/http/route.hpp"\n'},
      {"daemon/raw/routes.cpp": '#include "store/raw_assets.hpp"\n#include "daemon/http/route.hpp"\n',
       "cli/c.cpp": '#include "daemon/base/json.hpp"\n', "tests/t.cpp": '#include "store/database.hpp"\n'})
def layers(files):
    for path, text in files.items():
        if not is_cpp(path):
            continue
        allowed, forbidden = longest(path, MAY_INCLUDE), longest(path, MAY_NOT_INCLUDE)
        for line, header, ours in includes(text):
            if is_declaration(header, files):
                continue
            if ours and allowed and not starts(header, MAY_INCLUDE[allowed]):
                may = ", ".join(MAY_INCLUDE[allowed]) or "nothing of ours"
                yield path, line, f'"{header}" stands above {allowed}: include only {may}'
            elif ours and not allowed and forbidden and starts(header, MAY_NOT_INCLUDE[forbidden]):
                yield path, line, f'{forbidden} does not know "{header}": hand it in from above as a plain type'


@rule("no slice knows another one",
      {"daemon/raw/a.cpp": '#include "daemon/atoms/routes.hpp"\n',
       "daemon/runs/b.hpp": '#include "daemon/app/serve.hpp"\n',
       "daemon/domain/c.hpp": '#include "daemon/raw/routes.hpp"\n'},
      {"daemon/raw/a.cpp": '#include "daemon/raw/routes.hpp"\n#include "daemon/domain/card_json.hpp"\n',
       "daemon/app/routes.cpp": '#include "daemon/raw/routes.hpp"\n#include "daemon/atoms/routes.hpp"\n'})
def slices(files):
    """What several slices need stands in daemon/domain/; what every route may need, in daemon/http/."""
    for path, text in files.items():
        home = next((folder for folder in SLICES + ("daemon/domain/",) if path.startswith(folder)), None)
        for line, header, _ in includes(text) if home else ():
            if starts(header, SLICES + ("daemon/app/",)) and not header.startswith(home):
                yield path, line, f'"{header}" is another slice\'s: move what both need to daemon/domain/'


@rule("ours in quotes by full path, others in angle brackets",
      {"store/a.cpp": '#include "database.hpp"\n', "cli/b.cpp": '#include "nlohmann/json.hpp"\n'},
      {"store/a.cpp": '#include "store/database.hpp"\n#include <vector>\n', "tests/a.cpp": '#include "support.hpp"\n'})
def quoting(files):
    for path, text in files.items():
        for line, header, ours in includes(text) if is_cpp(path) else ():
            beside = path.startswith("tests/") and "/" not in header
            if not beside and ours != starts(header, ("cli/", "daemon/", "store/", "tests/")):
                yield path, line, f'write "<floor>/.../{header}" for ours and <{header}> for others'


@rule("rooms: heavy headers stay where they live",
      {"daemon/maybes/a.cpp": "#include <boost/asio.hpp>\n", "store/b.cpp": "#include <sqlite3.h>\n",
       "daemon/config/c.cpp": "#include <CLI/CLI.hpp>\n", "cli/d.cpp": "#include <curl/curl.h>\n"},
      {"daemon/http/net/a.cpp": "#include <boost/asio.hpp>\n", "daemon/http/u.cpp": "#include <boost/url.hpp>\n",
       "store/sqlite/b.cpp": "#include <sqlite3.h>\n", "cli/engine/http_handle.hpp": "#include <curl/curl.h>\n"})
def rooms(files):
    for path, text in files.items():
        for line, header, _ in includes(text) if is_cpp(path) else ():
            for pattern, (homes, instead) in ROOMS.items():
                if re.match(pattern, header) and not starts(path, homes):
                    yield path, line, f"<{header}> belongs into {', '.join(homes)}: use {instead}"


@rule("words that have one home",
      {"daemon/maybes/a.cpp": "auto t = std::chrono::system_clock::now();\n",
       "daemon/http/b.cpp": "void f() { std::cout << 1; }\n", "store/c.cpp": "int r = sqlite3_step(s);\n",
       "cli/d.cpp": "  if (done) text = {};\n", "store/e.cpp": "void f() {\n  row.text = {};\n}\n"},
      {"daemon/base/clock.cpp": "auto t = std::chrono::system_clock::now();\n",
       "daemon/maybes/a.cpp": '// system_clock::now\nauto s = "std::cout";\n', "store/d.cpp": "snprintf(a, 1, b);\n",
       "cli/d.cpp": "std::string text = {};\n  int n = {};\nstd::exchange(text, {});\n", "tests/e.cpp": "text = {};\n"})
def words(files):
    for path, text in files.items():
        if not is_cpp(path):
            continue
        code = code_of(text)
        for pattern, (homes, instead) in WORDS.items():
            for line, hit in lines_with(pattern, code) if not starts(path, homes) else ():
                yield path, line, f"{hit.group(0).strip()}: use {instead}"


@rule("a tenant and its env are one argument",
      {"store/a.hpp": "// A.\n#pragma once\nint f(std::string_view tenant_id,\n      std::string_view env);\n",
       "daemon/raw/b.cpp": "// B.\nint f(const std::string& tenant, const std::string& env, int n) { return n; }\n"},
      {"store/a.hpp": "// A.\n#pragma once\nint f(Realm realm, std::string_view id);\n",
       "daemon/raw/b.cpp": "// B.\nint f(const TenantId& tenant, Env env);\nstd::string tenant, env;\n",
       "tests/c.cpp": "int f(std::string_view tenant, std::string_view env);\n"})
def realms(files):
    """Two texts side by side change places and it compiles; the named members of a Realm do not."""
    text_type = r"(?:const\s+)?std::string(?:_view)?\s*&{0,2}\s*"
    pair = text_type + r"\w*tenant\w*\s*,\s*" + text_type + r"\w*env\w*\s*[,)=]"
    for path, text in files.items():
        if is_cpp(path) and not path.startswith("tests/"):
            for line, _ in lines_with(pair, code_of(text)):
                yield path, line, "take a Realm (daemon/base/realm.hpp)"


# Written apart, so that this file does not find itself.
LEFTOVERS = r"\b(" + "|".join(("TO" "DO", "FIX" "ME", "XX" "X", "HA" "CK")) + r")\b"


@rule("the machinery knows no action and no route by name",
      {"daemon/http/a.cpp": '// A.\nbool f() { return route.action == "x"; }\n',
       "daemon/gates/b.cpp": '// B.\nbool f() { return "/a" != head.path(); }\n',
       "daemon/guard/c.hpp": '// C.\n#pragma once\nbool f(V action) { return action == "a_b" || action == "c"; }\n'},
      {"daemon/http/a.cpp": '// A.\nact.action = "system_read";\nbool f() { return method == "GET"; }\n',
       "daemon/budget/b.cpp": '// B.\nbool f() { return action == "x"; }\n'})
def machinery(files):
    """Dispatcher, limiter, gates and guard decide by properties that routes state (daemon/http/route.hpp)."""
    named = r'\b(?:action|path|route)(?:\(\))?\s*(?:==|!=)\s*"|"\s*(?:==|!=)\s*[\w.>-]*\b(?:action|path)\b'
    for path, text in files.items():
        if re.match(r"daemon/(http|gates|guard)/", path) and is_cpp(path):
            for line, _ in lines_with(named, text):
                yield path, line, "make it a property that the route states"


@rule("every problem code stands where the build finds it",
      {"daemon/raw/problems.hpp": '// A.\n#pragma once\n  inline constexpr CodeInfo a_b{"a.b", 404, "A",\n',
       "daemon/raw/routes.cpp": '// A.\ninline constexpr CodeInfo a_b{"a.b", 404, "A",\n'},
      {"daemon/raw/problems.hpp": '// A.\n#pragma once\ninline constexpr CodeInfo a_b{"a.b", 404, "A",\n'})
def gathered_codes(files):
    """A code that cmake/gathered.cmake does not find could be thrown, and would have no page."""
    for path, text in files.items():
        for line, hit in lines_with(r"\bCodeInfo \w+\{", text) if is_cpp(path) and path.startswith("daemon/") else ():
            if not re.fullmatch(r"daemon/[a-z_]+/problems\.hpp", path):
                yield path, line, "declare it in the problems.hpp of its folder"
            elif not re.match(r"inline constexpr CodeInfo [a-z_]+\{", text.splitlines()[line - 1]):
                yield path, line, "write `inline constexpr CodeInfo name{` at the beginning of a line"


@rule("every group of commands stands where the build finds it",
      {"cli/commands/a.cpp": "// A.\nCommand note_command()\n{\n",
       "cli/commands/c.cpp": "// C.\nstatic Command c_command() {\n",
       "cli/engine/b.cpp": "// B.\nCommand b_command() {\n"},
      {"cli/commands/a.cpp": "// A: `Command a_command()`.\nCommand note_command() {\n  return {};\n}\n"})
def gathered_commands(files):
    """A command that cmake/gathered.cmake does not find would be missing without a word."""
    for path, text in files.items():
        for line, _ in lines_with(r"^[^/\n]*\bCommand\s+\w+_command\(\)(?!;)", text) if is_cpp(path) else ():
            if not re.fullmatch(r"cli/commands/\w+\.cpp", path):
                yield path, line, "define it in cli/commands/"
            elif not re.match(r"Command [a-z_]+_command\(\) \{", text.splitlines()[line - 1]):
                yield path, line, "write `Command name_command() {` at the beginning of a line"


@rule("nothing is left for later", {"docs/a.md": "TO" "DO: write\n", "cli/b.cpp": "// FIX" "ME\n"},
      {"cli/b.cpp": 'auto name = "nexus-XX' 'XXXX";\n'})
def leftovers(files):
    for path, text in files.items():
        for line, hit in lines_with(LEFTOVERS, text):
            yield path, line, f"{hit.group(1)}: do it now, or open an issue"


COMMENT_STARTS = {".cpp": "//", ".hpp": "//", ".sql": "--", ".py": '"""', ".bash": "#", ".bats": "#", ".cmake": "#",
                  ".service": "#", ".1": ".\\\"", ".5": ".\\\"", ".7": ".\\\"", ".8": ".\\\"", "CMakeLists.txt": "#",
                  "dev": "#", ".ci/run": "#"}


@rule("a file says first what it is for",
      {"daemon/a.hpp": "#pragma once\n", "dev": "#!/usr/bin/env bash\nset -e\n", "tests/a.py": "import os\n"},
      {"daemon/a.hpp": "// The way.\n#pragma once\n", "dev": "#!/usr/bin/env bash\n# The door.\n", "x.md": "text\n",
       "daemon/a.cpp": '#include "daemon/a.hpp"\n'})
def purposes(files):
    """A .cpp that begins with its own header is introduced there."""
    for path, text in files.items():
        ending = next((end for end in COMMENT_STARTS if path.endswith(end)), None)
        body = re.sub(r"\A#!.*\n", "", text)
        own_header = path.removesuffix(".cpp") + ".hpp"
        if ending == ".cpp" and re.match(f'#include "({own_header}|{own_header.rsplit("/")[-1]})"', body):
            continue
        if ending and text.strip() and not body.startswith(COMMENT_STARTS[ending]):
            yield path, 1, "begin with a comment: what it is for and what it leaves to others"


@rule("headers guard themselves", {"cli/a.hpp": "// A.\nint x;\n"}, {"cli/a.hpp": "// A.\n#pragma once\n"})
def guards(files):
    for path, text in files.items():
        if path.endswith(".hpp") and "\n#pragma once\n" not in text:
            yield path, 1, "add `#pragma once` after the opening comment"


def ratchet(what, size, limit, key, table, unit="lines"):
    """The advice for one measured size, or None."""
    allowed = table.get(key, limit)
    if size > allowed:
        return f"{what} has {size} {unit}, at most {allowed}: split it"
    if key in table and (size < allowed or size <= limit):
        return f"{what} has only {size} {unit}: lower its entry in tests/house/rules.py"
    return None


@rule("files stay short", {"cli/a.cpp": "int x;\n" * (FILE_LINES_MAX + 1)}, {"cli/a.cpp": "int x;\n" * FILE_LINES_MAX})
def file_lengths(files):
    for path, text in files.items():
        advice = ratchet(path, text.count("\n"), FILE_LINES_MAX, path, LONG_FILES)
        if advice and not path.endswith((".md", ".txt", ".json")):
            yield path, FILE_LINES_MAX + 1, advice


@rule("functions stay short",
      {"cli/a.cpp": "// A.\nvoid A::f(int a,\n int b) {\n" + "  if (a) { g(); }\n" * 60 + "}\n"},
      {"cli/a.cpp": "// A.\nnamespace a {\nstruct B {\n" + "  int f() { return 1; }\n" * 80 + "};\n}\n"})
def function_lengths(files):
    for path, text in files.items():
        for name, line, length in functions(text) if is_cpp(path) else ():
            advice = ratchet(f"{name}()", length, FUNCTION_LINES_MAX, f"{path}:{name}", LONG_FUNCTIONS)
            if advice:
                yield path, line, advice


@rule("classes stay small",
      {"cli/a.hpp": "// A.\nclass A {\n public:\n  A();\n" + "  int f() const { return g(1); }\n" * 20 +
                    "  std::map<int, std::function<int(int)>> h(int a = 1);\n" * 6 + "};\n"},
      {"cli/a.hpp": "// A.\nclass A : public B {\n public:\n  explicit A(int x) : x_(x) {}\n  ~A();\n"
                    "  A(const A&) = delete;\n  using F = std::function<void(int)>;\n" +
                    "  virtual int f() = 0;\n" * 25 +
                    " private:\n" +
                    "  std::function<void(int)> done_ = [](int) {};\n  int x_{0};\n" * 9 + "};\n"})
def class_sizes(files):
    """A class with many methods is several in one: each part with its own state is a class."""
    for path, text in files.items():
        for name, line, methods in classes(text) if is_cpp(path) and not path.startswith("tests/") else ():
            advice = ratchet(f"class {name}", methods, METHODS_MAX, f"{path}:{name}", LARGE_CLASSES, "methods")
            if advice:
                yield path, line, advice


@rule("lines fit 120 columns, end cleanly, and hold no tab",
      {"cli/a.cpp": "// " + "x" * 118 + "\n", "cli/b.cpp": "int a; \n", "cli/c.cpp": "\tint a;\n", "d.py": "x = 1"},
      {"cli/a.cpp": "// " + "ü" * 117 + "\n", "docs/a.md": "x" * 200 + "\n"})
def lines(files):
    for path, text in files.items():
        if path.endswith((".md", ".json", ".txt")) and not path.endswith("CMakeLists.txt"):
            continue
        for number, line in enumerate(text.splitlines(), 1):
            if len(line) > 120:
                yield path, number, f"{len(line)} columns: at most 120"
            if line != line.rstrip() or "\t" in line:
                yield path, number, "remove the blank at the end, write spaces for tabs"
        if text and not text.endswith("\n"):
            yield path, text.count("\n") + 1, "end the file with a newline"


@rule("nothing of the machine it was written on",
      {"docs/a.md": "see /work" "/main/x\n", "cli/b.cpp": 'auto p = "/root" "/x";\n'.replace('" "', ""),
       "README.md": "[a](../sha" "red/b.md)\n", "docs/c.md": "[gone](nowhere.md)\n"},
      {"docs/a.md": "[up](../README.md) and https://nexus.example/mnt/\n", "README.md": "A.\n",
       "cli/b.cpp": 'auto p = "/nexus/raw";\n'})
def portable(files):
    import posixpath
    for path, text in files.items():
        for line, hit in lines_with(r"(?<![\w./])/(work|root|Users|workspace|mnt)/", text):
            yield path, line, f"{hit.group(0)} is a path of one machine: say it relative to the repository"
        if not path.endswith(".md"):
            continue
        for line, hit in lines_with(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", text):
            target = posixpath.normpath(posixpath.join(posixpath.dirname(path), hit.group(1)))
            if not any(known == target or known.startswith(target + "/") for known in files):
                yield path, line, f"the link {hit.group(1)} leads nowhere in this repository"


@rule("what the documents name exists", {"docs/a.md": "see `tests/unit/gone_test.cpp`\n"},
      {"docs/a.md": "`docs/a.md`, `docs/*.md`, `docs/`, `build/x`, `tests/{b}`\n", "docs/b/c.md": "`docs/b`\n"})
def named_paths(files):
    import fnmatch
    for path, text in files.items():
        for line, hit in lines_with(r"`((?:cli|daemon|store|tests|docs|man|migrations|packaging)/[^`{}\s]*)`",
                                    text if path.endswith(".md") else ""):
            name = hit.group(1).rstrip("/")
            if not any(fnmatch.fnmatch(known, name) or known.startswith(name + "/") for known in files):
                yield path, line, f"{hit.group(1)} is not there"
