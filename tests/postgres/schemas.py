"""What the schema of a database says, read in the same shape from SQLite and from PostgreSQL, so that the two can be
compared. Types are named as in SQLite, expressions are spelled without blanks, parentheses, casts and capitals."""
import re
import sqlite3
from dataclasses import dataclass, field

TYPES = {"text": "TEXT", "bigint": "INTEGER", "double precision": "REAL"}
EVENTS = {4: "insert", 8: "delete", 16: "update"}  # of pg_trigger.tgtype


@dataclass
class Table:
    columns: dict = field(default_factory=dict)  # name: (type, may be NULL, default or None)
    primary_key: tuple = ()
    unique: set = field(default_factory=set)     # columns of the constraints, which have no name of their own
    indexes: dict = field(default_factory=dict)  # name: (is unique, parts, condition or None)
    foreign_keys: set = field(default_factory=set)  # (columns, table, columns, on delete)
    checks: list = field(default_factory=list)   # of each, the literals and numbers that it names
    triggers: dict = field(default_factory=dict)  # what for: {(event, columns)}
    rows: list = field(default_factory=list)     # but for marks, which are drawn at random


def spelled(expression):
    """PostgreSQL prints `ELSE NULL` where it was left out, and large numbers in quotes."""
    text = re.sub(r"'(\d+)'", r"\1", expression.lower()) if expression else None
    return re.sub(r"::[a-z]+|\s|[()]|\belse null\b", "", text) if text else None


def literals(check):
    return tuple(sorted(re.findall(r"'[^']*'|\b\d+\b", check)))


def inside(text, start):
    """What stands between the parenthesis at `start` and the one that closes it."""
    depth, quoted = 0, False
    for at in range(start, len(text)):
        quoted ^= text[at] == "'"
        depth += 0 if quoted else (text[at] == "(") - (text[at] == ")")
        if depth == 0:
            return text[start + 1:at]
    raise ValueError(text)


def parts(text):
    """The parts between commas that stand in no parentheses and no quotes."""
    found, depth, quoted = [""], 0, False
    for character in text:
        quoted ^= character == "'"
        depth += 0 if quoted else (character == "(") - (character == ")")
        if character == "," and depth == 0 and not quoted:
            found.append("")
        else:
            found[-1] += character
    return found


# ---- SQLite --------------------------------------------------------------------------------------------------------

def sqlite_index(sql):
    """(parts, condition) of CREATE INDEX."""
    open_at = sql.index("(")
    within = inside(sql, open_at)
    condition = re.match(r"\s*WHERE\b(.*)", sql[open_at + len(within) + 2:], re.S)
    return tuple(map(spelled, parts(within))), spelled(condition.group(1)) if condition else None


def sqlite_table(database, name, sql):
    table = Table()
    keys = {}
    for _, column, kind, not_null, default, key in database.execute(f"PRAGMA table_info({name})"):
        table.columns[column] = (kind, not (not_null or key), default)
        keys[key] = column
    table.primary_key = tuple(keys[number] for number in sorted(keys) if number)
    for _, index, unique, origin, _ in database.execute(f"PRAGMA index_list({name})").fetchall():
        columns = [row[2] for row in database.execute(f"PRAGMA index_info({index})")]
        if origin == "u":
            table.unique.add(tuple(columns))
        elif origin == "c":
            text = database.execute("SELECT sql FROM sqlite_schema WHERE name = ?", (index,)).fetchone()[0]
            table.indexes[index] = (bool(unique), *sqlite_index(text))
    links = {}
    for number, _, target, source, to, _, on_delete, _ in database.execute(f"PRAGMA foreign_key_list({name})"):
        link = links.setdefault(number, ([], target, [], on_delete))
        link[0].insert(0, source)
        link[2].insert(0, to)
    table.foreign_keys = {(tuple(sorted(zip(a, b))), target, on_delete) for a, target, b, on_delete in links.values()}
    plain = re.sub(r"--[^\n]*", "", sql)
    table.checks = sorted(literals(inside(plain, hit.end() - 1)) for hit in re.finditer(r"\bCHECK \(", plain))
    for trigger, text in database.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' "
                                          "AND tbl_name = ?", (name,)):
        event, purpose = re.fullmatch(rf"{name}_(insert|update|delete)_(\w+)", trigger).groups()
        of = re.search(r"AFTER UPDATE OF (.*?) ON ", text)
        columns = tuple(sorted(re.split(r",\s*", of.group(1)))) if of else ()
        table.triggers.setdefault(purpose, set()).add((event, columns))
    shown = [column for column in table.columns if column != "mark"]
    table.rows = sorted(database.execute(f"SELECT {', '.join(shown)} FROM {name}").fetchall())
    return table


def migrated_sqlite(scripts):
    database = sqlite3.connect(":memory:")
    for script in scripts:
        database.executescript(script)
    return database


def of_sqlite(database):
    """Ordinary tables; those inside a virtual one are its own."""
    names = database.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    tables = dict(names.fetchall())
    virtual = [name for name, sql in tables.items() if sql.startswith("CREATE VIRTUAL")]
    kinds = {row[1]: row[2] for row in database.execute("PRAGMA table_list")}
    return {name: sqlite_table(database, name, sql) for name, sql in tables.items()
            if name not in virtual and kinds[name] == "table"}


# ---- PostgreSQL ----------------------------------------------------------------------------------------------------

