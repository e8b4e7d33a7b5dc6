"""The same requests to a daemon on SQLite and to one on PostgreSQL get the same answers. Requests are those that the
document allows, in a random order, some of them changed so that they are refused; what each daemon draws for itself
(ids, times, hashes, tokens) is replaced by when it was seen first. 600 requests, or 10 000 with NEXUS_TEST_LONG."""
import json
import os
import random
import re
import sys
import time
import unittest
from dataclasses import replace

import schemas
import world as worlds

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "postgres"))
import server  # noqa: E402

REQUESTS = 10_000 if os.environ.get("NEXUS_TEST_LONG") else 600
SEED = 20261201
TENANT_LASTS = 60  # requests, before a new one
UNTOLD = re.compile(r'"(?:request_id|trace_id)":"[^"]*"')

# What a daemon draws for itself.
DRAWN = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"  # ids
                   r"|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z"                       # times
                   r"|\b(?:nx[a-z]|tk)_[A-Za-z0-9_-]{8,}"                              # tokens and keys
                   r"|\d{8}T\d{6}Z|\b20\d{6}\b|\beyJ[A-Za-z0-9_=-]{20,}"                # of signed forms
                   r"|http://127\.0\.0\.1:\d+"
                   r"|\b[0-9a-f]{64}\b|\b[0-9a-f]{32}\b")
# Answers that tell of the machine, of the moment or of the engine itself.
ELSEWHERE = ("GET /metrics", "GET /doctor", "POST /backup", "GET /readyz", "GET /openapi.json",
             "GET /audit/checkpoint", "POST /audit/checkpoint", "GET /audit/export", "GET /audit/verify",
             "GET /version")
# Members whose values are drawn, or come of times and sizes.
OWN = re.compile(r"(^|_)(hash|sha256|sha|cursor|token|ticket|signature|policy|credential|checkpoint|note|root|nonce"
                 r"|etag|expires_in|fields|url|trace_id|span_id|uptime_seconds|version_id|epoch)$"
                 r"|^next$|^size_bytes_total$")
# Written once a minute, by a clock of each daemon's own.
BY_CLOCK = {"last_used_at"}
# Events of reads come soon after the answers, by a clock of each daemon's own, so before or after those of a change.
IN_ANY_ORDER = ("GET /events",)
# Within so many seconds what a daemon writes beside its answers, such as the events of reads, is there.
SETTLED = 10


class Seen:
    """The names that one daemon drew, numbered as they came."""

    def __init__(self):
        self.numbers = {}

    def text(self, value):
        return DRAWN.sub(lambda hit: f"<{self.kind(hit.group())}>", value)

    @staticmethod
    def kind(value):
        return "time" if "T" in value and value.endswith("Z") else "drawn"

    def value(self, value, name=""):
        if name in BY_CLOCK:
            return "<by clock>"
        if OWN.search(name) and not isinstance(value, (dict, list, bool, type(None))):
            return "<own>"
        if isinstance(value, dict):
            return {key: self.value(one, key) for key, one in value.items()}
        if isinstance(value, list):
            return [self.value(one, name) for one in value]
        return self.text(value) if isinstance(value, str) else value


def shown(answer):
    """An answer without what its daemon drew."""
    seen = Seen()
    media = answer.headers.get("content-type", "").split(";")[0]
    body = answer.body
    if media.endswith("json") and body:
        body = seen.value(json.loads(body))
    else:
        body = seen.text(body.decode(errors="replace"))
    return {"status": answer.status, "type": media, "body": body}


def spoiled(request, choice):
    """The request, changed so that the daemon has something to refuse or to find empty. Never by another caller: the
    rows of denials are written later, by a clock of their own, and would stand elsewhere in the log."""
    how = choice.randrange(4)
    if how == 0 and isinstance(request.body, dict) and request.media == "application/json" and request.body:
        body = dict(request.body)
        del body[choice.choice(sorted(body))]
        return replace(request, body=body)
    if how == 1 and isinstance(request.body, dict) and request.media == "application/json" and request.body:
        name = choice.choice(sorted(request.body))
        return replace(request, body={**request.body, name: choice.choice([None, -1, "", "\u00e9\u4e2d", [], 2 ** 53])})
    if how == 2 and request.path_values:
        name = choice.choice(sorted(request.path_values))
        return replace(request, path_values={**request.path_values, name: "01a231ba-0000-7000-8000-000000000000"})
    return replace(request, query={**request.query, "limit": choice.choice([1, 2, 100])})


