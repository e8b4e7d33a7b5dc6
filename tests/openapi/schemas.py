"""What a JSON schema of the API's document allows and refuses: for one field at a time the values at its bounds, and
values just beyond them. Pure: no daemon, no randomness, so that two runs probe the same. Knows the keywords that the
document uses; an unknown one is an error, because a bound that nobody probes proves nothing."""
import re
from re import _constants as sre  # the names of the parsed pattern's parts
from re import _parser

DESCRIPTIVE = {"description", "title", "default", "example", "examples", "deprecated", "readOnly", "writeOnly",
               "$comment", "contentMediaType", "contentEncoding", "externalDocs"}
KNOWN = DESCRIPTIVE | {"type", "enum", "const", "minLength", "maxLength", "pattern", "format", "minimum", "maximum",
                       "exclusiveMinimum", "exclusiveMaximum", "minItems", "maxItems", "uniqueItems", "items",
                       "properties", "required", "additionalProperties", "propertyNames", "minProperties",
                       "maxProperties", "dependentRequired", "oneOf", "anyOf", "allOf"}
MANY_ITEMS = 200      # items to try where a schema gives no maxItems
LONG_TEXT = 10_000    # characters to try where a schema gives no maxLength
LETTERS = {"1-byte": "a", "2-byte": "\u00fc", "4-byte": "\U0001f600"}
MOMENTS = ["2026-11-29T19:50:00Z", "2026-11-29T19:50:00.123456789Z", "2026-11-29T21:50:00+02:00",
           "2024-02-29T23:59:59.9-11:30"]
NO_MOMENTS = ["2026-11-29", "2026-11-29T19:50:00", "2026-13-01T00:00:00Z", "2026-02-30T00:00:00Z", "yesterday", ""]
SAMPLES = {"string": "a", "integer": 1, "number": 1.5, "boolean": True, "null": None, "array": [], "object": {}}


class Absent:
    """What stands where a body has nothing."""
    def __bool__(self):
        return False


ABSENT = Absent()


def x_keys(schema):
    return {key for key in schema if key.startswith("x-")}


BYTES = re.compile(r"\bat most (\d+) bytes\b")
WIDER_TEXTS = "letters beyond ASCII are taken"


def widened(node):
    """The document with the bounds of texts as it tells them in bytes. A schema's bound never overstates: it counts
    characters of four bytes, and names of ASCII alone; what only breaks such a bound is taken all the same. So is null
    for what a request may leave out, as the document's own description says."""
    if isinstance(node, list):
        return [widened(one) for one in node]
    if not isinstance(node, dict):
        return node
    node = {key: widened(value) for key, value in node.items()}
    if node.get("additionalProperties") is False and isinstance(node.get("properties"), dict):
        node["properties"] = {name: one if name in node.get("required", []) else {"anyOf": [one, {"type": "null"}]}
                              for name, one in node["properties"].items()}
    told = node.get("description", "")
    if "maxLength" in node and "x-max-bytes" in node:
        node["maxLength"] = node["x-max-bytes"]
    if isinstance(told, str) and "maxLength" in node:
        if BYTES.search(told):
            node["maxLength"] = int(BYTES.search(told).group(1))
        if WIDER_TEXTS in told:
            node.pop("pattern", None)
    return node


class Document:
    """The API's document; `whole` resolves references and merges allOf. `wide`: what must be refused breaks the bounds
    of this one."""

    def __init__(self, document):
        self.document = document
        self.wide = None if document is None else Wide(widened(document))

    def follow(self, node):
        """The node itself, or what its $ref leads to."""
        while isinstance(node, dict) and "$ref" in node:
            beside = {key: value for key, value in node.items() if key != "$ref"}
            target = self.document
            for step in node["$ref"].removeprefix("#/").split("/"):
                target = target[step.replace("~1", "/").replace("~0", "~")]
            node = {**target, **beside}
        return node

    def whole(self, schema):
        schema = self.follow(schema)
        for part in schema.get("allOf", []):
            part = self.whole(part)
            joined = {**schema.get("properties", {}), **part.get("properties", {})}
            schema = {**part, **schema, "required": schema.get("required", []) + part.get("required", [])}
            if joined:
                schema["properties"] = joined
        schema = {key: value for key, value in schema.items() if key != "allOf"}
        unknown = set(schema) - KNOWN - x_keys(schema)
        if unknown:
            raise ValueError(f"nothing probes the keyword {', '.join(sorted(unknown))}")
        return schema

    def alternatives(self, schema):
        """The schemas of which one is to hold, each with what it is called."""
        schema = self.whole(schema)
        branches = schema.get("oneOf", []) + schema.get("anyOf", [])
        if not branches:
            return [("", schema)]
        return [(f"({number})" + name, one) for number, branch in enumerate(branches)
                for name, one in self.alternatives(branch)]

    def operations(self):
        """(key such as "GET /livez", its description, its parameters)."""
        for path, item in self.document["paths"].items():
            shared = item.get("parameters", [])
            for method, operation in item.items():
                if method in ("get", "put", "post", "delete", "options", "head", "patch", "trace"):
                    parameters = [self.follow(one) for one in shared + operation.get("parameters", [])]
                    yield f"{method.upper()} {path}", operation, parameters


