#!/usr/bin/env python3
"""Verifies an export of Nexus's audit log, written from docs/audit-format.md alone: Python's library and the openssl
command are all it needs. usage: verify.py EXPORT [KEPT_NOTE...]"""
import base64, hashlib, json, subprocess, sys, tempfile  # noqa: E401

def sha(data):
    return hashlib.sha256(data if isinstance(data, bytes) else data.encode()).digest()

def canonical(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)

def root(stack):
    node = None
    for _, left in reversed(stack):
        node = left if node is None else sha(b"\x01" + left + node)
    return node or sha(b"")

def signed(note, key):
    name, key_id, public = key.split("+", 2)
    raw = base64.b64decode(public)
    assert sha(name.encode() + b"\n" + raw)[:4].hex() == key_id, "the key's id is not its own"
    text, line = note.rsplit("\n\n", 1)
    signature = base64.b64decode(line.rstrip("\n").split(" ")[2])
    assert line.startswith("\u2014 " + name + " ") and signature[:4].hex() == key_id, "signed by another key"
    der = bytes.fromhex("302a300506032b6570032100") + raw[1:]
    with tempfile.NamedTemporaryFile() as k, tempfile.NamedTemporaryFile() as s, tempfile.NamedTemporaryFile() as t:
        for file, content in ((k, der), (s, signature[4:]), (t, (text + "\n").encode())):
            file.write(content), file.flush()
        done = subprocess.run(["openssl", "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", k.name, "-rawin",
                               "-in", t.name, "-sigfile", s.name], capture_output=True)
    assert done.returncode == 0, "the signature is wrong"

def verify(lines, kept=()):
    head, seq, at, stack, last_note, erased, ended = None, 0, "", [], bytes(32), set(), False
    kept = {int(note.split("\n")[1]): note.split("\n")[2] for note in kept}
    for line in lines:
        assert not ended and line.endswith("\n"), "trailing data or a cut line"
        item = json.loads(line)
        if head is None:
            assert item["nexus_audit_export"] == 1
            tenant, env, key, instance = (item[k] for k in ("tenant", "env", "checkpoint_key", "instance_id"))
            head = sha(f"nexus.audit.genesis.v1\n{instance}\n{tenant}\n{env}\n").hex()
        elif "seq" in item:
            seq += 1
            body = json.loads(item["body"])
            assert item["seq"] == seq and item["prev_hash"] == head, f"row {seq}: out of order or unchained"
            assert canonical(body) == item["body"], f"row {seq}: not canonical"
            assert (body["tenant"], body["env"], body["seq"]) == (tenant, env, seq), f"row {seq}: of another place"
            head = sha(f"nexus.audit.v1\n{tenant}\n{env}\n{seq}\n{head}\n{sha(item['body']).hex()}\n").hex()
            assert head == item["hash"], f"row {seq}: hash"
            erased |= {str(seq)} if item["details"] is None else set()
            digest = sha(canonical(item["details"])).hex()
            assert item["details"] is None or digest == body["details_sha256"], f"row {seq}: details"
            if body["action"] == "audit_erase" and body["subject"]["type"] == "audit_row":
                erased.discard(body["subject"]["id"])
            assert body["at"] >= at, f"row {seq}: time falls"
            at, node, size = body["at"], sha(b"\x00" + bytes.fromhex(head)), 1
            while stack and stack[-1][0] == size:
                node, size = sha(b"\x01" + stack.pop()[1] + node), size * 2
            stack.append((size, node))
            tree = base64.b64encode(root(stack)).decode()
            assert kept.pop(seq, tree) == tree, f"row {seq}: a kept note differs"
        elif "checkpoint" in item:
            origin, size, tree, prev, _ = item["checkpoint"].split("\n\n")[0].split("\n")
            assert origin == f"nexusd/{instance}/{tenant}/{env}" and int(size) == seq, "a note of another place"
            assert base64.b64decode(tree) == root(stack) and base64.b64decode(prev[5:]) == last_note, "a note's tree"
            signed(item["checkpoint"], key)
            last_note = sha(item["checkpoint"])
        else:
            assert item == {"end": True, "rows": seq, "head": head}, "the end differs"
            ended = True
    assert ended and not erased and not kept, "cut, erased without a row, or shorter than a kept note"
    return seq, head

if __name__ == "__main__":
    print(*verify(open(sys.argv[1], encoding="utf-8", newline="\n"), [open(name).read() for name in sys.argv[2:]]))
