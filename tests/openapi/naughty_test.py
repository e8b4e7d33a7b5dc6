"""The big list of naughty strings (tests/fixtures/suites/naughty.jsonl) through every text field of every operation,
as the API's document names them: what is taken is read back equal, or in the normal form that the document tells; what
is refused names its field; nothing is a failure of the daemon. Each field gets a third of the strings, and each string
comes to many fields; with NEXUS_TEST_LONG, all come to all."""
import json
import os
import shutil
import unittest
from collections import Counter
from dataclasses import replace

import business
import probes
import schemas
import texts
import world as worlds

FIXTURE = os.path.join(worlds.nexus.ROOT, "tests/fixtures/suites/naughty.jsonl")
PARTS = 1 if os.environ.get("NEXUS_TEST_LONG") else 3  # of the strings; a field gets one
STRIDE = 37      # between the strings of two fields of one body
LIMITS = (2, 200, 200, 200)  # of the pages of a list that are looked through: the newest first, then all
MOST_SHOWN = 100
IN_MEMORY = "/dev/shm"  # where there is room: a disk that syncs each of so many writes takes minutes more
ROOM = 2 << 30
STREAMS = ("GET /sse/", "GET /ws/")  # another test asks their queries


def naughty_strings():
    with open(FIXTURE, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def code_of(answer):
    return answer.json.get("code", "") if answer.body.startswith(b"{") else ""


# Texts that are taken and that nothing shows afterwards.
ASKED, LIFTED = "it is asked for, and stored nowhere", "what is lifted is gone"
NOT_SHOWN = {
    ("POST /nexus/search", "/query_text"): ASKED, ("POST /nexus/search", "/filters/card_type"): ASKED,
    ("POST /nexus/search", "/filters/version"): ASKED, ("POST /gates/explain", "/subject_id"): ASKED,
    ("POST /gates/explain", "/provider"): ASKED, ("PATCH /kill-switches", "/allow/0/name"): LIFTED,
    ("POST /tenants/{tenant_id}/kill-switches", "/allow/0/name"): LIFTED,
}


class Trial:
    """One operation with one type of body: sends texts in its fields and judges what comes back."""

    def __init__(self, suite, key, operation, media):
        self.suite, self.key, self.operation, self.media = suite, key, operation, media
        self.world, self.document = suite.world, suite.document
        self.prepare()

    def prepare(self, in_new_tenant=True):
        if in_new_tenant:
            self.world.tenant = self.world.new_tenant()
        self.request = worlds.prepared(self.world, self.document, self.key, self.operation, self.media)

    def fields(self):
        schema = self.document.follow(self.operation["requestBody"])["content"][self.media]["schema"]
        return list(texts.fields_of(self.document, schema, self.request.body, self.media.startswith("multipart")))

    def run(self):
        groups = []
        for group in texts.together(self.fields()):
            self.prepare()
            bound = [field for field in group if self.is_bound(field)]
            groups += [[field for field in group if field not in bound], *([field] for field in bound)]
        for group in filter(None, groups):
            self.prepare()
            for index in self.suite.next_part():
                self.send({field: self.suite.strings[(index + STRIDE * number) % len(self.suite.strings)]
                           for number, field in enumerate(group)})

    def is_bound(self, field):
        """Whether the field is refused for what is there, or stored, and not for its own form."""
        answer = self.world.send(field.put("naughty")(self.request))
        return answer.status >= 400 and not self.named(answer, field) and self.excused(answer, field, "naughty")

    def send(self, chosen, tries=3):
        """`chosen`: the string of each field. What is refused is left out the next time."""
        while chosen:
            request = self.request
            for number, (field, text) in enumerate(chosen.items()):
                request = field.put(text, number == 0)(request)
            answer = self.world.send(request)
            if answer.status < 400:
                unseen = self.suite.unseen(self, request, answer, chosen)
                if unseen and tries > 1:
                    self.prepare(tries == 2)  # a repeat of what is done already is answered, and changes nothing
                    self.send(unseen, tries - 1)
                elif unseen:
                    self.suite.miss(self.key, unseen)
                return
            refused = [field for field in chosen if self.named(answer, field)]
            if not refused and len(chosen) == 1:
                refused = [field for field, text in chosen.items() if self.excused(answer, field, text)]
            if not refused and tries > 1 and answer.status in (404, 409):
                self.prepare(tries == 2)  # the subject has been used up
                self.send(chosen, tries - 1)
                return
            if answer.status >= 500 or not refused:
                self.suite.find(self.key, chosen, f"{answer.status} {answer.body.decode()[:300]}")
                return
            self.suite.count["refused by name"] += len(refused)
            chosen = {field: text for field, text in chosen.items() if field not in refused}

    @staticmethod
    def named(answer, field):
        errors = answer.json.get("errors", []) if answer.body.startswith(b"{") else []
        return any(one["pointer"] == place or one["pointer"].startswith(place.rstrip("/") + "/")
                   for one in errors for place in field.places)

    def excused(self, answer, field, text):
        probe = probes.Probe(self.key, f"body {field.where}", text, True, None)
        told = "; ".join(f"{one['pointer']} {one['detail']}" for one in answer.json.get("errors", []))
        return answer.status < 500 and business.rule_for(probe, code_of(answer), told or answer.json["detail"])


class Suite:
    def __init__(self, world, strings, parts=PARTS):
        self.world, self.strings, self.parts = world, strings, parts
        self.document = schemas.Document(self.world.document)
        self.findings, self.count = [], Counter()
        self.parts_given = 0
        self.shown, self.hidden = set(), set()  # (key, where) of fields that answers show, and do not
        self.reads = {path: item["get"] for path, item in self.world.document["paths"].items()
                      if "get" in item and not path.startswith(("/sse/", "/ws/"))}

    def next_part(self):
        """The places of the strings for one more field, in turn."""
        self.parts_given += 1
        return range(self.parts_given % self.parts, len(self.strings), self.parts)

    def find(self, key, chosen, what):
        told = {field.where: text for field, text in chosen.items()}
        self.findings.append(f"{key} {json.dumps(told)[:300]}: {what}")

    # ---- what was taken is read back ------------------------------------------------------------------------------

    def unseen(self, trial, request, answer, chosen):
        """What of `chosen` was taken and is not read back; fields that nothing shows are only counted."""
        left = {field: text for field, text in chosen.items() if (trial.key, field.where) not in self.hidden}
        self.count["of fields that nothing shows"] += len(chosen) - len(left)
        for document in self.documents(trial, request, answer) if left else ():
            for field, text in list(left.items()):
                values = list(texts.values_of(document, field.name))
                kept = any(field.is_kept(text, value) for value in values)
                # In an event, and nowhere else.
                masked = bool(document.get("pii_flags")) and any("[REDACTED:" in str(value) for value in values)
                if kept or masked:
                    del left[field]
                    self.shown.add((trial.key, field.where))
                    self.count["read back" if kept else "masked as personal data"] += 1
            if not left:
                break
        return left

    def miss(self, key, unseen):
        for field, text in unseen.items():
            if (key, field.where) in self.shown:
                self.find(key, {field: text}, "was taken, and is not read back")
            else:
                self.hidden.add((key, field.where))

    def documents(self, trial, request, answer):
        """What may show the text: what is read from the store first."""
        own = answer.json if answer.body.startswith(b"{") else {"items": answer.json if answer.body else []}
        path = self.reader(request.path, own)
        if path:
            values = {**request.path_values, **{key: value for key, value in own.items() if isinstance(value, str)}}
            yield from self.pages(path, values, request)
        yield own
        if "nexus-audit-seq" in answer.headers and not request.path.startswith(("/tenants", "/users", "/tokens")):
            seq = {"seq": answer.headers["nexus-audit-seq"]}
            row = self.world.send(worlds.Request("GET", "/audit/{seq}", seq)).json
            yield {**row, "subject_id": row["body"]["subject"]["id"]}

    def reader(self, path, own):
        """The path that shows what a request to `path` made."""
        for name in texts.parameters_of(path + "/" + "".join(one for one in self.reads if one.startswith(path + "/{"))):
            if path + "/{" + name + "}" in self.reads and name in own:
                return path + "/{" + name + "}"
        above = [one for one in texts.parent_paths(path) if one in self.reads]
        by_id = [one for one in self.reads if texts.parameters_of(one) and set(texts.parameters_of(one)) <= set(own)]
        return next(iter(above + by_id), None)

    def pages(self, path, values, request):
        operation = self.reads[path]
        query, is_list = {}, False
        for parameter in map(self.document.follow, operation.get("parameters", [])):
            name = parameter["name"]
            if parameter.get("required") and parameter["in"] == "query" and isinstance(request.body, dict):
                query[name] = request.body.get(name, "")
            if name == "order":
                query[name] = "newest"
            is_list = is_list or name == "limit"
        who = "system" if "GET " + path in worlds.SYSTEM else request.who
        for limit in LIMITS if is_list else (None,):
            answer = self.world.send(worlds.Request("GET", path, values, query | ({"limit": limit} if limit else {}),
                                                    who=who))
            if answer.status >= 400:
                yield {"unread": answer.body.decode()[:200]}
                return
            document = answer.json if answer.body.startswith(b"{") else {}
            yield document
            if not document.get("next_cursor"):
                return
            if limit == 200:
                query = {**query, "cursor": document["next_cursor"]}


class Head:
    """One operation's queries and the parameters of its path: any text is taken or refused, and never a failure."""

    def __init__(self, suite, key, operation, parameters):
        self.suite, self.key = suite, key
        found = [one for one in parameters if one["in"] in ("query", "path")
                 and texts.kind_of(suite.document, suite.document.whole(one["schema"])) == "text"]
        self.queries = [one["name"] for one in found if one["in"] == "query"]
        self.path = [one["name"] for one in found if one["in"] == "path"]
        suite.world.tenant = suite.world.new_tenant()
        self.request = worlds.prepared(suite.world, suite.document, key, operation)

    def run(self):
        """Of queries several at once, but for those that are refused without being named, such as cursors."""
        alone = [[name] for name in self.queries if self.ask({name: "naughty"})]
        for group in [[name for name in self.queries if [name] not in alone], *alone]:
            for index in self.suite.next_part() if group else ():
                self.ask({name: self.suite.strings[(index + STRIDE * number) % len(self.suite.strings)]
                          for number, name in enumerate(group)})
        for name in self.path:
            for index in self.suite.next_part():
                text = self.suite.strings[index]
                values = {**self.request.path_values, name: text or "%"}
                self.judge(replace(self.request, path_values=values), {name: text})

    def ask(self, chosen):
        """Whether something was refused and not named. What is named is left out the next time."""
        while chosen:
            answer = self.judge(replace(self.request, query={**self.request.query, **chosen}), chosen)
            if answer.status < 400:
                return False
            errors = answer.json.get("errors", []) if answer.body.startswith(b"{") else []
            named = {one["pointer"].removeprefix("/query/") for one in errors} & set(chosen)
            if not named:
                return True
            chosen = {name: text for name, text in chosen.items() if name not in named}
        return False

    def judge(self, request, chosen):
        answer = self.suite.world.send(request)
        self.suite.count["refused" if answer.status >= 400 else "taken"] += 1
        if answer.status >= 500 or answer.status >= 400 and not (
                code_of(answer) or request.method == "HEAD"):
            self.suite.findings.append(f"{self.key} {json.dumps(chosen)[:300]}: {answer.status} {answer.body[:300]}")
        return answer


class NaughtyStrings(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if os.path.isdir(IN_MEMORY) and shutil.disk_usage(IN_MEMORY).free > ROOM:
            os.environ.setdefault("TMPDIR", IN_MEMORY)

    def setUp(self):
        self.suite = Suite(worlds.World(), naughty_strings())
        self.addCleanup(self.suite.world.stop)

    def end(self, what):
        suite = self.suite
        told = ", ".join(f"{count} {name}" for name, count in sorted(suite.count.items()))
        print(f"counted: the big list of naughty strings, {len(suite.strings)} in {what}: {told}")
        self.assertFalse(suite.findings, f"{len(suite.findings)}:\n" + "\n".join(suite.findings[:MOST_SHOWN]))

    def test_every_text_of_a_body(self):
        suite, fields = self.suite, 0
        for key, operation, _ in suite.document.operations():
            contents = suite.document.follow(operation.get("requestBody", {})).get("content", {})
            for media in contents if key not in business.BODIES_NOT_PROBED else ():
                if media.startswith("text/"):
                    continue  # cards, below
                trial = Trial(suite, key, operation, media)
                fields += len(trial.fields())
                trial.run()
        self.end(f"{fields} fields of bodies")
        self.assertEqual(suite.hidden, set(NOT_SHOWN))

    def test_every_text_of_a_query_and_a_path(self):
        suite, fields = self.suite, 0
        for key, operation, parameters in suite.document.operations():
            if key.startswith(STREAMS):
                continue
            head = Head(suite, key, operation, parameters)
            fields += len(head.queries) + len(head.path)
            head.run()
        self.end(f"{fields} parameters of queries and paths")

    def test_every_place_of_a_card(self):
        suite = self.suite
        suite.world.tenant = suite.world.new_tenant()
        for key, begin in CARDS.items():
            method, path = key.split(" ")
            values = {name: "probed" for name in texts.parameters_of(path)}
            for place, (card, shown) in PLACES.items():
                for index in suite.next_part():
                    text = suite.strings[index]
                    sent = begin + card(text)
                    answer = suite.world.send(worlds.Request(method, path, values, body=sent, media="text/plain"))
                    suite.count["refused" if answer.status >= 400 else "taken"] += 1
                    if answer.status >= 400:
                        errors = answer.json.get("errors", [{"pointer": ""}])
                        wrong = answer.status >= 500 or not errors[0]["pointer"].startswith("/header")
                    else:
                        read = self.read(path, values, answer.json)
                        wrong = read["full_text"] != sent or not shown(read, text)
                    if wrong:
                        suite.findings.append(f"{key} {place} {json.dumps(text)}: {answer.status} {answer.body[:300]}")
        self.end(f"{len(PLACES)} places of cards at {len(CARDS)} operations")

    def read(self, path, values, made):
        if path == "/nexus/cards":
            return self.suite.world.send(worlds.Request("GET", path + "/{card_id}", made)).json
        return self.suite.world.send(worlds.Request("GET", path, values)).json["items"][0]


CARDS = {
    "POST /nexus/cards": "card_type: note\n",
    "PUT /nexus/settings/surface": "card_type: surface_settings\n",
    "PUT /nexus/settings/apps/{name}": "card_type: app_definition\nname: probed\n",
    "PUT /nexus/settings/connectors/{name}": "card_type: connector_config\nname: probed\n",
}
# What stands behind the beginning of the card, and whether what was read shows it. JSON's texts are YAML's.
PLACES = {
    "value": (lambda text: f"x: {json.dumps(text)}\n---\nbody", lambda card, text: card["header"]["x"] == text),
    "name": (lambda text: f"{json.dumps(text)}: 1\n---\nbody", lambda card, text: card["header"][text] == 1),
    "body": (lambda text: f"---\n{text}", lambda card, text: card["body_text"] == text.strip(" \t\r\n")),
    "unquoted": (lambda text: f"x: {text}\n---\nbody", lambda card, text: "x" in card["header"]),
}


class Lying:
    """A made-up daemon with one operation and one field. `answer`: the title that was sent -> (status, the title that
    is kept, the field that a refusal names)."""
    document = {"paths": {
        "/things": {"post": {"requestBody": {"content": {"application/json": {"schema": {
            "type": "object", "additionalProperties": False, "required": ["title"], "properties": {
                "title": {"type": "string", "minLength": 1, "pattern": texts.ANY_TEXT}}}}}}}},
        "/things/{thing_id}": {"get": {}}}}

    def __init__(self, answer):
        self.answer, self.kept = answer, {}

    def new_tenant(self):
        return "t_1"

    def send(self, request):
        if request.method == "GET":
            return worlds.nexus.Answer(200, {}, json.dumps(self.kept).encode())
        status, title, named = self.answer(request.body["title"])
        self.kept = {"thing_id": "1", "title": title}
        refusal = {"code": "validation.failed", "detail": "no", "errors": [{"pointer": named, "detail": "no"}]}
        return worlds.nexus.Answer(status, {}, json.dumps(refusal if status >= 400 else {"thing_id": "1"}).encode())


class Planted(unittest.TestCase):
    """The harness finds each kind of fault, when a daemon is made up that has it."""

    def findings(self, answer):
        suite = Suite(Lying(answer), ["b", " a ", "\u00e9", ""], parts=1)
        operation = suite.document.document["paths"]["/things"]["post"]
        Trial(suite, "POST /things", operation, "application/json").run()
        return len(suite.findings), len(suite.hidden)

    def test_a_daemon_that_keeps_and_names_is_found_right(self):
        self.assertEqual(self.findings(lambda title: (201 if title else 422, title, "/title")), (0, 0))

    def test_faults_are_found(self):
        cases = {
            "trimmed": lambda title: (201, title.strip(), ""),
            "cut to ASCII": lambda title: (201, title.encode("ascii", "ignore").decode(), ""),
            "a failure": lambda title: (500 if title == " a " else 201, title, ""),
            "a refusal that names nothing": lambda title: (422 if title == " a " else 201, title, ""),
            "a refusal that names another field": lambda title: (422 if title == " a " else 201, title, "/titles"),
        }
        for name, answer in cases.items():
            with self.subTest(name):
                self.assertEqual(self.findings(answer), (1, 0))

    def test_a_field_that_nothing_shows_is_told(self):
        self.assertEqual(self.findings(lambda title: (201, None, "")), (0, 1))


if __name__ == "__main__":
    unittest.main()