class Wide(Document):
    def __init__(self, document):
        self.document, self.wide = document, self


def types_of(schema):
    kinds = schema.get("type")
    if kinds is None:
        values = schema.get("enum", [schema["const"]] if "const" in schema else [])
        if values and all(isinstance(value, str) for value in values):
            return ["string"]
        return ["object"] if "properties" in schema else list(SAMPLES)
    return [kinds] if isinstance(kinds, str) else kinds


# ---- texts of a pattern --------------------------------------------------------------------------------------------

def class_ends(items):
    """The first and the last character of a class such as [a-z0-9_]."""
    ends = []
    for what, value in items:
        if what is sre.NEGATE:
            return "!", "\U0001f600"
        if what is sre.LITERAL:
            ends += [value]
        elif what is sre.RANGE:
            ends += [value[0], min(value[1], 0x1F600)]
        elif what is sre.CATEGORY:
            ends += [ord("0"), ord("9")] if value is sre.CATEGORY_DIGIT else [ord("a"), ord("z")]
    return chr(min(ends)), chr(max(ends))


def written(parsed, more, last, branch):
    """One text of a parsed pattern: repeats `more` times above their least, or at their most; classes at their last or
    first character."""
    text = ""
    for what, value in parsed:
        if what is sre.LITERAL:
            text += chr(value)
        elif what is sre.IN:
            text += class_ends(value)[1 if last else 0]
        elif what in (sre.ANY, sre.NOT_LITERAL):
            text += "a"
        elif what is sre.BRANCH:
            text += written(value[1][branch % len(value[1])], more, last, branch)
        elif what is sre.SUBPATTERN:
            text += written(value[3], more, last, branch)
        elif what in (sre.MAX_REPEAT, sre.MIN_REPEAT):
            least, most, inner = value
            times = least + min(more, 64) if most is sre.MAXREPEAT else min(least + more, most)
            text += written(inner, more, last, branch) * times
        elif what is not sre.AT and what not in (sre.ASSERT, sre.ASSERT_NOT):
            raise ValueError(f"nothing writes texts of {what}")
    return text


def texts_of_pattern(pattern, least, most):
    parsed = _parser.parse(pattern)
    for branch in range(3):
        for more in (0, 1, 1000):
            for last in (False, True):
                text = written(parsed, more, last, branch)
                if re.search(pattern, text) and least <= len(text) <= (most if most is not None else len(text)):
                    yield text


# ---- what is allowed -----------------------------------------------------------------------------------------------

def allowed_texts(schema):
    least, most = schema.get("minLength", 0), schema.get("maxLength")
    if schema.get("format") == "date-time":
        yield from ((f"time {text}", text) for text in MOMENTS)
        return
    longest = most if most is not None else LONG_TEXT
    texts = [(f"{count} {name} characters", letter * count) for name, letter in LETTERS.items()
             for count in (least, longest)]
    texts += [("a blank", " "), ("a line feed", "a\nb"), ("a NUL", "a\0b"), ("quotes", "\"'\\")]
    if "pattern" in schema:
        texts += [(f"pattern, {len(text)} characters", text)
                  for text in dict.fromkeys(texts_of_pattern(schema["pattern"], least, most))]
    yield from ((name, text) for name, text in texts if fits_text(schema, text))


