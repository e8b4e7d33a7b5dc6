"""The schema that PostgreSQL gets is the one that SQLite's migrations lead to: tables, columns, types, NULL, defaults,
keys, indexes with their expressions and conditions, foreign keys, checks, triggers and first rows. Besides, what the
triggers do is compared by doing it on both."""
import glob
import hashlib
import json
import os
import re
import unittest

import schemas
import server

# table: why one engine alone has it
# card_index is FTS5's, a virtual table, which the comparison leaves out by itself.
SQLITE_ALONE = {"card_index_state": "one row that every card would lock: in PostgreSQL a space numbers its rows",
                "card_index_debts": "what is left to merge in FTS5: a posting is removed at once"}
POSTGRES_ALONE = {"card_postings": "the index of cards, in place of FTS5's"}
# (table, column): why PostgreSQL alone has it
COLUMNS_OF_POSTGRES = {("card_search_spaces", "number"): "the last number of its rows, in place of card_index_state"}
# (table, index): why PostgreSQL has another one under the same name
OTHERWISE = {("tokens", "tokens_by_tenants"): "an ordered index takes no key so long"}


def sqlite_scripts(before=10000):
    """Those with a number below."""
    scripts = []
    for path in sorted(glob.glob(os.path.join(server.ROOT, "migrations/*.sql"))):
        if int(os.path.basename(path)[:4]) < before:
            with open(path, encoding="utf-8") as file:
                scripts.append(file.read())
    return scripts


