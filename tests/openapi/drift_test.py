"""The API's document and the daemon do not drift apart: on top of a request that succeeds, each field of each operation
takes the values that the document allows at its bounds, one field at a time, and the daemon takes them, but for the
rules of business that business.py names; what the document refuses is refused. Every operation is probed: one without
a succeeding request fails."""
import unittest

import business
import probes
import schemas
import world as worlds

MOST_SHOWN = 200


class Drift(unittest.TestCase):
    """One run of all probes; each test judges one side of it."""

    @classmethod
    def setUpClass(cls):
        cls.world = worlds.World()
        cls.addClassCleanup(cls.world.stop)
        cls.document = schemas.Document(cls.world.document)
        cls.unprepared, cls.findings, cls.count, cls.used, seen = [], [], 0, set(), set()
        for key, operation, parameters in cls.document.operations():
            if cls.succeeds(key, operation):
                cls.probe(key, operation, list(probes.of_operation(cls.world, cls.document, key, operation, parameters,
                                                                   seen)))

    @classmethod
    def succeeds(cls, key, operation):
        """Whether the requests on which the probes are built are taken, one for each type of body."""
        contents = cls.document.follow(operation.get("requestBody", {})).get("content", {})
        cls.world.tenant = cls.world.new_tenant()
        for media in contents or [None]:
            try:
                answer = cls.world.send(worlds.prepared(cls.world, cls.document, key, operation, media))
            except (AssertionError, KeyError) as error:  # no subject of that kind could be made
                cls.unprepared.append(f"{key}: {error!r}")
                return False
            if answer.status >= 400:
                cls.unprepared.append(f"{key} {media or ''}: {answer.status} {answer.body.decode()[:300]}")
                return False
        return True

    @classmethod
    def probe(cls, key, operation, planned):
        for media, probe in planned:
            if not key.startswith("GET "):
                cls.world.tenant = cls.world.new_tenant()  # nothing that an earlier probe configured is in the way
            request = worlds.prepared(cls.world, cls.document, key, operation, media or None)
            finding, rule = probes.judged(probe, cls.world.send(probe.change(request)))
            cls.findings += [finding] if finding else []
            cls.used |= {rule} if rule else set()
        cls.count += len(planned)

    def show(self, findings):
        if findings:
            rest = len(findings) - MOST_SHOWN
            self.fail(f"{len(findings)} of {self.count} probes:\n" + "\n".join(map(str, findings[:MOST_SHOWN]))
                      + (f"\nand {rest} more" if rest > 0 else ""))

    def test_every_operation_has_a_request_that_succeeds(self):
        self.assertFalse(self.unprepared, "\n".join(self.unprepared))
        self.assertGreater(self.count, 2000)

    def test_nothing_breaks_the_daemon(self):
        self.show([finding for finding in self.findings if finding.status >= 500])

    def test_what_the_document_allows_is_taken(self):
        self.show([one for one in self.findings if one.probe.allowed and one.status < 500])

    def test_what_the_document_refuses_is_refused(self):
        self.show([one for one in self.findings if not one.probe.allowed and one.status < 500])

    def test_every_rule_of_business_is_needed(self):
        unneeded = [rule for rule in business.RULES + business.TAKEN if rule not in self.used and not rule.random]
        self.assertFalse(unneeded, "\n".join(map(str, unneeded)))


class Planted(unittest.TestCase):
    """The probes find each kind of drift, when a daemon is made up that has it."""

    document = schemas.Document({})
    schema = {"type": "object", "additionalProperties": False, "required": ["title"], "properties": {
        "title": {"type": "string", "minLength": 1, "maxLength": 8}, "kind": {"enum": ["a", "b"]},
        "tags": {"type": "array", "items": {"type": "string", "minLength": 1, "maxLength": 4}},
        "at": {"type": ["string", "null"], "format": "date-time"}, "count": {"type": "integer", "minimum": 1}}}

    def found(self, takes):
        """The probes on which a daemon that takes the bodies for which `takes` holds and the schema disagree."""
        request = worlds.Request("POST", "/things", body={"title": "a"}, media="application/json")
        return {f"{one.where} {one.what}" for one in probes.of_body(self.document, "POST /things", self.schema,
                                                                    request.body, False)
                if takes(one.change(request).body) != one.allowed}

    @staticmethod
    def exact(body):
        """A parser by hand that takes what the schema allows."""
        def text(value, least, most):
            return isinstance(value, str) and least <= len(value) <= most
        return (isinstance(body, dict) and not set(body) - {"title", "kind", "tags", "at", "count"}
                and text(body.get("title"), 1, 8) and body.get("kind", "a") in ("a", "b")
                and isinstance(body.get("tags", []), list) and all(text(tag, 1, 4) for tag in body.get("tags", []))
                and ("at" not in body or body["at"] in [None] + schemas.MOMENTS)
                and ("count" not in body or type(body["count"]) in (int, float) and body["count"] >= 1
                     and body["count"] % 1 == 0))

    def test_a_parser_that_keeps_to_the_schema_is_found_right(self):
        self.assertEqual(self.found(self.exact), set())

    def test_drifts_are_found(self):
        cases = {
            "bytes counted": lambda body: len(str(body.get("title")).encode()) <= 8,
            "a bound one less": lambda body: len(str(body.get("title"))) <= 7,
            "an enum short of one": lambda body: body.get("kind") != "b",
            "a list bounded": lambda body: not isinstance(body.get("tags"), list) or len(body["tags"]) <= 32,
            "null refused": lambda body: "at" not in body or body["at"] is not None,
            "more is required": lambda body: "count" in body,
        }
        for name, takes in cases.items():
            with self.subTest(name):
                self.assertTrue(self.found(lambda body: self.exact(body) and takes(body)))

    def test_what_is_taken_beyond_the_schema_is_found(self):
        cases = {"nothing is required": {"title"}, "unknown fields are taken": set(), "any kind": {"kind"},
                 "any count": {"count"}, "any time": {"at"}}
        for name, free in cases.items():
            def takes(body):
                known = {key: value for key, value in body.items() if key in self.schema["properties"]} if free == set(
                    ) and isinstance(body, dict) else body
                if isinstance(known, dict):
                    known = {**{key: value for key, value in known.items() if key not in free},
                             **({"title": "a"} if "title" in free else {})}
                return self.exact(known)
            with self.subTest(name):
                self.assertTrue(self.found(takes))


if __name__ == "__main__":
    unittest.main()
