"""Every way of spoiling a presigned form or link that we know, and what becomes of it: refused by nexusd's local store,
with which code, and refused or taken by a real server (Ceph's radosgw). Where the two differ, a line says why. The
tables only say what; bad_forms_test.py sends them. docs/s3.md tells operators of the differences."""
import base64
from dataclasses import dataclass, field
from typing import Callable, Optional

import sigv4

TAKEN = "taken"
REFUSED = "refused"  # of a real server: any 4xx, and nothing stored
CONTENT = b"content"  # 7 bytes
DAY = 86400.0

INVALID, FORGED, EXPIRED = "blob.form_invalid", "blob.signature_invalid", "blob.form_expired"
POLICY, SIZE = "blob.policy_violation", "blob.size_out_of_range"


@dataclass
class Case:
    name: str
    local: str                 # TAKEN or the code of the refusal
    real: str = ""             # TAKEN or REFUSED; empty: as the local store
    why: str = ""              # of a difference
    policy: dict = field(default_factory=dict)  # what is signed otherwise (sigv4.Policy)
    touch: Optional[Callable] = None            # the signed fields (pairs), changed afterwards
    body: Optional[Callable] = None             # the whole body, changed
    content: Optional[bytes] = CONTENT          # None: no file part
    after: tuple = ()                           # fields behind the file
    bucket: str = "nexus"                       # in the address
    leaves: Optional[bytes] = None              # on the real server, when it is not the content

    def __post_init__(self):
        self.real = self.real or (TAKEN if self.local == TAKEN else REFUSED)
        if (self.real == self.local == TAKEN or (self.real == REFUSED and self.local != TAKEN)) == bool(self.why):
            raise ValueError(f"{self.name}: a difference, and only that, has a reason")


def put(name, value):
    """The field with another value."""
    return lambda fields: [(n, value(v) if callable(value) else value) if n == name else (n, v) for n, v in fields]


def drop(name):
    return lambda fields: [pair for pair in fields if pair[0] != name]


def add(*pairs):
    return lambda fields: fields + list(pairs)


def swap(old, new):
    """Text with one part replaced, which must be there."""
    def change(text):
        if old not in text:
            raise ValueError(f"no {old} in {text}")
        return text.replace(old, new, 1)
    return change


def instead(name, *conditions):
    """The conditions without the one on this field (or the range, by the verb), with these."""
    def change(listed):
        def about(one):
            return next(iter(one)) if isinstance(one, dict) else one[0]
        kept = [one for one in listed if about(one) != name]
        if len(kept) == len(listed):
            raise ValueError(f"no condition on {name}")
        return kept + list(conditions)
    return change


def conditions(change):
    return {"conditions": change}


def text(change):
    return {"text": change}


def repolicy(change):
    """The policy changed after it was signed."""
    return put("policy", lambda encoded: base64.b64encode(change(base64.b64decode(encoded).decode()).encode()).decode())


def other(**changed):
    """Another signer; `signer` is replaced when the case is sent."""
    return {"signer": changed}


# Why a real server takes what we refuse.
SCOPE = "it signs with whatever region and service the credential names"
CLOCK = "it looks at the policy's expiration alone, not at the date of signing"
TWICE = "of a field that comes twice it takes one, and that one fits"
WORDING = "it reads the policy less strictly; the text is still one that the key's holder signed"
NO_FILE = "without a file it stores an object of one empty line"
HEAD = "it allows longer heads"

