"""One text of SQL for two engines: every statement that the store runs on SQLite is prepared on PostgreSQL. The suites
below run with record_sql.c preloaded, which writes down what they and the daemons that they start run."""
import os
import re
import shutil
import subprocess
import tempfile
import unittest
from concurrent.futures import ThreadPoolExecutor

import literals
import server
import statements

BIN = os.environ.get("NEXUS_BIN_DIR") or os.path.join(server.ROOT, "build/release/bin")
SUITE_SECONDS = 300  # of one run, on a loaded machine

# Executable: the files of its tests (`_test.cpp`) that together run nearly all statements, in little time.
RUNS = {
    "api_tests": (
        "audit_log blob_rights budget_ends budget cards chat_streams doctor gate_order identity invitations "
        "kill_switch_reach kpi maybes media memory old_installation packs repeats runs strategy_locks "
        "tenant_tokens three_wise tickets token"
    ),
    "store_tests": "audit_scan deletions events folded_texts housekeeper retention",
    "daemon_tests": "admission_facts living_rows maybes_store rails_watch",
}

# What none of them runs, with the kinds of its parameters. It is judged as it stands here, and must be a statement of
# the sources still (test_every_statement_of_the_sources_was_run).
NOT_RUN = {
    "SELECT size FROM audit_checkpoints WHERE tenant_id = ?1 AND env = ?2 AND at <= ?3 "
    "ORDER BY size DESC, at DESC LIMIT 1": "tti",
    "SELECT EXISTS (SELECT 1 FROM atoms WHERE key IS NOT NULL) OR EXISTS (SELECT 1 FROM pending_objects)": "",
    "SELECT 1 FROM pending_objects WHERE key = ?1": "t",
    "DELETE FROM tickets": "",
    "SELECT tenant_id, env FROM event_heads AS head WHERE (SELECT created_at FROM events "
    "WHERE tenant_id = head.tenant_id AND env = head.env ORDER BY seq LIMIT 1) < ?1": "i",
    "SELECT seq, created_at FROM events WHERE tenant_id = ?1 AND env = ?2 ORDER BY seq LIMIT ?3": "tti",
    "UPDATE event_heads SET messages_pruned_to = ?3 WHERE tenant_id = ?1 AND env = ?2 "
    "AND messages_pruned_to < ?3": "tti",
    "UPDATE event_heads SET activity_pruned_to = ?3 WHERE tenant_id = ?1 AND env = ?2 "
    "AND activity_pruned_to < ?3": "tti",
    "SELECT key, max(size_bytes), max(coalesce(sha256, '')) FROM (SELECT key, size_bytes, sha256 FROM raw_assets "
    "WHERE status = 'registered' AND deleted_at IS NULL UNION ALL SELECT key, size_bytes, sha256 FROM media_assets "
    "WHERE key IS NOT NULL AND deleted_at IS NULL UNION ALL SELECT key, size_bytes, sha256 FROM canvas_artifacts "
    "UNION ALL SELECT a.key, a.size_bytes, a.sha256 FROM atoms a JOIN atom_sets s ON s.tenant_id = a.tenant_id "
    "AND s.env = a.env AND s.set_id = a.set_id WHERE a.key IS NOT NULL AND s.state = 'ready') AS objects "
    "GROUP BY key ORDER BY key": "",
}

# Statements that tests make of parts, beside those that stand in tests/ as they are.
OF_TESTS = (r'\bFROM "\w+"', r"^(CREATE|ALTER|DROP|VALUES|WITH|INSERT INTO (notes|t)\b|SELECT \?)",
            r"\b(FROM|INTO|UPDATE) (notes|[atpu])\b")

# Sources with statements of the store; store/sqlite is the engine's own, and store/takeover.cpp reads two files of it.
# store/daemons.cpp runs on PostgreSQL alone, where its own tests run all of it.
STORE = ("store/*.[ch]pp", "daemon/**/*.[ch]pp")
ELSEWHERE = ("store/daemons.cpp", "store/takeover.cpp", "daemon/backup/", "daemon/app/")


def is_statement(text):
    return re.match(r"(SELECT|INSERT INTO|UPDATE|DELETE FROM) \S", text)


