"""AWS Signature Version 4 written a second time, from its documentation, on nothing but Python's own library: for
forms and links that are wrong on purpose, which no other signer would make, and for the calls that a test makes itself.
"""
import base64
import hashlib
import hmac
import json
import time
import urllib.parse
from dataclasses import dataclass, field
from typing import Callable, Optional

import nexus

ALGORITHM = "AWS4-HMAC-SHA256"


@dataclass(frozen=True)
class Signer:
    """Who signs, and for which scope."""
    key_id: str
    secret: str
    region: str
    service: str = "s3"

    def scope(self, date):
        return f"{date[:8]}/{self.region}/{self.service}/aws4_request"

    def credential(self, date):
        return f"{self.key_id}/{self.scope(date)}"

    def signature(self, date, text):
        key = ("AWS4" + self.secret).encode()
        for part in self.scope(date).split("/"):
            key = hmac.new(key, part.encode(), hashlib.sha256).digest()
        return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def amz_date(offset=0.0):
    """Now, or so many seconds from now."""
    return time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(time.time() + offset))


@dataclass
class Policy:
    """What a form is signed for. `conditions` and `text` are for policies that no honest signer makes: the first gets
    the list of conditions, the second the JSON text, and both give back another."""
    key: str
    bucket: str = "nexus"
    content_type: str = "text/plain"
    bytes_min: int = 0
    bytes_max: int = 1000
    signed_at: float = 0.0  # seconds from now
    lifetime: float = 900.0
    conditions: Optional[Callable] = None
    text: Optional[Callable] = None
    signer: Optional[Signer] = None

    def form(self, signer):
        """The fields of the form as pairs, in the order to send them."""
        signer = self.signer or signer
        date = amz_date(self.signed_at)
        proof = {"x-amz-algorithm": ALGORITHM, "x-amz-credential": signer.credential(date), "x-amz-date": date}
        listed = [{"bucket": self.bucket}, {"key": self.key}, {"Content-Type": self.content_type},
                  ["content-length-range", self.bytes_min, self.bytes_max], *({name: proof[name]} for name in proof)]
        if self.conditions:
            listed = self.conditions(listed)
        end = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + self.signed_at + self.lifetime))
        text = json.dumps({"expiration": end, "conditions": listed})
        if self.text:
            text = self.text(text)
        encoded = base64.b64encode(text.encode()).decode()
        return [("key", self.key), ("Content-Type", self.content_type), *proof.items(), ("policy", encoded),
                ("x-amz-signature", signer.signature(date, encoded))]


def quoted(text, slash=False):
    return urllib.parse.quote(text, safe="-_.~" + ("/" if slash else ""))


def canonical(method, path, query, headers, payload):
    pairs = sorted((quoted(name), quoted(value)) for name, value in query.items())
    names = sorted(headers)
    return "\n".join([method, quoted(path, True), "&".join("=".join(pair) for pair in pairs),
                      *(f"{name}:{headers[name].strip()}" for name in names), "", ";".join(names), payload])


def string_to_sign(signer, date, request):
    return "\n".join([ALGORITHM, date, signer.scope(date), hashlib.sha256(request.encode()).hexdigest()])


@dataclass
class Link:
    """A presigned GET of a path (decoded) on a server."""
    base: str
    path: str
    signed_at: float = 0.0
    lifetime: object = 900
    query: dict = field(default_factory=dict)
    signer: Optional[Signer] = None

    def parameters(self, signer):
        """Name and value of each query parameter, the signature last."""
        signer = self.signer or signer
        date = amz_date(self.signed_at)
        query = {"X-Amz-Algorithm": ALGORITHM, "X-Amz-Credential": signer.credential(date), "X-Amz-Date": date,
                 "X-Amz-Expires": str(self.lifetime), "X-Amz-SignedHeaders": "host", **self.query}
        host = urllib.parse.urlsplit(self.base).netloc
        request = canonical("GET", self.path, query, {"host": host}, "UNSIGNED-PAYLOAD")
        return [*query.items(), ("X-Amz-Signature", signer.signature(date, string_to_sign(signer, date, request)))]

    def url(self, parameters):
        return self.base + quoted(self.path, True) + "?" + "&".join(quoted(n) + "=" + quoted(v) for n, v in parameters)


def request(signer, method, endpoint, path, query=None, body=b"", headers=None):
    """A call of S3's, signed in its headers. `path` is decoded."""
    date, payload = amz_date(), hashlib.sha256(body).hexdigest()
    signed = {"host": urllib.parse.urlsplit(endpoint).netloc, "x-amz-date": date, "x-amz-content-sha256": payload,
              **(headers or {})}
    text = string_to_sign(signer, date, canonical(method, path, query or {}, signed, payload))
    names = ";".join(sorted(signed))
    proof = f"{ALGORITHM} Credential={signer.credential(date)}, SignedHeaders={names}, " \
            f"Signature={signer.signature(date, text)}"
    asked = "&".join(quoted(name) + "=" + quoted(value) for name, value in (query or {}).items())
    sent = {name: value for name, value in signed.items() if name != "host"}
    return nexus.call(method, endpoint + quoted(path, True) + ("?" + asked if asked else ""), body,
                      {**sent, "Authorization": proof})