FORMS = [
    # -- what is right is taken ----------------------------------------------------------------------------------
    Case("as it was signed", TAKEN),
    Case("as many bytes as allowed", TAKEN, policy={"bytes_max": 7}),
    Case("as few bytes as allowed", TAKEN, policy={"bytes_min": 7}),
    Case("a field that x-ignore- excuses", TAKEN, touch=add(("x-ignore-a", "b"))),
    Case("names of fields in capitals", TAKEN, touch=lambda fields: [(n.upper(), v) for n, v in fields]),
    Case("fields behind the file, which nobody reads", TAKEN, after=(("acl", "public-read"), ("key", "x"))),
    Case("eq and starts-with that hold", TAKEN, policy=conditions(
        instead("Content-Type", ["eq", "$Content-Type", "text/plain"], ["starts-with", "$key", "tenants/"]))),
    Case("a date within the skew of clocks", TAKEN, policy={"signed_at": 600}),
    Case("a policy without content-length-range", TAKEN, policy=conditions(instead("content-length-range"))),

    # -- signature -----------------------------------------------------------------------------------------------
    Case("a wrong signature", FORGED, touch=put("x-amz-signature", "0" * 64)),
    Case("a signature cut short", FORGED, touch=put("x-amz-signature", lambda value: value[:-1])),
    Case("an empty signature", FORGED, touch=put("x-amz-signature", "")),
    Case("no signature", INVALID, touch=drop("x-amz-signature")),
    Case("another secret", FORGED, policy=other(secret="not-the-secret")),
    Case("another key id", FORGED, policy=other(key_id="nobody")),
    Case("another region, signed", FORGED, TAKEN, SCOPE, policy=other(region="mars-1")),
    Case("another service, signed", FORGED, TAKEN, SCOPE, policy=other(service="iam")),
    Case("another region, afterwards", FORGED, touch=put("x-amz-credential", lambda v: v.replace("/s3/", "x/s3/"))),
    Case("another service, afterwards", FORGED, touch=put("x-amz-credential", swap("/s3/", "/iam/"))),
    Case("a credential of four parts", INVALID, touch=put("x-amz-credential", swap("/s3/", "/"))),
    Case("another algorithm", INVALID, touch=put("x-amz-algorithm", "AWS4-HMAC-SHA1")),
    Case("no key", INVALID, touch=drop("key")),
    Case("no policy", INVALID, touch=drop("policy")),
    Case("no credential", INVALID, touch=drop("x-amz-credential")),
    Case("no date", INVALID, touch=drop("x-amz-date")),
    Case("no algorithm", INVALID, touch=drop("x-amz-algorithm")),
    Case("nothing but the file", INVALID, touch=lambda fields: []),

    # -- time ----------------------------------------------------------------------------------------------------
    Case("an expired policy", EXPIRED, policy={"signed_at": -1000}),
    Case("a date in the future", FORGED, TAKEN, CLOCK, policy={"signed_at": 3600}),
    Case("a date of 8 days ago, not expired", EXPIRED, TAKEN, CLOCK,
         policy={"signed_at": -8 * DAY, "lifetime": 30 * DAY}),
    Case("a date of another day than the scope's", FORGED, touch=put("x-amz-date", "20200101T000000Z")),
    Case("a date that is none", INVALID, touch=put("x-amz-date", "today")),

    # -- fields against the policy -------------------------------------------------------------------------------
    Case("a policy that was widened", FORGED, touch=repolicy(swap("0, 1000]", "0, 9999]"))),
    Case("another key", POLICY, touch=put("key", lambda value: value + "x")),
    Case("another tenant's key", POLICY, touch=put("key", "tenants/t_other/dev/raw/a/b")),
    Case("another content type", POLICY, touch=put("Content-Type", "text/html")),
    Case("no content type", POLICY, touch=drop("Content-Type")),
    Case("an uncovered acl", POLICY, touch=add(("acl", "public-read"))),
    Case("uncovered metadata", POLICY, touch=add(("x-amz-meta-a", "b"))),
    Case("an uncovered redirect", POLICY, touch=add(("success_action_redirect", "http://127.0.0.1:9/"))),
    Case("an uncovered status", POLICY, touch=add(("success_action_status", "200"))),
    Case("an uncovered field of no meaning", POLICY, touch=add(("fruit", "apple"))),
    Case("another bucket in the address", "blob.not_found", bucket="nexus-versioned"),
    Case("another bucket in the policy", POLICY, policy={"bucket": "nexus-versioned"}),
    Case("another bucket in a field", POLICY, TAKEN, "the bucket is the address's; the field says nothing",
         touch=add(("bucket", "nexus-versioned"))),
    Case("eq that does not hold", POLICY, policy=conditions(
        instead("Content-Type", ["eq", "$Content-Type", "image/png"]))),
    Case("starts-with that does not hold", POLICY, policy=conditions(
        instead("Content-Type", ["starts-with", "$Content-Type", "image/"]))),
    Case("a key field in two cases", INVALID, touch=add(("KEY", "x"))),
    Case("two keys", INVALID, touch=add(("key", "tenants/t_other/dev/raw/a/b"))),
    Case("two keys, the right one last", INVALID, TAKEN, TWICE, touch=lambda fields: [("key", "loose")] + fields),
    Case("the key twice", INVALID, TAKEN, TWICE, touch=lambda fields: fields + [fields[0]]),
    Case("the content type twice", INVALID, touch=add(("Content-Type", "text/html"))),
    Case("the policy twice", INVALID, TAKEN, TWICE,
         touch=lambda fields: fields + [p for p in fields if p[0] == "policy"]),
    Case("the signature twice", INVALID, touch=add(("x-amz-signature", "0" * 64))),

    # -- size ----------------------------------------------------------------------------------------------------
    Case("a byte too many", SIZE, policy={"bytes_max": 6}),
    Case("a byte too few", SIZE, policy={"bytes_min": 8}),
    Case("an empty file where one byte is asked", SIZE, policy={"bytes_min": 1}, content=b""),

    # -- the policy itself, under a good signature ---------------------------------------------------------------
    Case("no condition on the bucket", POLICY, policy=conditions(instead("bucket"))),
    Case("no condition on the key", POLICY, policy=conditions(instead("key"))),
    Case("no condition on the content type", POLICY, policy=conditions(instead("Content-Type"))),
    Case("no condition on the date", POLICY, policy=conditions(instead("x-amz-date"))),
    Case("no condition on the credential", POLICY, policy=conditions(instead("x-amz-credential"))),
    Case("no conditions at all", POLICY, policy=conditions(lambda listed: [])),
    Case("a condition on a field that is not sent", POLICY,
         policy=conditions(lambda all: all + [{"x-amz-meta-a": "b"}])),
    *(Case(f"starts-with on {name}", POLICY, TAKEN, WORDING,
         policy=conditions(instead(name, ["starts-with", "$" + name, ""])))
      for name in ("bucket", "x-amz-algorithm", "x-amz-credential", "x-amz-date")),
    Case("two lists of conditions", INVALID, policy=text(swap('"conditions"', '"conditions": [], "conditions"'))),
    Case("two expirations", INVALID, TAKEN, WORDING, policy=text(
        swap('"expiration"', '"expiration": "2999-01-01T00:00:00Z", "expiration"'))),
    Case("a bucket and another in one condition", INVALID, policy=text(
        swap('{"bucket": "nexus"}', '{"bucket": "other", "bucket": "nexus"}'))),
    Case("two fields in one condition", INVALID, policy=text(
        swap('{"bucket": "nexus"}', '{"bucket": "nexus", "acl": "private"}'))),
    Case("a verb that there is not", INVALID, policy=conditions(lambda all: all + [["ends-with", "$key", "t"]])),
    Case("a field without its dollar", INVALID, policy=conditions(lambda all: all + [["eq", "Content-Type", "a/b"]])),
    Case("a negative range", INVALID, TAKEN, WORDING, policy={"bytes_min": -1}),
    Case("a range that ends before it starts", INVALID, policy={"bytes_min": 9, "bytes_max": 8}),
    Case("a range in words", INVALID, policy={"bytes_min": "none", "bytes_max": "many"}),
    Case("no expiration", INVALID, policy=text(swap('"expiration"', '"expires"'))),
    Case("an expiration that is no time", INVALID,
         policy={"text": lambda t: '{"expiration": "soon"' + t[t.index(", "):]}),
    Case("a third word beside conditions", INVALID, TAKEN, WORDING,
         policy=text(swap('"expiration"', '"comment": "a", "expiration"'))),
    Case("a policy that is not JSON", INVALID, policy=text(lambda t: "not json")),
    Case("an empty policy", INVALID, policy=text(lambda t: "")),
    Case("a policy that is not base64", FORGED, touch=put("policy", "*")),

    # -- the form ------------------------------------------------------------------------------------------------
    Case("no file", INVALID, TAKEN, NO_FILE, content=None, leaves=b"\r\n"),
    Case("the key behind the file", INVALID, touch=drop("key"), after=(("key", "a"),)),
    Case("a head of more than 20 KB", INVALID, TAKEN, HEAD, touch=add(("x-ignore-a", "x" * 20480))),
    Case("a body cut off", INVALID, body=lambda whole: whole[:-20]),
    Case("a body with another boundary", INVALID, body=lambda whole: whole.replace(b"--nexus", b"--other")),
    Case("an empty body", INVALID, body=lambda whole: b""),

    # -- keys: a server has no opinion about them, the policy pins the one that we built -------------------------------
    *(Case(f"a signed key of no shape of ours: {key}", POLICY, TAKEN,
           "any key is one to it; nexusd signs only those that it built", policy={"key": key})
      for key in ("loose", "tenants/t_dev/dev/raw/a", "tenants/t_dev/dev/raw/../b", "tenants/t_dev/qa/raw/a/b")),
]