class Engines(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        server.programs()  # skips where there is none
        cls.worlds = []
        cls.addClassCleanup(lambda: [one.stop() for one in cls.worlds])
        before = os.environ.get("NEXUS_TEST_STORE")
        cls.addClassCleanup(lambda: os.environ.update({"NEXUS_TEST_STORE": before}) if before else
                            os.environ.pop("NEXUS_TEST_STORE", None))
        for engine in ("sqlite", "postgres"):
            os.environ["NEXUS_TEST_STORE"] = engine
            cls.worlds.append(worlds.World())
        cls.documents = [schemas.Document(one.document) for one in cls.worlds]

    def operations(self):
        for path, methods in sorted(self.documents[0].document["paths"].items()):
            for method, operation in sorted(methods.items()):
                key = f"{method.upper()} {path}"
                if method in ("get", "post", "put", "patch", "delete") and key not in ELSEWHERE:
                    yield key, operation

    def answers(self, key, operation, spoils):
        """What both say to the same request. `spoils`: the seed of a change, or nothing."""
        for one, document in zip(self.worlds, self.documents):
            try:
                request = worlds.prepared(one, document, key, operation)
            except (AssertionError, KeyError) as refusal:  # what an earlier request left is in the way of its subjects
                yield {"status": 400, "body": UNTOLD.sub("", Seen().text(str(refusal)))}
                continue
            if spoils is not None:
                request = spoiled(request, random.Random(spoils))
            answer = shown(one.send(request))
            if key in IN_ANY_ORDER and answer["status"] == 200:
                answer["body"]["items"].sort(key=json.dumps)
            yield answer

    def settled(self, key, operation, spoils):
        """The same; a read that differs is repeated, because daemons write some events soon after their answers."""
        until = time.monotonic() + SETTLED
        while True:
            ours, theirs = self.answers(key, operation, spoils)
            if ours == theirs or not key.startswith("GET ") or time.monotonic() > until:
                return ours, theirs

    def test_both_engines_answer_the_same(self):
        choice = random.Random(SEED)
        operations = list(self.operations())
        succeeded, refused = 0, 0
        for number in range(REQUESTS):
            if number % TENANT_LASTS == 0:
                for one in self.worlds:
                    one.tenant = one.new_tenant()
            key, operation = operations[number] if number < len(operations) else choice.choice(operations)
            spoils = choice.random() if choice.random() < 0.3 and key not in IN_ANY_ORDER else None
            ours, theirs = self.settled(key, operation, spoils)
            self.assertEqual(ours, theirs, f"request {number}, {key}, spoiled by {spoils}")
            self.assertLess(ours["status"], 500, key)
            succeeded += ours["status"] < 400
            refused += ours["status"] >= 400
        self.assertGreater(succeeded, REQUESTS // 2)
        self.assertGreater(refused, REQUESTS // 20)

    def test_what_differs_is_seen(self):
        """The control."""
        said = {"id": "01a231ba-0000-7000-8000-000000000000", "at": "2026-12-01T00:00:00.000Z", "n": 1, "hash": "a"}
        other = {**said, "id": "01a231ba-0000-7000-8000-000000000001", "at": "2026-12-01T00:00:01.000Z", "hash": "b"}
        self.assertEqual(Seen().value(said), Seen().value(other))
        self.assertNotEqual(Seen().value(said), Seen().value({**other, "n": 2}))
        self.assertNotEqual(Seen().value(said), Seen().value({**other, "id": "not drawn"}))


if __name__ == "__main__":
    unittest.main()
