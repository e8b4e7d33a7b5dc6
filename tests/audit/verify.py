#!/usr/bin/env python3
"""Verifies an export of Nexus's audit log, written from docs/audit-format.md alone: Python's library and the openssl
command are all it needs. usage: verify.py [--key KEY] EXPORT [KEPT_NOTE...]"""
import argparse, base64, hashlib, json, subprocess, tempfile  # noqa: E401

def sha(data):
    return hashlib.sha256(data if isinstance(data, bytes) else data.encode()).digest()

def canonical(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)

def root(stack):
    node = None
    for _, left in reversed(stack):
        node = left if node is None else sha(b"\x01" + left + node)
    return node or sha(b"")

def good(text, signature, raw):
    der = bytes.fromhex("302a300506032b6570032100") + raw
    with tempfile.NamedTemporaryFile() as k, tempfile.NamedTemporaryFile() as s, tempfile.NamedTemporaryFile() as t:
        for file, content in ((k, der), (s, signature), (t, text.encode())):
            file.write(content), file.flush()
        return subprocess.run(["openssl", "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", k.name, "-rawin",
                               "-in", t.name, "-sigfile", s.name], capture_output=True).returncode == 0

def signed(note, key):
    """Whether one of the note's signatures is this key's."""
    name, key_id, public = key.split("+", 2)
    raw = base64.b64decode(public)
    assert raw[:1] == b"\x01" and sha(name.encode() + b"\n" + raw)[:4].hex() == key_id, "the key's id is not its own"
    text, lines = note.rsplit("\n\n", 1)
    assert lines.endswith("\n"), "a cut note"
    for dash, signer, signature in (line.split(" ") for line in lines[:-1].split("\n")):
        assert dash == "\u2014", "a line that is no signature"
        signature = base64.b64decode(signature, validate=True)
        if signer == name and signature[:4].hex() == key_id and good(text + "\n", signature[4:], raw[1:]):
            return True
    return False

def turn(note, successor, keys, turns, replaced):
    """Whose turn it is: the key that signed last, or a known one that begins or replaces a lost key."""
    if not turns or not signed(note, turns[-1][0]):
        key = next((k for k in keys if signed(note, k)), None)
        assert key and (not turns or key in replaced), "signed by no key whose turn it is"
        turns.append((key, bool(turns)))
    if successor:
        assert signed(note, successor[4:]), "the named key did not sign"
        turns.append((successor[4:], False))

def verify(lines, kept=(), trusted=None):
    """The rows, the head, up to which row it is signed, the last signer, those that replaced a lost key, restores."""
    head, seq, at, stack, last_note, erased, ended = None, 0, "", [], bytes(32), set(), False
    origins, kept = {n.split("\n")[0] for n in kept}, {int(n.split("\n")[1]): n.split("\n")[2] for n in kept}
    turns, replaced, signed_rows, restores = [], {}, 0, []
    for line in lines:
        assert not ended and line.endswith("\n"), "trailing data or a cut line"
        item = json.loads(line)
        if head is None:
            tenant, env, instance = (item[k] for k in ("tenant", "env", "instance_id"))
            keys = item["checkpoint_keys"] if item["nexus_audit_export"] == 2 else [item["checkpoint_key"]]
            assert item["nexus_audit_export"] in (1, 2) and keys, "another version"
            assert origins <= {f"nexusd/{instance}/{tenant}/{env}"}, "a kept note is of another log"
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
            act, subject = (body["action"], body["subject"]["type"]), body["subject"]["id"]
            erased -= {subject} if act == ("audit_erase", "audit_row") else set()
            replaced |= {subject: seq} if act == ("key_replace", "checkpoint_key") else {}
            if act == ("store_restore", "store"):
                restores.append((seq, subject, (item["details"] or {}).get("made_at", "an unknown time")))
            assert body["at"] >= at, f"row {seq}: time falls"
            at, node, size = body["at"], sha(b"\x00" + bytes.fromhex(head)), 1
            while stack and stack[-1][0] == size:
                node, size = sha(b"\x01" + stack.pop()[1] + node), size * 2
            stack.append((size, node))
            tree = base64.b64encode(root(stack)).decode()
            assert kept.pop(seq, tree) == tree, f"row {seq}: a kept note differs"
        elif "checkpoint" in item:
            origin, size, tree, prev, _, *successor = item["checkpoint"].split("\n\n")[0].split("\n")
            assert origin == f"nexusd/{instance}/{tenant}/{env}" and int(size) == seq, "a note of another place"
            assert base64.b64decode(tree) == root(stack) and base64.b64decode(prev[5:]) == last_note, "a note's tree"
            turn(item["checkpoint"], "".join(successor), keys, turns, replaced)
            last_note, signed_rows = sha(item["checkpoint"]), seq
        else:
            assert item == {"end": True, "rows": seq, "head": head}, "the end differs"
            ended = True
    assert ended and not erased and not kept, "cut, erased without a row, or shorter than a kept note"
    if trusted:
        place = [key for key, _ in turns].index(trusted)
        assert not any(lost for _, lost in turns[place + 1:]), "a lost key was replaced: who vouches for the new one?"
    return seq, head, signed_rows, turns[-1][0] if turns else None, [k for k, lost in turns if lost], restores

if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--key", help="the key to trust, which is not taken from the export")
    options.add_argument("export"), options.add_argument("notes", nargs="*")
    given = options.parse_args()
    with open(given.export, encoding="utf-8", newline="\n") as export:
        found = verify(export, [open(name, encoding="utf-8").read() for name in given.notes], given.key)
    print(f"{found[0]} rows, head {found[1]}")
    print(f"signed up to row {found[2]} by key {found[3]}" if found[3] else "no row is signed")
    for restore in found[5]:
        print("restored at row %s from backup %s, made at %s" % restore)
    for lost in found[4]:
        print(f"nobody vouches for {lost}, which replaced a lost key: ask the operator for it by another way")
    if not given.key:
        print("the export's own word was taken for its keys: give --key")