class Recorded(unittest.TestCase):
    """Collects once for all tests."""

    @classmethod
    def setUpClass(cls):
        for name in (*RUNS, "nexusd"):
            if not os.access(os.path.join(BIN, name), os.X_OK):
                raise unittest.SkipTest(f"{name} is not built")
        cls.server = server.Server()
        cls.addClassCleanup(cls.server.stop)
        directory = tempfile.TemporaryDirectory()
        cls.addClassCleanup(directory.cleanup)
        cls.directory = directory.name
        cls.recorder = os.path.join(cls.directory, "record_sql.so")
        compiler = shutil.which("cc") or shutil.which("gcc")
        subprocess.run([compiler, "-O1", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-o", cls.recorder,
                        os.path.join(server.ROOT, "tests/postgres/record_sql.c"), "-ldl"], check=True)
        with ThreadPoolExecutor(2) as pool:
            paths = list(pool.map(cls.run_suite, RUNS))
        cls.found = statements.merged(map(statements.read_records, paths))
        mine, theirs = literals.of_sources(*STORE), literals.of_sources("tests/**/*.[ch]pp")
        cls.of_store = {text: kinds for text, kinds in cls.found.items()
                        if (text in mine or text not in theirs)
                        and not any(re.search(pattern, text) for pattern in OF_TESTS)}

    @classmethod
    def run_suite(cls, name):
        """The path of its records."""
        path = os.path.join(cls.directory, name + ".records")
        wanted = ",".join(f"[#{file}_test]~[.]" for file in RUNS[name].split())
        environment = {**os.environ, "LD_PRELOAD": cls.recorder, "RECORDED_SQL": path, "NEXUS_BIN_DIR": BIN}
        done = subprocess.run([os.path.join(BIN, name), "-#", wanted], env=environment, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=SUITE_SECONDS, check=False)
        if done.returncode != 0:
            raise AssertionError(f"{name} ended with {done.returncode}:\n{done.stdout[-6000:]}{done.stderr[-2000:]}")
        return path

    def asked(self):
        by_hand = {text: list(kinds) for text, kinds in NOT_RUN.items()}
        return {text: kinds for text, kinds in {**by_hand, **self.of_store}.items()
                if not statements.why_sqlite_alone(text)}

    def test_postgresql_prepares_every_statement(self):
        asked = self.asked()
        refused = statements.refusals(self.server, "template_nexus", asked)
        print(f"counted: {len(asked)} statements prepared on PostgreSQL")
        self.assertEqual([], [f"{why}: {text} with {asked[text]}" for text, why in refused.items()],
                         "write it so that both engines take it; a test's own SQL is named in OF_TESTS")

    def test_every_statement_of_the_sources_was_run(self):
        """A statement that no test ran would be judged by nobody."""
        everything, sources = "\n".join([*self.found, *NOT_RUN]), literals.of_sources(*STORE)
        missing = [f"{path}: {text}" for text, path in sources.items() if is_statement(text)
                   and text.split("{")[0].rstrip() not in everything and not path.startswith(ELSEWHERE)]
        self.assertEqual([], missing, "name a file of tests that runs it, in RUNS")
        gone = [text for text in NOT_RUN if not any(text.startswith(part) for part in sources if is_statement(part))]
        self.assertEqual([], gone, "no statement of the sources any more")

    def test_what_sqlite_alone_has_is_found(self):
        """Each reason to leave a statement out still holds for one."""
        for pattern, why in statements.SQLITE_ALONE.items():
            with self.subTest(why=why):
                self.assertTrue(any(re.search(pattern, text) for text in self.found), pattern)

    def test_kinds_are_those_of_the_values(self):
        kinds = next(kinds for text, kinds in self.found.items() if text.startswith("INSERT INTO metric_rollups "))
        self.assertEqual(kinds[:12], list("ttttttirriri"))


class Refusals(unittest.TestCase):
    """The control: what PostgreSQL does not know is refused, and what it knows is not."""

    def test_they_are_told(self):
        for text, kinds in (("INSERT OR REPLACE INTO meta (key, value) VALUES (?1, ?2)", "tt"),
                            ("SELECT ifnull(name, '') FROM tenants", ""),
                            ("SELECT total(cards) FROM card_search_spaces", ""),
                            ("SELECT nothing FROM tenants", ""),
                            ("SELECT name FROM tenants WHERE created_at = ?1", "t"),
                            ("SELECT count(*) FROM (SELECT 1 AS one FROM tenants) AS some", ""),
                            ("UPDATE runs SET cards_count = max(cards_count, ?1)", "i")):
            with self.subTest(text=text):
                self.assertEqual(list(statements.refusals(self.server, "template_nexus", {text: list(kinds)})), [text])

    def test_the_rest_is_prepared(self):
        for text, kinds in (("SELECT name FROM tenants WHERE created_at = ?1", ["i"]),
                            ("SELECT name FROM tenants INDEXED BY tenants_by_age WHERE created_at = ?1", [""]),
                            ("SELECT name FROM tenants WHERE ?1 IS NULL OR tenant_id = ?1", [""]),
                            ("SELECT value FROM json_each(?1)", ["t"]),
                            ("UPDATE metric_rollups SET sum = ?1 WHERE count = ?2", ["ir", "i"])):
            with self.subTest(text=text):
                self.assertEqual(statements.refusals(self.server, "template_nexus", {text: kinds}), {})

    @classmethod
    def setUpClass(cls):
        cls.server = server.Server()
        cls.addClassCleanup(cls.server.stop)


class Literals(unittest.TestCase):
    def test_those_side_by_side_are_one(self):
        source = 'f("a\\"b"  // "c"\n  "d" R"x(e"f)x", \'"\', "g" + "h"); #include "i"\n'
        self.assertEqual(literals.literals(source), ['a"bde"f', "g", "h"])


if __name__ == "__main__":
    unittest.main()