@dataclass
class LinkCase:
    """As Case, for a presigned GET of a stored object."""
    name: str
    local: str
    real: str = ""
    why: str = ""
    link: dict = field(default_factory=dict)  # what is signed otherwise (sigv4.Link)
    touch: Optional[Callable] = None          # the parameters (pairs), changed afterwards
    path: Optional[Callable] = None           # the path, changed afterwards

    __post_init__ = Case.__post_init__


LINKS = [
    LinkCase("as it was signed", TAKEN),
    LinkCase("for a second", TAKEN, link={"lifetime": 60}),
    LinkCase("for 7 days", TAKEN, link={"lifetime": 604800}),
    LinkCase("for a second more than 7 days", INVALID, link={"lifetime": 604801}),
    LinkCase("for no time", INVALID, link={"lifetime": 0}),
    LinkCase("for a negative time", INVALID, link={"lifetime": -5}),
    LinkCase("for a word", INVALID, link={"lifetime": "soon"}),
    LinkCase("with a disposition and a type", TAKEN, link={"query": {
        "response-content-disposition": "attachment; filename*=UTF-8''a%20b.txt", "response-content-type": "a/b"}}),
    LinkCase("another disposition afterwards", FORGED, touch=add(("response-content-disposition", "inline"))),
    LinkCase("another parameter afterwards", FORGED, touch=add(("versionId", "x"))),
    LinkCase("a wrong signature", FORGED, touch=put("X-Amz-Signature", "0" * 64)),
    LinkCase("an empty signature", FORGED, touch=put("X-Amz-Signature", "")),
    LinkCase("no signature", INVALID, touch=drop("X-Amz-Signature")),
    LinkCase("no date", INVALID, touch=drop("X-Amz-Date")),
    LinkCase("no credential", INVALID, touch=drop("X-Amz-Credential")),
    LinkCase("no lifetime", INVALID, touch=drop("X-Amz-Expires")),
    LinkCase("no algorithm", INVALID, touch=drop("X-Amz-Algorithm")),
    LinkCase("no list of signed headers", INVALID, touch=drop("X-Amz-SignedHeaders")),
    LinkCase("nothing at all", INVALID, touch=lambda parameters: []),
    LinkCase("a longer life afterwards", FORGED, touch=put("X-Amz-Expires", "901")),
    LinkCase("another secret", FORGED, link=other(secret="not-the-secret")),
    LinkCase("another key id", FORGED, link=other(key_id="nobody")),
    LinkCase("another region, signed", FORGED, TAKEN, SCOPE, link=other(region="mars-1")),
    LinkCase("another service, signed", FORGED, TAKEN, SCOPE, link=other(service="iam")),
    LinkCase("expired", EXPIRED, link={"signed_at": -1000}),
    LinkCase("of the future", FORGED, TAKEN, "a link of the future is good from now on", link={"signed_at": 3600}),
    LinkCase("of 8 days ago, for 7", EXPIRED, link={"signed_at": -8 * DAY, "lifetime": 604800}),
    LinkCase("the signature twice", INVALID, TAKEN, TWICE, touch=lambda parameters: parameters + parameters[-1:]),
    LinkCase("another object", FORGED, path=lambda path: path + "x"),
    LinkCase("another bucket", FORGED, path=swap("/nexus/", "/nexus-versioned/")),
]
