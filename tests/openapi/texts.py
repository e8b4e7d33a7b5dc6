"""The text fields of an operation as the API's document names them: each text of a body, and each object whose names
are the client's; and the normal forms in which such texts are kept."""
import json
import re
import unicodedata
from dataclasses import dataclass

import probes
import schemas

ANY_TEXT = "^[^\\u0000]*$"  # the pattern of a text that is kept as it is
FILENAME_BYTES, EXTENSION_BYTES = 180, 16


@dataclass(frozen=True, eq=False)
class Field:
    pointer: tuple
    kind: str        # text, object (the text is a name in it), or JSON (such an object, as text)
    schema: dict
    shape: object    # a body in which the field's parent is there
    fresh: object    # see schemas.fields

    @property
    def where(self):
        return "/" + "/".join(map(str, self.pointer))

    @property
    def name(self):
        return next((step for step in reversed(self.pointer) if isinstance(step, str)), "")

    @property
    def places(self):
        """How an answer names the field; of a list, the list will do."""
        return {self.where, re.sub(r"/\d+$", "", self.where)}

    def value(self, text):
        if self.kind == "text":
            return text
        inner = self.schema.get("additionalProperties", True)
        value = {text: {"deep": [text]} if inner is True else inner}
        return value if self.kind == "object" else json.dumps(value)

    def kept(self, text):
        """What may be read back."""
        if self.kind != "text":
            value = self.value(text)
            return [json.loads(value) if self.kind == "JSON" else value]
        return [text, *normal_forms(self, text)]

    def is_kept(self, text, value):
        """Whether a value that was read is what was sent. The daemon may add to an object."""
        return any(value == kept or isinstance(value, dict) and isinstance(kept, dict)
                   and value == {**value, **kept} for kept in self.kept(text))

    def put(self, text, is_first=True):
        """request -> request. Of several fields in one branch the first makes the branch."""
        return probes.body_change(self.pointer, self.value(text), self.shape, self.fresh if is_first else None)


def normal_forms(field, text):
    """As the document, or the manual, tells them."""
    pattern = field.schema.get("pattern", "")
    if field.name == "tags":  # of a form, between commas
        yield [nfkc(one) for one in text.split(",") if nfkc(one)]
    if pattern not in ("", ANY_TEXT):  # a name
        yield nfkc(text)
        yield nfkc(nfkc(text).casefold())
    if field.name == "currency":
        yield text.upper()
    if field.name == "email":
        yield text.casefold()
    if field.name == "filename":
        yield stored_name(text)


def nfkc(text):
    return unicodedata.normalize("NFKC", text).strip()


def stored_name(text):
    """The last component, in NFC, without what file systems do not like, at most 180 bytes."""
    name = unicodedata.normalize("NFC", re.split(r"[/\\]", text)[-1])
    name = re.sub(r'[\x00-\x1f\x7f-\x9f/\\:*?"<>|]', "_", name).lstrip(".")
    stem, dot, extension = name.rpartition(".")
    if len(name.encode()) > FILENAME_BYTES:
        tail = dot + extension if stem and len(extension.encode()) < EXTENSION_BYTES else ""
        kept = (stem if tail else name).encode()[:FILENAME_BYTES - len(tail.encode())]
        name = kept.decode(errors="ignore") + tail
    return name or "upload.bin"


def fields_of(document, schema, base, is_form):
    """The text fields of a body."""
    seen = set()
    for pointer, inner, _, shape, fresh in [((), schema, True, base, None),
                                            *schemas.fields(document, schema, base)]:
        for _, one in document.alternatives(inner):
            kind = kind_of(document, one)
            if kind is None or is_form and pointer in ((), ("file",)):
                continue
            if kind == "object" and isinstance(one.get("additionalProperties"), dict):
                one = {**one, "additionalProperties": schemas.minimal(document, one["additionalProperties"])}
            field = Field(pointer, kind, one, shape, fresh)
            name = (pointer, kind, fresh, *(json.dumps(part, sort_keys=True, default=str) for part in (one, shape)))
            if name not in seen:
                seen.add(name)
                yield field


def kind_of(document, schema):
    kinds = schemas.types_of(schema)
    if "enum" in schema or "const" in schema or "type" not in schema:
        return None
    if "string" in kinds:
        return "JSON" if schema.get("pattern", "").startswith("^[{]") else "text"
    if "object" in kinds and "properties" not in schema and schema.get("additionalProperties") is not False:
        return "object"
    return None


def together(fields):
    """Lists of fields that one body can hold at once, each pointer once: those of one branch of the schema."""
    groups = {}
    for field in fields:
        branch = (field.pointer[:1] == (0,), field.fresh,
                  field.fresh is not None and json.dumps(field.shape, sort_keys=True, default=str))
        group = groups.setdefault(branch, [])
        if any(one.pointer[:len(field.pointer)] == field.pointer or
               field.pointer[:len(one.pointer)] == one.pointer for one in group):
            group = groups.setdefault((branch, field.pointer, field.kind), [])
        group.append(field)
    return list(groups.values())


def values_of(document, name):
    """Every value under a member of that name, at any depth; of a list, its items too. The document, without a name."""
    if not name:
        yield document
        return
    if isinstance(document, list):
        for one in document:
            yield from values_of(one, name)
    if isinstance(document, dict):
        for key, one in document.items():
            if key == name:
                yield one
                yield from one if isinstance(one, list) else ()
            yield from values_of(one, name)


def parent_paths(path):
    """/a/{b}/c, /a/{b}, /a"""
    while path.count("/"):
        yield path
        path = path.rpartition("/")[0]


def parameters_of(path):
    return re.findall(r"\{(\w+)", path)
