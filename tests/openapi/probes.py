"""The probes of one operation: on top of its succeeding request one field at a time is set to what the document allows
at its bounds, or to what it refuses just beyond. What an answer means is judged here too. Which refusals are rules of
business, and no drift, stands in business.py, one by one."""
from dataclasses import dataclass, replace

import business
import schemas
import world as worlds

UNSENDABLE = ("\n", "\0")  # not in a header
LONG_IN_HEAD = 200           # characters where a schema gives no maxLength: the whole head has a bound of its own
# What a server cannot tell from the text that a query, a header and a form are made of.
TYPES_IN_TEXT = ("a string", "a integer", "a number", "a boolean", "a null", "a array", "a object")


@dataclass
class Probe:
    key: str        # POST /nexus/runs
    where: str      # body /metadata/topic, query limit, header X-Run-Id
    what: str       # 512 4-byte characters
    allowed: bool
    change: object  # request -> request

    def __str__(self):
        return f"{self.key} {self.where}: {self.what}"


@dataclass
class Finding:
    probe: Probe
    status: int
    code: str
    detail: str

    def __str__(self):
        verdict = "is allowed and was refused" if self.probe.allowed else "is refused by the document and was taken"
        return f"{self.probe} {verdict}: {self.status} {self.code} {self.detail[:120]}"


def body_change(pointer, value, base=None, fresh=None):
    """`base`: what the field's parents are to hold where the request lacks them, and in any case from `fresh` on."""
    def change(request):
        body = request.body
        if pointer and isinstance(pointer[0], int) and not isinstance(body, list):
            body = [body]  # of an alternative that is a list
        for depth in range(1, len(pointer)):
            if schemas.value_at(body, pointer[:depth]) in (schemas.ABSENT, None, []):
                body = schemas.replaced(body, pointer[:depth], schemas.value_at(base, pointer[:depth]))
        if fresh is not None:
            body = schemas.replaced(body, fresh, schemas.value_at(base, fresh))
        return replace(request, body=schemas.replaced(body, pointer, value))
    return change


def query_change(name, value):
    return lambda request: replace(request, query={**request.query, name: value})


def header_change(name, value):
    """X-Reason is read where the system token acts alone."""
    who = {"who": "system"} if name == "X-Reason" else {}
    return lambda request: replace(request, headers={**request.headers, name: worlds.text(value)}, **who)


def without_query(name):
    def change(request):
        return replace(request, query={key: value for key, value in request.query.items() if key != name})
    return change


def sendable(place, value):
    """Whether it can stand in a query or a header, and say there what it says in JSON."""
    if value is None or isinstance(value, float) and value.is_integer():
        return False
    in_text = worlds.text(value)
    return place == "query" or bool(in_text.strip()) and not any(one in in_text for one in UNSENDABLE)


def of_parameters(document, key, parameters, seen):
    """`seen`: headers that were probed at another operation; one parser reads them for all."""
    for parameter in parameters:
        name, place, schema = parameter["name"], parameter["in"], document.whole(parameter["schema"])
        if place not in ("query", "header") or name in worlds.CONTEXT_HEADERS or (place, name) in seen:
            continue
        if place == "header":
            seen.add((place, name))
        change = query_change if place == "query" else header_change
        bounded = {"maxLength": LONG_IN_HEAD, **schema} if "string" in schemas.types_of(schema) else schema
        for what, value in schemas.allowed(document, bounded):
            if sendable(place, value):
                yield Probe(key, f"{place} {name}", what, True, change(name, value))
        for what, value in schemas.refused(document, schema):
            if what not in TYPES_IN_TEXT and sendable(place, value):
                yield Probe(key, f"{place} {name}", what, False, change(name, value))
        if "string" not in schemas.types_of(document.alternatives(schema)[0][1]):
            yield Probe(key, f"{place} {name}", "a word", False, change(name, "word"))
        if place == "query" and parameter.get("required"):
            yield Probe(key, f"query {name}", "left out", False, without_query(name))
    yield Probe(key, "query", "an unknown parameter", False, query_change("no_such_parameter", "1"))


def of_body(document, key, schema, base, is_form):
    """`base`: a body that is taken."""
    def probe(pointer, what, value, is_allowed, shape, fresh=None):
        where = "body" + (" /" + "/".join(str(step) for step in pointer) if pointer else "")
        return Probe(key, where, what, is_allowed, body_change(pointer, value, shape, fresh))

    def of_value(pointer, inner, shape, fresh=None, may_lack=False):
        for what, value in schemas.allowed(document, inner):
            yield probe(pointer, what, value, True, shape, fresh)
        for what, value in schemas.refused(document, inner):
            is_told = may_lack and what == "a null" or is_form and what in TYPES_IN_TEXT
            if not is_told:
                yield probe(pointer, what, value, False, shape, fresh)

    yield from of_value((), schema, base)
    for pointer, inner, required, shape, fresh in schemas.fields(document, schema, base):
        if is_form and pointer == ("file",):
            continue
        yield from of_value(pointer, inner, shape, fresh, not required and isinstance(pointer[-1], str))
        if required:
            yield probe(pointer, "left out", schemas.ABSENT, False, shape, fresh)
    for pointer in closed_objects(document, schema, base):
        yield probe(pointer + ("no_such_field",), "an unknown field", 1, False, base)


def closed_objects(document, schema, base, pointer=()):
    for _, one in document.alternatives(schema):
        if one.get("additionalProperties") is False and isinstance(schemas.value_at(base, pointer), dict):
            yield pointer
            for name in one.get("properties", {}):
                if isinstance(schemas.value_at(base, pointer + (name,)), dict):
                    yield from closed_objects(document, one["properties"][name], base, pointer + (name,))


def of_operation(world, document, key, operation, parameters, seen):
    """(media type or "", probe)"""
    yield from (("", probe) for probe in of_parameters(document, key, parameters, seen))
    contents = document.follow(operation.get("requestBody", {})).get("content", {})
    for media, content in contents.items() if key not in business.BODIES_NOT_PROBED else ():
        base = worlds.prepared(world, document, key, operation, media).body
        for probe in of_body(document, key, content["schema"], base, media == "multipart/form-data"):
            yield media, probe


def judged(probe, answer):
    """A Finding, or None when the answer is as the document says; and the rule of business that excused it, or None."""
    try:
        problem = answer.json if answer.status >= 400 else {}
    except ValueError:
        problem = {}
    code = problem.get("code", "")
    details = "; ".join(f"{one['pointer']} {one['detail']}" for one in problem.get("errors", []))
    finding = Finding(probe, answer.status, code, details or problem.get("detail", ""))
    if answer.status >= 500:
        return finding, None
    if probe.allowed == (answer.status < 400):
        return None, None
    rule = business.rule_for(probe, code, finding.detail)
    return (None, rule) if rule else (finding, None)
