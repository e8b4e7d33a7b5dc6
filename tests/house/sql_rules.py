"""The rules of the house that read SQL: in migrations, and in the texts of the store."""
import re

from rules import rule, starts
from source import is_cpp, lines_with

# pattern in SQL texts: what both SQLite and PostgreSQL take instead
ONE_ENGINE_SQL = {
    r"INSERT OR (REPLACE|IGNORE)": "INSERT … ON CONFLICT (key) DO UPDATE or DO NOTHING",
    r"\bifnull\(": "coalesce(a, b)",
    r"\btotal\(": "coalesce(sum(a), 0.0)",
    r"\brandom\(\)": "a number drawn in C++",
    r"\bAS some\b": "another name: PostgreSQL keeps this word for itself",
    r"\bAS BLOB\b": "octet_length(text) for the number of its bytes",
    r"\bAS (REAL|FLOAT)\b": "AS DOUBLE PRECISION: in PostgreSQL the other has 32 bits",
    r"\bjson_(array|object|set|extract|group_array|group_object)\(": "make and read JSON in C++, or json_each",
    r"\bgroup_concat\(": "put the rows together in C++",
    r"\browid\b": "the key",
    r"= (max|min)\(\w[\w.]*, ": "CASE WHEN: as aggregates max and min take one value",
}
# What is one engine's alone: its own files, and two files of SQLite compared.
OF_ONE_ENGINE = ("store/sqlite/", "store/postgres/", "store/takeover.cpp")


@rule("statements are of the SQL that two engines share",
      {"store/a.cpp": '// A.\ntx.run("INSERT OR REPLACE INTO a VALUES (1)");\n',
       "store/b.cpp": '// A.\ntx.run("SELECT length(CAST(a AS BLOB)) FROM b WHERE rowid = 1");\n',
       "store/c.cpp": '// A.\ntx.run("SELECT json_array(a) FROM b");\n',
       "store/d.cpp": '// A.\ntx.run("SELECT count(*) FROM (SELECT 1 FROM b) AS some");\n',
       "daemon/maybes/store.cpp": '// A.\ntx.run("UPDATE a SET b = max(b, ?1)");\n'},
      {"store/a.cpp": '// A.\ntx.run("SELECT coalesce(max(a), 0) FROM b, json_each(b.c) WHERE d = ?1");\n',
       "store/takeover.cpp": '// A.\ntx.run("SELECT json_array(a) FROM b");\n',
       "tests/a.cpp": '// A.\nq("ifnull(a, 1)");\n'})
def shared_sql(files):
    for path, text in files.items():
        of_store = starts(path, ("store/",)) or path.endswith("/store.cpp")
        if not is_cpp(path) or not of_store or starts(path, OF_ONE_ENGINE):
            continue
        for pattern, instead in ONE_ENGINE_SQL.items():
            for line, hit in lines_with(pattern, text):
                yield path, line, f"{hit.group(0)}: write {instead}"


# Who keeps the files of a store, or proves and repairs them. All others see store/database.hpp and store/query.hpp.
KEEPS_FILES = ("store/sqlite/", "daemon/app/", "daemon/backup/", "cli/commands/audit_database.cpp", "tests/")


@rule("who serves requests knows no engine of the store",
      {"daemon/maybes/a.cpp": '#include "store/sqlite/connection.hpp"\n',
       "store/b.hpp": '#include "store/sqlite/wal.hpp"\n'},
      {"daemon/maybes/a.cpp": '#include "store/query.hpp"\n', "daemon/app/b.cpp": '#include "store/sqlite/wal.hpp"\n',
       "store/sqlite/c.cpp": '#include "store/sqlite/connection.hpp"\n'})
def no_engine(files):
    for path, text in files.items():
        if is_cpp(path) and not starts(path, KEEPS_FILES):
            for line, hit in lines_with(r'#include "store/sqlite/[^"]*"', text):
                yield path, line, f"{hit.group(0)}: use store/database.hpp, or store/query.hpp"


HEADS_WRITTEN = r"(INSERT INTO|DELETE FROM) \w+_heads|UPDATE \w+_heads SET (seq|hash|at)\b"


@rule("the heads of sequences are written where their Heads::Table stands",
      {"store/a.cpp": '// A.\ntx.run("INSERT INTO audit_heads VALUES (1)");\n',
       "store/b.cpp": '// A.\nconstexpr Heads::Table kB;\ntx.run("UPDATE event_heads SET seq = 1");\n'},
      {"store/a.cpp": '// A.\nconstexpr Heads::Table kA;\ntx.run("INSERT INTO audit_heads VALUES (1)");\n',
       "store/c.cpp": '// A.\ntx.run("UPDATE event_heads SET pruned_to = 1");\n',
       "tests/a.cpp": '// A.\ntx.run("DELETE FROM audit_heads");\n'})
def heads_in_one_place(files):
    """The writer keeps them in memory (store/heads.hpp), and would not see what somebody else writes."""
    for path, text in files.items():
        for line, hit in lines_with(HEADS_WRITTEN, text) if is_cpp(path) and not starts(path, ("tests/",)) else ():
            if not hit.group(0).startswith("INSERT") or "constexpr Heads::Table" not in text:
                yield path, line, f"{hit.group(0)}: move heads by Heads::move"


KEYED_TABLE = r"^CREATE TABLE (\w+) \(\n((?:[ ].*\n)*)\)[^;\n]*WITHOUT ROWID"


@rule("tables WITHOUT ROWID declare their key first",
      {"migrations/1.sql": "CREATE TABLE a (\n  k TEXT NOT NULL,\n  v TEXT NOT NULL,\n  n INTEGER NOT NULL,\n"
                           "  PRIMARY KEY (k, n)\n) STRICT, WITHOUT ROWID;\n"},
      {"migrations/1.sql": "CREATE TABLE a (\n  k TEXT NOT NULL,  -- a; b\n  n INTEGER NOT NULL,\n  v TEXT NOT NULL,\n"
                           "  PRIMARY KEY (k, n)\n) STRICT, WITHOUT ROWID;\n",
       "migrations/2.sql": "CREATE TABLE a (\n  v TEXT,\n  n INTEGER NOT NULL,\n  PRIMARY KEY (n)\n) STRICT;\n"})
def key_first(files):
    """SQLite 3.40 finds a NULL that is not there (integrity_check) where a column stands before one of the key."""
    for path, text in files.items():
        for line, hit in lines_with(KEYED_TABLE, text) if path.endswith(".sql") else ():
            body = re.sub(r"--.*", "", hit.group(2))
            columns = re.findall(r"^\s+(\w+)\s+(?:TEXT|INTEGER|BLOB|REAL|ANY)\b", body, re.M)
            key = re.search(r"PRIMARY KEY \(([^)]*)\)", body)
            names = [part.split()[0] for part in key.group(1).split(",")] if key else []
            if columns[:len(names)] != names:
                yield path, line, f"{hit.group(1)}: declare {', '.join(names)} before the other columns, in this order"
