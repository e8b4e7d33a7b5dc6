"""An agent: follows a thread and answers what people say there. Python 3.9 or newer, nothing else.

    NEXUS_ADDR=… NEXUS_TOKEN=… NEXUS_TENANT=… NEXUS_ENV=… python3 agent.py THREAD_ID [CURSOR_FILE]
"""
import http.client
import json
import os
import random
import sys
import time
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import Request, urlopen

CONTEXT = {"Authorization": "Bearer " + os.environ["NEXUS_TOKEN"], "X-Tenant-Id": os.environ["NEXUS_TENANT"],
           "X-Env": os.environ["NEXUS_ENV"], "Content-Type": "application/json"}
THREAD, FILE = quote(sys.argv[1], safe=""), sys.argv[2] if len(sys.argv) > 2 else ""


def answer_to(text):
    """What the agent says: put your model here."""
    return f"I read: {text}"


def ask(method, path, body=None, headers=()):
    """The daemon's answer. What may succeed later is tried again: after Retry-After, else after growing pauses."""
    data = None if body is None else json.dumps(body).encode()
    pause = 1
    while True:
        wait = random.uniform(pause / 2, pause)
        try:  # a stream that lives is never silent for 60 seconds
            return urlopen(Request(os.environ["NEXUS_ADDR"] + path, data, {**CONTEXT, **dict(headers)}, method=method),
                           timeout=60)
        except HTTPError as refusal:
            if refusal.code != 429 and refusal.code < 500:
                raise
            wait = float(refusal.headers.get("Retry-After") or wait)
        except (OSError, http.client.HTTPException):
            pass
        time.sleep(wait)
        pause = min(2 * pause, 30)


def events(stream):
    """The type, cursor and JSON of each event."""
    fields = {}
    for line in stream:
        name, _, value = line.decode().rstrip("\n").partition(":")
        if name:
            fields[name] = value[1:] if value.startswith(" ") else value
        elif line == b"\n":
            if "data" in fields:
                yield fields.get("event"), fields.get("id"), json.loads(fields["data"])
            fields = {}


def answer(event):
    """The key stands for the message: one that is read again, after a crash, gets no second answer."""
    try:
        ask("POST", f"/chat/threads/{THREAD}/messages", {"text": answer_to(event["data"]["text"])},
            {"Idempotency-Key": "answer-to-" + event["event_id"]}).close()
    except HTTPError as refusal:  # by a gate, for instance: the next message may pass
        print(f"not sent: {refusal.code} {refusal.read().decode()}", file=sys.stderr)


def follow(stream):
    for kind, cursor, event in events(stream):
        if kind == "close" and event["code"] in (4401, 4403):
            sys.exit(f"put out: {event['reason']}")
        # Only people: an agent that answers agents talks to itself for ever.
        if kind == "user_message" and event["routing"]["actor_type"] == "human" and event["data"]["text"]:
            answer(event)
        if cursor:  # only now: what was not answered comes again
            CONTEXT["Last-Event-ID"] = cursor
            if FILE:
                with open(FILE + ".new", "w", encoding="ascii") as file:
                    file.write(cursor)
                os.replace(FILE + ".new", FILE)
        if kind == "resume_cursor":
            print("following", file=sys.stderr, flush=True)


if json.load(ask("GET", "/auth/me"))["actor_type"] != "agent":
    sys.exit("this token does not speak as an agent: nexusctl token create --actor-type agent --out FILE")
if os.path.isfile(FILE):
    CONTEXT["Last-Event-ID"] = open(FILE, encoding="ascii").read()
while True:
    try:
        with ask("GET", f"/sse/chat/{THREAD}") as stream:
            follow(stream)
    except HTTPError as refusal:
        sys.exit(f"refused: {refusal.code} {refusal.read().decode()}")
    except (OSError, http.client.HTTPException):
        pass  # the connection broke
    time.sleep(random.uniform(1, 3))