def allowed_numbers(schema, whole):
    least, most = schema.get("minimum"), schema.get("maximum")
    for value in (least, most, 0, 1, -1 if whole else -1.5, 2**53 - 1 if whole else 1e15):
        if value is not None and (least is None or value >= least) and (most is None or value <= most):
            yield f"{value}", value
    if whole and (least is None or least <= 1) and (most is None or most >= 1):
        yield "1.0", 1.0


def allowed_lists(document, schema):
    items = document.whole(schema.get("items", {}))
    least, most = schema.get("minItems", 0), schema.get("maxItems", MANY_ITEMS)
    several = distinct(document, items, most)
    for count in sorted({least, max(least, 1), most}):
        if count <= len(several):
            yield f"{count} items", several[:count]
    if not schema.get("uniqueItems") and most >= 2 and several:
        yield "the same twice", [several[0], several[0]]


def distinct(document, schema, count):
    """At most `count` different values of a schema; few where it allows few."""
    base = minimal(document, schema)
    if "enum" in schema:
        return schema["enum"][:count]
    if isinstance(base, str):
        candidates = (base[:1] + f"{number}" if "pattern" not in schema else base + str(number)
                      for number in range(10, 10 + count))
        short = [text for text in candidates if fits_text(schema, text)]
        return [base] + short[:count - 1] if count else []
    return [base] * count if count and not schema.get("uniqueItems") else [base][:count]


def fits_text(schema, text):
    return (schema.get("minLength", 0) <= len(text) <= schema.get("maxLength", len(text))
            and ("pattern" not in schema or re.search(schema["pattern"], text)))


def allowed_objects(document, schema):
    yield "the least object", minimal(document, {**schema, "type": "object"})
    more = schema.get("additionalProperties", True)
    if more is False:
        return
    key = minimal(document, {"minLength": 1, **document.whole(schema.get("propertyNames", {})), "type": "string"})
    if "properties" in schema and more is True:
        return
    inner = document.whole(more) if isinstance(more, dict) else {}
    values = allowed(document, inner) if inner else [("", 1), ("", "text"), ("", {"deep": [1, None, True, "x"]})]
    for name, value in values:
        yield f"{{{key}: {name or value}}}", {key: value}


def allowed(document, schema):
    """(what it is, value) at the bounds of one field; of an object its own members are other fields."""
    found = []
    for name, one in document.alternatives(schema):
        if "enum" in one or "const" in one:
            values = one.get("enum", [one.get("const")])
            found += [(f"{name}{value}", value) for value in values]
            continue
        for kind in types_of(one):
            made = {"string": lambda: allowed_texts(one), "integer": lambda: allowed_numbers(one, True),
                    "number": lambda: allowed_numbers(one, False), "null": lambda: [("null", None)],
                    "boolean": lambda: [("true", True), ("false", False)],
                    "array": lambda: allowed_lists(document, one),
                    "object": lambda: allowed_objects(document, one)}[kind]()
            found += [(name + label, value) for label, value in made]
    return found


def minimal(document, schema):
    """The least value that a schema allows: an object with what is required alone."""
    schema = document.alternatives(schema)[0][1]
    if "enum" in schema or "const" in schema:
        return schema.get("enum", [schema.get("const")])[0]
    kind = types_of(schema)[0]
    if kind == "object":
        return minimal_object(document, schema)
    if kind == "array":
        return [minimal(document, schema["items"])] * schema.get("minItems", 0)
    if kind == "string" and schema.get("format") == "date-time":
        return MOMENTS[0]
    if kind == "string" and "pattern" in schema:
        return next(texts_of_pattern(schema["pattern"], schema.get("minLength", 0), schema.get("maxLength")))
    if kind == "string":
        return "a" * max(schema.get("minLength", 0), 1)
    return schema.get("minimum", SAMPLES[kind]) if kind in ("integer", "number") else SAMPLES[kind]


def minimal_object(document, schema):
    names = schema.get("required", [])
    others = [name for name in schema.get("properties", {}) if name not in names]
    names = names + others[:max(0, schema.get("minProperties", 0) - len(names))]
    return {name: minimal(document, schema["properties"][name]) for name in names}


# ---- what is refused -----------------------------------------------------------------------------------------------