class WithServer(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = server.Server()
        cls.addClassCleanup(cls.server.stop)
        cls.sqlite = schemas.migrated_sqlite(sqlite_scripts())

    def differences(self, sqlite, database):
        ours = {name: table for name, table in schemas.of_sqlite(sqlite).items() if name not in SQLITE_ALONE}
        theirs = {name: table for name, table in schemas.of_postgres(self.server, database).items()
                  if name not in POSTGRES_ALONE}
        for table, column in COLUMNS_OF_POSTGRES:
            self.assertNotIn(column, ours[table].columns)
            theirs[table].columns.pop(column)
        for table, index in OTHERWISE:
            self.assertNotEqual(ours[table].indexes.pop(index), theirs[table].indexes.pop(index))
        return schemas.differences(ours, theirs)


class Schema(WithServer):
    def test_both_engines_have_the_same(self):
        self.assertGreater(len(schemas.of_sqlite(self.sqlite)), 50)
        self.assertEqual(self.differences(self.sqlite, self.server.new_database()), [])

    def test_the_versions_are_the_same(self):
        numbers = [max(int(re.match(r"(\d{4})_", os.path.basename(path)).group(1))
                       for path in glob.glob(os.path.join(server.ROOT, folder, "*.sql")))
                   for folder in ("migrations", "migrations/postgres")]
        self.assertEqual(*numbers, "each migration is written once for each engine")

    def test_what_is_taken_from_one_is_found(self):
        """The control: of each kind, what the comparison must see."""
        for statement in ("ALTER TABLE runs DROP COLUMN metadata", "DROP TABLE erasures",
                          "ALTER TABLE runs ADD COLUMN more TEXT", "DROP INDEX settings_in_force",
                          "CREATE INDEX more ON runs (run_id)"):
            with self.subTest(statement=statement, engine="SQLite"):
                sqlite = schemas.migrated_sqlite([*sqlite_scripts(), statement])
                self.assertEqual(len(self.differences(sqlite, "template_nexus")), 1)
            with self.subTest(statement=statement, engine="PostgreSQL"):
                self.assertEqual(len(self.changed(statement)), 1)

    def test_what_is_another_in_postgresql_is_found(self):
        for statement in ("ALTER TABLE runs ALTER COLUMN metadata DROP NOT NULL",
                          "ALTER TABLE runs ALTER COLUMN cards_count DROP DEFAULT",
                          "ALTER TABLE runs ALTER COLUMN start_time TYPE integer",
                          'ALTER TABLE runs ALTER COLUMN created_by TYPE TEXT COLLATE "default"',
                          "ALTER TABLE users DROP CONSTRAINT users_email_key",
                          "ALTER TABLE runs DROP CONSTRAINT runs_pkey",
                          "ALTER TABLE settings DROP CONSTRAINT settings_tenant_id_env_card_id_fkey",
                          "ALTER TABLE runs DROP CONSTRAINT runs_status_check",
                          "DROP INDEX runs_of_traces; CREATE INDEX runs_of_traces ON runs (end_time)",
                          "DROP INDEX audit_rows_by_run; CREATE INDEX audit_rows_by_run ON audit_rows "
                          "(tenant_id, env, (substr(body, 1)), seq) WHERE instr(body, '\",\"run_id\":\"') > 0",
                          "DROP TRIGGER kill_switches_marked ON kill_switches",
                          "DROP TRIGGER tokens_admission ON tokens; CREATE TRIGGER tokens_admission AFTER INSERT OR "
                          "DELETE OR UPDATE ON tokens FOR EACH ROW EXECUTE FUNCTION mark_admission()",
                          "DELETE FROM folded_texts"):
            with self.subTest(statement=statement):
                self.assertEqual(len(self.changed(statement)), 1)

    def changed(self, statement):
        database = self.server.new_database()
        self.server.run(statement, database)
        return self.differences(self.sqlite, database)


class Triggers(WithServer):
    """Each test writes the same into both."""

    def setUp(self):
        self.sqlite = schemas.migrated_sqlite(sqlite_scripts())
        self.database = self.server.new_database()

    def both(self, script):
        self.sqlite.executescript(script)
        self.server.run(script, self.database)

    def rows(self, query):
        """Of both, as lists of lists."""
        theirs = [list(row.values()) for row in self.server.rows(query, self.database)]
        return [list(row) for row in self.sqlite.execute(query)], theirs

    def marks(self, query="SELECT tenant_id, env, kind, mark FROM gate_marks ORDER BY tenant_id, env"):
        return self.rows(query)

    def test_configuration_draws_new_marks(self):
        put = "INSERT INTO dangerous_actions VALUES ('{0}', 'dev', 'send_{0}', 'low', 1, 'u')"
        seen = set()
        for script in (put.format("t_a") + ";" + put.format("t_b"), "UPDATE dangerous_actions SET level = 'high'",
                       "INSERT INTO dangerous_actions VALUES ('t_a', 'dev', 'send_t_a', 'low', 1, 'u') "
                       "ON CONFLICT (tenant_id, env, action) DO UPDATE SET level = excluded.level",
                       "DELETE FROM dangerous_actions WHERE tenant_id = 't_a'"):
            self.both(script)
            ours, theirs = self.marks()
            self.assertEqual([row[:3] for row in ours], [row[:3] for row in theirs])
            self.assertEqual([row[:3] for row in theirs],
                             [[tenant, "dev", "configuration"] for tenant in ("t_a", "t_b")])
            self.assertNotIn(theirs[0][3], seen, script)
            seen.add(theirs[0][3])
        self.assertNotIn(theirs[1][3], seen)

    def test_marks_use_all_64_bits(self):
        marks = [row["m"] for row in self.server.rows("SELECT random_mark() AS m FROM generate_series(1, 200)",
                                                      self.database)]
        self.assertEqual(len(set(marks)), 200)
        for bit in range(64):  # each is 0 in some and 1 in some; by chance none of 200 would be once in 2^192
            self.assertEqual({mark >> bit & 1 for mark in marks}, {0, 1}, bit)

    def test_admission_draws_a_mark_for_rights_alone(self):
        user = "INSERT INTO users (user_id, created_at, created_by) VALUES ('u', 1, 'u')"
        token = ("INSERT INTO tokens (token_id, user_id, actor_type, created_at, created_by, expires_at) "
                 "VALUES ('k', 'u', 'agent', 1, 'u', 9)")
        for script, draws in ((user, True), (token, True), ("UPDATE tokens SET last_used_at = 2", False),
                              ("UPDATE tokens SET revoked_at = 2", True), ("DELETE FROM tokens", True),
                              ("DELETE FROM tokens", False)):
            before = self.rows("SELECT mark FROM admission_mark")
            self.both(script)
            after = self.rows("SELECT mark FROM admission_mark")
            for engine in (0, 1):
                self.assertEqual(before[engine] != after[engine], draws, script)

    def test_a_token_may_be_for_many_tenants(self):
        tenants = json.dumps([hashlib.sha256(b"%d" % i).hexdigest() for i in range(100)])
        token = f"""INSERT INTO users (user_id, created_at, created_by) VALUES ('u', 1, 'u');
            INSERT INTO tokens (token_id, user_id, actor_type, tenants, created_at, created_by, expires_at)
            VALUES ('k', 'u', 'agent', '{tenants}', 1, 'u', 9)"""
        self.both(token)
        with self.assertRaisesRegex(server.SqlError, "exceeds"):  # what the index would be otherwise
            self.server.run("CREATE INDEX ordered ON tokens (tenants, token_id)", self.database)

    def test_stored_answers_are_counted_in_bytes(self):
        put = ("INSERT INTO idempotency_keys (tenant_id, env, user_id, method, path, key, body_sha256, secret, status, "
               "headers, body, created_at) VALUES ('t', '{}', 'u', 'POST', '/a', '{}', '', 0, 201, '{{}}', '{}', 1)")
        again = (" ON CONFLICT (tenant_id, env, user_id, method, path, key) DO UPDATE SET headers = excluded.headers, "
                 "body = excluded.body")
        for script, dev, prod in (
                (put.format("dev", "a", "häß"), 512 + 2 + 5, None), (put.format("dev", "b", ""), 1033, None),
                (put.format("prod", "a", "x"), 1033, 515), (put.format("prod", "a", "xyz") + again, 1033, 517),
                ("UPDATE idempotency_keys SET status = 404, headers = '', body = '' WHERE key = 'a'", 1026, 512),
                ("DELETE FROM idempotency_keys WHERE key = 'a'", 514, 0), ("DELETE FROM idempotency_keys", 0, 0)):
            self.both(script)
            wanted = [["t", env, kept] for env, kept in (("dev", dev), ("prod", prod)) if kept is not None]
            for engine in self.rows("SELECT tenant_id, env, bytes FROM stored_answer_bytes ORDER BY tenant_id, env"):
                self.assertEqual(engine, wanted, script)


class OldRows(WithServer):
    """What a migration makes of rows that were there before it, on both."""

    def test_the_bytes_of_stored_answers_are_counted_anew_for_each_env(self):
        sqlite = schemas.migrated_sqlite(sqlite_scripts(before=44))
        self.server.run("CREATE DATABASE old", "postgres")
        self.server.migrate("old", before=44)
        for number, (tenant, env) in enumerate((("t", "dev"), ("t", "prod"), ("t", "dev"), ("u", "dev"), ("", ""))):
            put = ("INSERT INTO idempotency_keys (tenant_id, env, user_id, method, path, key, body_sha256, secret, "
                   f"status, headers, body, created_at) VALUES ('{tenant}', '{env}', 'u', 'POST', '/a', 'k{number}', "
                   f"'', 0, 201, '{{}}', '{'ß' * number}', {number})")
            sqlite.executescript(put)
            self.server.run(put, "old")
        sums = "SELECT tenant_id, sum(bytes) AS bytes FROM stored_answer_bytes GROUP BY tenant_id ORDER BY tenant_id"
        of_tenants = [["", 522], ["t", 3 * 514 + 2 + 4], ["u", 520]]
        self.assertEqual(self.on_both(sums, sqlite), [of_tenants, of_tenants])
        for script in sqlite_scripts()[43:]:
            sqlite.executescript(script)
        self.server.migrate("old", since=44)
        self.assertEqual(self.on_both(sums, sqlite), [of_tenants, of_tenants])
        each = "SELECT tenant_id, env, bytes FROM stored_answer_bytes ORDER BY tenant_id, env"
        of_envs = [["", "", 522], ["t", "dev", 2 * 514 + 4], ["t", "prod", 516], ["u", "dev", 520]]
        self.assertEqual(self.on_both(each, sqlite), [of_envs, of_envs])
        self.assertEqual(self.differences(sqlite, "old"), [])

    def on_both(self, query, sqlite):
        theirs = [list(row.values()) for row in self.server.rows(query, "old")]
        return [[list(row) for row in sqlite.execute(query)], theirs]


class Functions(WithServer):
    """The functions of the PostgreSQL schema that SQLite has built in answer the same."""

    def test_they_answer_as_sqlite_does(self):
        of_object = """SELECT key, value, type FROM json_each('{"b": 1, "a": -2.5e3, "c": "x", "d": null}')"""
        of_array = r"""SELECT value, type FROM json_each('["a", 1, 0.5, null, {"a":[1]}, "\u00e4\""]')"""
        for query in (of_object, of_array, "SELECT value FROM json_each('[]')", "SELECT key FROM json_each('{}')",
                      "SELECT instr('äbc', 'c') AS a, instr('abc', '') AS b, instr('', 'a') AS c, instr('b', 'a') AS d",
                      "SELECT instr(NULL, 'a') AS a"):
            ours = [[self.as_text(value) for value in row] for row in self.sqlite.execute(query)]
            # ::text: an unknown literal could be json as well, for which PostgreSQL has a json_each of its own
            theirs = self.server.rows(re.sub(r"(json_each\('.*?')\)", r"\1::text)", query), "template_nexus")
            self.assertEqual([[self.as_text(value) for value in row.values()] for row in theirs], ours, query)

    @staticmethod
    def as_text(value):
        """Numbers as such: PostgreSQL gives their text."""
        try:
            return float(value)
        except (TypeError, ValueError):
            return value


if __name__ == "__main__":
    unittest.main()