COLUMNS = """
  SELECT c.relname AS table, a.attname AS name, format_type(a.atttypid, NULL) AS type, NOT a.attnotnull AS null,
         pg_get_expr(d.adbin, d.adrelid) AS default, o.collname AS collation
    FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    LEFT JOIN pg_attrdef AS d ON d.adrelid = c.oid AND d.adnum = a.attnum
    LEFT JOIN pg_collation AS o ON o.oid = a.attcollation
   WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace ORDER BY c.relname, a.attnum"""

INDEXES = """
  SELECT t.relname AS table, i.relname AS name, x.indisprimary AS primary, x.indisunique AS unique,
         EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = i.oid AND contype = 'u') AS constraint,
         ARRAY(SELECT pg_get_indexdef(i.oid, n, false) FROM generate_series(1, x.indnkeyatts) AS n ORDER BY n) AS parts,
         pg_get_expr(x.indpred, x.indrelid) AS condition
    FROM pg_index AS x JOIN pg_class AS i ON i.oid = x.indexrelid JOIN pg_class AS t ON t.oid = x.indrelid
   WHERE t.relnamespace = 'public'::regnamespace"""

CONSTRAINTS = """
  SELECT t.relname AS table, k.contype AS kind, pg_get_constraintdef(k.oid) AS text, f.relname AS target,
         CASE k.confdeltype WHEN 'c' THEN 'CASCADE' ELSE 'NO ACTION' END AS on_delete,
         ARRAY(SELECT attname FROM unnest(k.conkey) WITH ORDINALITY AS n(number, place)
                 JOIN pg_attribute ON attrelid = t.oid AND attnum = n.number ORDER BY place) AS columns,
         ARRAY(SELECT attname FROM unnest(k.confkey) WITH ORDINALITY AS n(number, place)
                 JOIN pg_attribute ON attrelid = f.oid AND attnum = n.number ORDER BY place) AS target_columns
    FROM pg_constraint AS k JOIN pg_class AS t ON t.oid = k.conrelid LEFT JOIN pg_class AS f ON f.oid = k.confrelid
   WHERE k.contype IN ('c', 'f') AND t.relnamespace = 'public'::regnamespace"""

TRIGGERS = """
  SELECT t.relname AS table, g.tgname AS name, g.tgtype AS type,
         ARRAY(SELECT attname FROM unnest(g.tgattr::int2[]) AS n(number)
                 JOIN pg_attribute ON attrelid = t.oid AND attnum = n.number ORDER BY attname) AS columns
    FROM pg_trigger AS g JOIN pg_class AS t ON t.oid = g.tgrelid WHERE NOT g.tgisinternal"""


def of_postgres(server, database):
    tables = {}
    for row in server.rows(COLUMNS, database):
        kind = TYPES.get(row["type"], row["type"])
        if kind == "TEXT" and row["collation"] != "C":
            kind = f"TEXT of collation {row['collation']}"
        default = row["default"] and re.sub(r"::\w+", "", row["default"])
        tables.setdefault(row["table"], Table()).columns[row["name"]] = (kind, row["null"], default)
    for row in server.rows(INDEXES, database):
        table = tables[row["table"]]
        if row["primary"]:
            table.primary_key = tuple(row["parts"])
        elif row["constraint"]:
            table.unique.add(tuple(row["parts"]))
        else:
            table.indexes[row["name"]] = (row["unique"], tuple(map(spelled, row["parts"])), spelled(row["condition"]))
    for row in server.rows(CONSTRAINTS, database):
        table = tables[row["table"]]
        if row["kind"] == "c":
            table.checks = sorted([*table.checks, literals(row["text"])])
        else:
            link = tuple(sorted(zip(row["columns"], row["target_columns"])))
            table.foreign_keys.add((link, row["target"], row["on_delete"]))
    for row in server.rows(TRIGGERS, database):
        purpose = row["name"].removeprefix(row["table"] + "_")
        events = {name for bit, name in EVENTS.items() if row["type"] & bit}
        tables[row["table"]].triggers[purpose] = {
            (event, tuple(row["columns"]) if event == "update" else ()) for event in events}
    everything = " UNION ALL ".join(f"SELECT '{name}' AS table, to_json(r) AS row FROM {name} AS r" for name in tables)
    for found in server.rows(everything, database):
        table = tables[found["table"]]
        table.rows.append(tuple(value for column, value in found["row"].items() if column != "mark"))
        table.rows.sort()
    return tables


# ---- both ----------------------------------------------------------------------------------------------------------

def differences(ours, theirs):
    """One line for each. An index of SQLite's that PostgreSQL lacks, or the reverse, is one, too."""
    found = [f"table {name} is in one of them alone" for name in sorted(ours.keys() ^ theirs.keys())]
    for name in sorted(ours.keys() & theirs.keys()):
        for what, mine in vars(ours[name]).items():
            other = getattr(theirs[name], what)
            if what == "rows" and sorted_columns(ours[name], mine) == sorted_columns(theirs[name], other):
                continue
            if mine != other:
                found.append(f"{name}: {what}: {only(mine, other)} in SQLite, {only(other, mine)} in PostgreSQL")
    return found


def sorted_columns(table, rows):
    """Rows as sets of columns with their values: the two engines may declare columns in another order."""
    shown = [column for column in table.columns if column != "mark"]
    return sorted(sorted(zip(shown, row)) for row in rows)


def only(one, other):
    """What of one is not in the other."""
    if isinstance(one, dict):
        return {key: value for key, value in one.items() if other.get(key) != value}
    return one - other if isinstance(one, set) else one
