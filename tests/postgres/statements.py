"""The statements that a program ran, as record_sql.c wrote them down, and how each is said to PostgreSQL: `?N` becomes
`$N`, or NULL where it got nothing else; an index that the text names for SQLite's planner is left out; a parameter has
the type of the values that it got. That is all that the driver may do: everything else is one text for both."""
import json
import re

TYPES = {"i": "bigint", "r": "double precision", "t": "text", "": "text"}

# What SQLite alone is told: a statement that holds the pattern, and why.
SQLITE_ALONE = {
    r"^(PRAGMA|BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE|ATTACH|DETACH|VACUUM|EXPLAIN|REINDEX|ANALYZE)\b":
        "the engine's own: transactions, settings, maintenance",
    r"\bpragma_\w+|\bsqlite_\w+|\btotal_changes\(\)|\bschema_migrations\b":
        "the engine's own: its schema, its counters, its version",
    r"\bcard_(index|terms)\b|\bcard_index_(data|idx|content|docsize|config|state|debts)\b|\bfts5\b":
        "FTS5, and what is noted for it: PostgreSQL has card_postings",
    r"\browid\b": "counts by SQLite's numbers of rows (count_kept), where PostgreSQL has its statistics",
}


def read_records(path):
    """{text: [the kinds of each parameter]} of a file of records."""
    with open(path, encoding="utf-8") as file:
        records = file.read().split("\x1e")
    statements = {}
    for record in records[:-1]:
        kinds, text = record.split("\x1f")
        seen = [set(letters) for letters in kinds.split(",")] if kinds or "?1" in text else []
        known = statements.setdefault(text, [set() for _ in seen])
        for mine, more in zip(known, seen):
            mine |= more
    return {text: ["".join(sorted(letters)) for letters in kinds] for text, kinds in statements.items()}


def merged(several):
    """One of several results of read_records."""
    all_of_them = {}
    for statements in several:
        for text, kinds in statements.items():
            known = all_of_them.setdefault(text, kinds)
            all_of_them[text] = ["".join(sorted({*mine, *more})) for mine, more in zip(known, kinds)]
    return all_of_them


def why_sqlite_alone(text):
    return next((why for pattern, why in SQLITE_ALONE.items() if re.search(pattern, text)), None)


def parameter_type(kinds):
    """Integers where reals stand beside them are taken as reals. Raises KeyError for kinds that do not go together."""
    return TYPES["r" if kinds == "ir" else kinds]


def in_postgres(text, kinds):
    """As the driver says it: a parameter of which nothing but NULL is known is NULL. No literal of ours holds a
    question mark."""
    def parameter(hit):
        number = int(hit.group(1))
        return f"${number}" if kinds[number - 1] else "NULL"
    return re.sub(r"\?(\d+)", parameter, re.sub(r"\s+INDEXED BY \w+", "", text))


PREPARE = """
CREATE FUNCTION pg_temp.refusal(types TEXT, statement TEXT) RETURNS TEXT LANGUAGE plpgsql AS $function$
BEGIN
  EXECUTE 'PREPARE tried' || types || ' AS ' || statement;
  DEALLOCATE tried;
  RETURN NULL;
EXCEPTION WHEN OTHERS THEN
  RETURN SQLERRM;
END
$function$;
SELECT json_agg(pg_temp.refusal(one->>0, one->>1) ORDER BY place)
  FROM json_array_elements({}) WITH ORDINALITY AS given(one, place);
"""


def refusals(server, database, statements):
    """{text: what PostgreSQL says against it} of those that it does not prepare."""
    asked = []
    for text, kinds in statements.items():
        types = ", ".join(parameter_type(letters) for letters in kinds)
        asked.append([f"({types})" if types else "", in_postgres(text, kinds)])
    quoted = "$asked$" + json.dumps(asked) + "$asked$"
    answers = json.loads(server.run(PREPARE.replace("{}", quoted), database))
    return {text: answer for text, answer in zip(statements, answers) if answer is not None}