def refused_of_kind(schema, kind):
    if kind == "string" and "enum" not in schema:
        least, most = schema.get("minLength", 0), schema.get("maxLength")
        if least:
            yield f"{least - 1} characters", "a" * (least - 1)
        if most is not None:
            yield f"{most + 1} characters", "a" * (most + 1)
        if "pattern" in schema:
            for text in ("", "\u00fc", "a b", "a" * 1000, "!", "a\0b"):
                if not re.search(schema["pattern"], text):
                    yield f"against the pattern: {text[:9]!r}", text
        if schema.get("format") == "date-time":
            yield from ((f"no time: {text!r}", text) for text in NO_MOMENTS)
    if kind in ("integer", "number") and "enum" not in schema:
        for bound, step in (("minimum", -1), ("maximum", 1)):
            if bound in schema:
                yield f"{schema[bound] + step}", schema[bound] + step
        if kind == "integer":
            yield "a fraction", schema.get("minimum", 0) + 0.5


def refused(document, schema):
    """(what it is, value) that no branch of the schema allows, even where its bounds are those that are told."""
    document, schema = document.wide, widened(schema)
    branches = [one for _, one in document.alternatives(schema)]
    kinds = {kind for one in branches for kind in types_of(one)}
    kinds |= {"integer"} if "number" in kinds else set()
    for kind, sample in SAMPLES.items():
        if kind not in kinds and not (kind == "number" and "integer" in kinds):
            yield f"a {kind}", sample
    if len(branches) > 1:
        return
    schema = branches[0]
    if "enum" in schema or "const" in schema:
        for stranger in ("no such word", "", str(schema.get("enum", [schema.get("const")])[0]).swapcase()):
            if stranger not in schema.get("enum", [schema.get("const")]):
                yield f"not of the enum: {stranger!r}", stranger
    for kind in types_of(schema):
        yield from refused_of_kind(schema, kind)
    if "array" in types_of(schema):
        item = minimal(document, schema.get("items", {}))
        if "maxItems" in schema:
            yield f"{schema['maxItems'] + 1} items", (distinct(
                document, document.whole(schema["items"]), schema["maxItems"] + 1) + [item] * schema["maxItems"])[
                    :schema["maxItems"] + 1]
        if schema.get("minItems"):
            yield f"{schema['minItems'] - 1} items", [item] * (schema["minItems"] - 1)


# ---- the fields of a body ------------------------------------------------------------------------------------------

def fields(document, schema, base, pointer=(), fresh=None):
    """(pointer, schema, whether required, a body in which the field's parent is there, fresh) of each field in depth.
    `base`: an allowed body, with all that is required. `fresh`: the pointer to what the request must take from that
    body, because it is another of several schemas there. Lists are entered by their first item."""
    branches = document.alternatives(schema)
    several = sum("object" in types_of(one) for _, one in branches) > 1
    for _, one in branches:
        kinds = types_of(one)
        if "array" in kinds and "items" in one and pointer == ():
            whole = [base] if not isinstance(base, list) else base
            yield from in_list(document, one, whole, pointer, fresh)
        elif "array" in kinds and "items" in one:
            there = value_at(base, pointer)
            first = [minimal(document, one["items"])] * max(1, one.get("minItems", 0))
            yield from in_list(document, one, replaced(base, pointer, there or first), pointer, fresh)
        elif "object" in kinds and "properties" in one:
            if several or not isinstance(value_at(base, pointer), dict):
                base = replaced(base, pointer, minimal(document, one))
            inside = pointer if several else fresh
            for key, inner in one["properties"].items():
                yield pointer + (key,), inner, key in one.get("required", []), base, inside
                yield from fields(document, inner, base, pointer + (key,), inside)


def in_list(document, schema, base, pointer, fresh):
    inner = schema["items"]
    yield pointer + (0,), inner, False, base, fresh
    yield from fields(document, inner, base, pointer + (0,), fresh)


def value_at(body, pointer):
    for step in pointer:
        try:
            body = body[step]
        except (KeyError, IndexError, TypeError):
            return ABSENT
    return body


def replaced(body, pointer, value):
    """The body with one value replaced, or taken out when it is ABSENT; the given body stays as it is."""
    if not pointer:
        return value
    step, rest = pointer[0], pointer[1:]
    copy = list(body) if isinstance(body, list) else dict(body if isinstance(body, dict) else {})
    if rest:
        copy[step] = replaced(copy[step] if isinstance(copy, list) else copy.get(step, {}), rest, value)
    elif value is ABSENT:
        copy.pop(step)
    elif isinstance(copy, list) and not copy:
        copy.append(value)
    else:
        copy[step] = value
    return copy
