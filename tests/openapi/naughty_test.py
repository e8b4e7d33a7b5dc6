"""The big list of naughty strings (tests/fixtures/suites/naughty.jsonl) through every text field of every operation,
as the API's document names them: what is taken is read back equal, or in the normal form that the document tells; what
is refused names its field; nothing is a failure of the daemon."""
import json
import os
import re
import unittest
from collections import Counter
from dataclasses import replace

import business
import probes
import schemas
import texts
import world as worlds

FIXTURE = os.path.join(worlds.nexus.ROOT, "tests/fixtures/suites/naughty.jsonl")
STRIDE = 37      # between the strings of two fields of one body
LIMITS = (2, 200, 200, 200)  # of the pages of a list that are looked through: the newest first, then all
MOST_SHOWN = 100
STREAMS = ("GET /sse/", "GET /ws/")  # another test asks their queries


def naughty_strings():
    with open(FIXTURE, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def code_of(answer):
    return answer.json.get("code", "") if answer.body.startswith(b"{") else ""


class Trial:
    """One operation with one type of body: sends texts in its fields and judges what comes back."""

    def __init__(self, suite, key, operation, media):
        self.suite, self.key, self.operation, self.media = suite, key, operation, media
        self.world, self.document = suite.world, suite.document
        self.prepare()

    def prepare(self):
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
            for index in range(len(self.suite.strings)):
                self.send({field: self.suite.strings[(index + STRIDE * number) % len(self.suite.strings)]
                           for number, field in enumerate(group)})

    def is_bound(self, field):
        """Whether the field is refused for what is there, or stored, and not for its own form."""
        answer = self.world.send(field.put("naughty")(self.request))
        return answer.status >= 400 and not self.named(answer, field) and self.excused(answer, field, "naughty")

    def send(self, chosen, again=True):
        """`chosen`: the string of each field. What is refused is left out the next time."""
        while chosen:
            request = self.request
            for number, (field, text) in enumerate(chosen.items()):
                request = field.put(text, number == 0)(request)
            answer = self.world.send(request)
            if answer.status < 400:
                self.suite.taken(self, request, answer, chosen)
                return
            refused = [field for field in chosen if self.named(answer, field)]
            if not refused and len(chosen) == 1:
                refused = [field for field, text in chosen.items() if self.excused(answer, field, text)]
            if not refused and again and answer.status in (404, 409):
                self.prepare()  # the subject has been used up
                self.send(chosen, again=False)
                return
            if answer.status >= 500 or not refused:
                self.suite.find(self.key, chosen, f"{answer.status} {answer.body.decode()[:300]}")
                return
            for field in refused:
                chosen = {one: text for one, text in chosen.items() if one is not field}
                self.suite.count["refused, and the field is named"] += 1

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
    def __init__(self):
        self.world = worlds.World()
        self.document = schemas.Document(self.world.document)
        self.strings, self.findings, self.count = naughty_strings(), [], Counter()
        self.shown, self.fields = {}, 0
        self.reads = {path: item["get"] for path, item in self.world.document["paths"].items()
                      if "get" in item and not path.startswith(("/sse/", "/ws/"))}

    def find(self, key, chosen, what):
        told = {field.where: text for field, text in chosen.items()}
        self.findings.append(f"{key} {json.dumps(told)[:300]}: {what}")

    # ---- what was taken is read back ------------------------------------------------------------------------------

    def taken(self, trial, request, answer, chosen):
        hidden = [field for field in chosen if self.shown.get((trial.key, field.where)) is False]
        self.count["taken, and shown nowhere"] += len(hidden)
        left = {field: text for field, text in chosen.items() if field not in hidden}
        for document in self.documents(trial, request, answer):
            for field, text in list(left.items()):
                values = list(texts.values_of(document, field.name))
                if any(kept in values for kept in field.kept(text)):
                    del left[field]
                    self.shown[trial.key, field.where] = True
                    self.count["kept equal, or in normal form"] += 1
            if not left:
                return
        for field, text in left.items():
            if self.shown.setdefault((trial.key, field.where), False):
                self.find(trial.key, {field: text}, "was taken, and is not read back")

    def documents(self, trial, request, answer):
        """What may show the text: what is read from the store first."""
        own = answer.json if answer.body.startswith((b"{", b"[")) else {}
        path = self.reader(request.path, own)
        if path:
            values = {**request.path_values, **{key: value for key, value in own.items() if isinstance(value, str)}}
            yield from self.pages(path, values, request)
        yield own
        if "nexus-audit-seq" in answer.headers and not request.path.startswith(("/tenants", "/users", "/tokens")):
            yield self.world.send(worlds.Request("GET", "/audit/{seq}", {"seq": answer.headers["nexus-audit-seq"]})).json

    def reader(self, path, own):
        """The path that shows what a request to `path` made."""
        for name in texts.parameters_of(path + "/" + "".join(one for one in self.reads if one.startswith(path + "/{"))):
            if path + "/{" + name + "}" in self.reads and name in own:
                return path + "/{" + name + "}"
        return next((one for one in texts.parent_paths(path) if one in self.reads), None)

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
        self.texts = [one for one in parameters
                      if texts.kind_of(suite.document, suite.document.whole(one["schema"])) == "text"]
        suite.world.tenant = suite.world.new_tenant()
        self.request = worlds.prepared(suite.world, suite.document, key, operation)

    def run(self):
        names = [one["name"] for one in self.texts if one["in"] == "query"]
        for index in range(len(self.suite.strings) if names else 0):
            self.ask({name: self.suite.strings[(index + STRIDE * number) % len(self.suite.strings)]
                      for number, name in enumerate(names)})
        for one in [one["name"] for one in self.texts if one["in"] == "path"]:
            for text in self.suite.strings:
                values = {**self.request.path_values, one: text or "%"}
                self.judge(replace(self.request, path_values=values), {one: text})

    def ask(self, chosen):
        while chosen:
            answer = self.judge(replace(self.request, query={**self.request.query, **chosen}), chosen)
            named = {one["pointer"].removeprefix("/query/") for one in answer.json.get("errors", [])
                     } if answer.body.startswith(b"{") and answer.status >= 400 else set()
            if answer.status < 400 or not named & set(chosen):
                return
            chosen = {name: text for name, text in chosen.items() if name not in named}

    def judge(self, request, chosen):
        answer = self.suite.world.send(request)
        self.suite.count["refused" if answer.status >= 400 else "taken"] += 1
        if answer.status >= 500 or answer.status >= 400 and not code_of(answer):
            self.suite.findings.append(f"{self.key} {json.dumps(chosen)[:300]}: {answer.status} {answer.body[:300]}")
        return answer


class NaughtyStrings(unittest.TestCase):
    def setUp(self):
        self.suite = Suite()
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
                if media.startswith("text/") or os.environ.get("ONLY", "") not in key:
                    continue  # cards, below
                trial = Trial(suite, key, operation, media)
                fields += len(trial.fields())
                trial.run()
        print([one for one, shown in suite.shown.items() if not shown])
        self.end(f"{fields} fields of bodies")

    def test_every_text_of_a_query_and_a_path(self):
        suite, fields = self.suite, 0
        for key, operation, parameters in suite.document.operations():
            if key.startswith(STREAMS) or os.environ.get("ONLY", "") not in key:
                continue
            head = Head(suite, key, operation, parameters)
            fields += len(head.texts)
            head.run()
        self.end(f"{fields} parameters of queries and paths")

    def test_every_place_of_a_card(self):
        suite = self.suite
        suite.world.tenant = suite.world.new_tenant()
        for key, begin in CARDS.items():
            method, path = key.split(" ")
            values = {name: "probed" for name in texts.parameters_of(path)}
            for place, (card, shown) in PLACES.items():
                for text in suite.strings:
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


if __name__ == "__main__":
    unittest.main()
