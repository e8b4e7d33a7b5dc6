"""What operators watch: the page of /metrics as promtool judges it, its figures against what was done, the alert rules
and the dashboard against that page, and docs/metrics.md against both."""
import http.server
import json
import os
import re
import sys
import subprocess
import tempfile
import threading
import unittest

import yaml

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path[:0] = [os.path.join(ROOT, "tests/support"), os.path.join(ROOT, "tests/s3")]
import nexus  # noqa: E402
import promtool  # noqa: E402

RULES = os.path.join(ROOT, "packaging/prometheus/nexusd.rules.yml")
DASHBOARD = os.path.join(ROOT, "packaging/grafana/nexusd.json")
PAGE = os.path.join(ROOT, "docs/metrics.md")
OURS = r"\b(?:nexus|process)_[a-z0-9_]+\b"


class NothingThere(http.server.BaseHTTPRequestHandler):
    """An S3 server without objects, and a collector that takes nothing."""

    def answer(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.send_response(404)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = answer

    def log_message(self, *_):
        pass


def samples_of(page):
    """{name: {labels as written: value}}"""
    samples = {}
    for line in page.splitlines():
        if line and not line.startswith("#"):
            head, _, value = line.rpartition(" ")
            name, brace, labels = head.partition("{")
            samples.setdefault(name, {})[brace + labels] = float(value)
    return samples


class Monitoring(unittest.TestCase):
    """One daemon with all that adds to its page: S3 and a collector, whose server has nothing and takes nothing."""

    @classmethod
    def setUpClass(cls):
        if nexus.is_on_postgres():
            raise unittest.SkipTest("its page and its backup are those of a store in a file")
        cls.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), NothingThere)
        threading.Thread(target=cls.server.serve_forever, daemon=True).start()
        cls.addClassCleanup(cls.server.server_close)
        cls.addClassCleanup(cls.server.shutdown)
        there = f"http://127.0.0.1:{cls.server.server_address[1]}"
        keys = tempfile.TemporaryDirectory()
        cls.addClassCleanup(keys.cleanup)
        for name in ("id", "secret"):
            with open(os.path.join(keys.name, name), "w", encoding="utf-8", opener=lambda path, flags:
                      os.open(path, flags, 0o600)) as file:
                file.write("monitoring-test-key\n")
        cls.storage = ["--blobs", "s3", "--s3-endpoint", there, "--s3-bucket", "monitoring",
                       "--s3-access-key-file", os.path.join(keys.name, "id"),
                       "--s3-secret-key-file", os.path.join(keys.name, "secret")]
        cls.nexusd = nexus.Nexusd(*cls.storage, "--otlp-endpoint", there)
        cls.addClassCleanup(cls.nexusd.stop)
        cls.use()
        cls.page = cls.nexusd.call("GET", "/metrics").body.decode()
        cls.samples = samples_of(cls.page)

    @classmethod
    def use(cls):
        """A card, a read, three refusals, a gate that blocks, a call to S3, and a backup that was verified."""
        plain = {"Content-Type": "text/plain"}
        cls.card = cls.nexusd.call("POST", "/nexus/cards", "card_type: note\n---\ntea\n", plain)
        cls.nexusd.call("GET", "/nexus/cards/" + cls.card.json["card_id"])
        for _ in range(3):
            cls.absent = cls.nexusd.call("GET", "/nexus/cards/absent-one")
        cls.nexusd.call("PUT", "/kill-switches", {"disabled_actions": ["maybes_create"]})
        cls.blocked = cls.nexusd.call("POST", "/maybes/items", {"title": "never", "body": ""})
        cls.registered = cls.nexusd.register(cls.nexusd.presign("a.txt"), size_bytes=1)
        with tempfile.TemporaryDirectory() as kept:
            subprocess.run([os.path.join(nexus.BIN, "nexusd"), "--data-dir", cls.nexusd.data_dir, *cls.storage,
                            "backup", "create", kept, "--verify"], check=True, stdout=subprocess.DEVNULL, timeout=60)

    def value(self, name, labels=""):
        self.assertIn(labels, self.samples.get(name, {}), f"{name}{labels} is not on the page")
        return self.samples[name][labels]

    def known(self):
        """Names of samples, and of families that have several."""
        return set(self.samples) | {re.sub("_(bucket|sum|count)$", "", name) for name in self.samples}

    def test_promtool_finds_nothing_on_the_page(self):
        self.assertEqual(promtool.run("check", "metrics", text=self.page), "")

    def test_promtool_is_awake(self):
        with self.assertRaises(AssertionError):
            promtool.run("check", "metrics", text="# TYPE nexus_lost counter\nnexus_lost 1\n")

    def test_rules_are_valid_and_fire_on_trouble_alone(self):
        promtool.run("check", "rules", RULES)
        promtool.run("test", "rules", os.path.join(ROOT, "tests/fixtures/prometheus/nexusd_rules.yml"))

    def test_each_alert_is_tried_by_the_tests_of_the_rules(self):
        with open(RULES, encoding="utf-8") as rules, open(
                os.path.join(ROOT, "tests/fixtures/prometheus/nexusd_rules.yml"), encoding="utf-8") as tests:
            alerts, tried = re.findall(r"- alert: (\w+)", rules.read()), tests.read()
        self.assertGreater(len(alerts), 10)
        self.assertEqual([alert for alert in alerts if f'alertname="{alert}"' not in tried], [])

    def test_rules_and_dashboard_name_only_what_is_on_the_page(self):
        with open(RULES, encoding="utf-8") as file:
            expressions = [rule["expr"] for group in yaml.safe_load(file)["groups"] for rule in group["rules"]]
        with open(DASHBOARD, encoding="utf-8") as file:
            panels = [panel for panel in json.load(file)["panels"] if panel["type"] != "row"]
        shown = [target["expr"] for panel in panels for target in panel["targets"]]
        for what, texts, least in (("rules", expressions, 15), ("dashboard", shown, 30)):
            named = {name for text in texts for name in re.findall(OURS, text)}
            self.assertGreater(len(named), least, what)
            self.assertEqual(named - self.known(), set(), what)

    def test_the_dashboard_is_one_that_grafana_takes(self):
        with open(DASHBOARD, encoding="utf-8") as file:
            board = json.load(file)
        ids = [panel["id"] for panel in board["panels"]]
        self.assertEqual(len(ids), len(set(ids)))
        for panel in board["panels"]:
            place = panel["gridPos"]
            self.assertLessEqual(place["x"] + place["w"], 24, panel["title"])
        taken = [(p["gridPos"]["x"], p["gridPos"]["y"]) for p in board["panels"]]
        self.assertEqual(len(taken), len(set(taken)))

    def test_the_document_has_a_line_for_each_metric_and_no_other(self):
        with open(PAGE, encoding="utf-8") as file:
            lines = [line for line in file if "only with PostgreSQL" not in line]
            told = set(re.findall(r"^\| `([a-z0-9_]+)`", "".join(lines), re.M))
        families = set(re.findall(r"^# TYPE (\S+) ", self.page, re.M))
        self.assertEqual(told, families)

    def test_answers_and_refusals_are_counted_once(self):
        self.assertEqual((self.card.status, self.absent.status, self.blocked.status), (201, 404, 403))
        route = '{method="GET",route="/nexus/cards/{card_id}",status="%s"}'
        self.assertEqual(self.value("nexus_http_requests_total", route % "2xx"), 1)
        self.assertEqual(self.value("nexus_http_requests_total", route % "4xx"), 3)
        self.assertEqual(self.value("nexus_refusals_total", '{code="%s"}' % self.absent.code), 3)
        self.assertEqual(self.value("nexus_refusals_total", '{code="%s"}' % self.blocked.code), 1)
        timed = '{kind="read",method="GET",route="/nexus/cards/{card_id}"}'
        self.assertEqual(self.value("nexus_http_request_seconds_count", timed), 4)

    def test_gates_are_counted_by_what_they_said(self):
        self.assertEqual(self.value("nexus_gate_decisions_total", '{gate="kill_switch",verdict="block"}'), 1)
        self.assertGreater(self.value("nexus_gate_decisions_total", '{gate="kill_switch",verdict="pass"}'), 4)
        self.assertEqual(self.value("nexus_gate_decisions_total", '{gate="budget",verdict="block"}'), 0)

    def test_no_path_and_no_id_is_on_the_page(self):
        for secret in ("t_dev", "u_dev", "absent-one", self.card.json["card_id"], "monitoring", self.nexusd.token):
            self.assertNotIn(secret, self.page)

    def test_the_store_the_process_and_the_objects_have_figures(self):
        self.assertGreater(self.value("nexus_writer_units_total"), 2)
        self.assertGreater(self.value("nexus_writer_commit_seconds_sum"), 0)
        self.assertGreaterEqual(self.value("nexus_writer_group_units_sum"), self.value("nexus_writer_batches_total"))
        self.assertGreater(self.value("nexus_database_file_bytes", '{file="nexus.db"}'), 4096)
        self.assertGreater(self.value("nexus_disk_free_bytes"), 0)
        self.assertGreaterEqual(self.value("nexus_audit_rows_total"), 4)
        self.assertGreaterEqual(self.value("nexus_audit_chains"), 1)
        self.assertEqual(self.value("nexus_lane_threads", '{lane="storage"}'), 32)
        self.assertEqual(self.value("nexus_ready", '{check="writer"}'), 1)
        self.assertGreater(self.value("process_open_fds"), 5)
        self.assertGreater(self.value("process_max_fds"), self.value("process_open_fds"))
        self.assertGreater(self.value("process_start_time_seconds"), 1.7e9)
        self.assertEqual(self.value("nexus_s3_call_seconds_count", '{method="HEAD",result="4xx"}'), 1)
        self.assertEqual(list(self.samples["nexus_build_info"].values()), [1])


if __name__ == "__main__":
    unittest.main()
