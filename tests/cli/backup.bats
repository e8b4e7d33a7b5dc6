#!/usr/bin/env bats
# Backups: made beside a running daemon and of one that is stopped, proved, kept, and refused where they are not whole.

# shellcheck disable=SC2154 # helpers leave their results in variables

load helpers
load own_daemon

# A daemon that runs, with a tenant's file and a token.
serve() {
  begin --dev --data-dir "$data" --print-env
  # shellcheck disable=SC1091
  . "$BATS_TEST_TMPDIR/out"
  printf 'a file\n' >"$BATS_TEST_TMPDIR/a.txt"
  expect 0 nexusctl upload "$BATS_TEST_TMPDIR/a.txt"
  backup=$BATS_TEST_TMPDIR/b.tar
}

metric() { curl -sf "$address/metrics" | grep "^$1" | cut -d' ' -f2; }

# change FILE AT BYTE: writes one byte into a copy, which is left in $changed.
change() {
  changed=$BATS_TEST_TMPDIR/changed.tar
  cp "$1" "$changed"
  printf '%b' "$3" | dd of="$changed" bs=1 seek="$2" conv=notrunc status=none
}

# offset FILE ENTRY: where the content of the entry begins.
offset() {
  python3 - "$1" "$2" <<'END'
import sys, tarfile
with tarfile.open(sys.argv[1]) as tar:
    print(next(m.offset_data for m in tar if m.name.endswith(sys.argv[2])))
END
}

@test "a backup over HTTP: other programs read the archive, it verifies, and an audit row tells of it" {
  serve
  expect 0 as_system nexusctl backup create "$backup" --reason nightly --verify -o json
  [ "$(json '["ok"]' <<<"$output")" = True ]
  [ "$(json '["objects"]' <<<"$output")" = 1 ]
  id=$(json '["backup_id"]' <<<"$output")
  [ "$(stat -c %a "$backup")" = 600 ]
  names=$(tar tf "$backup")
  says nexus.db "$names"
  says a.txt "$names"
  [ "$(tail -n 1 <<<"$names")" = manifest.json ]
  case $names in *root.token* | *.key*) false ;; esac
  expect 0 as_system nexusctl audit list --tenant t_system --env prod --reason why --action backup_create -o json
  says "$id" "$output"
  says nightly "$output"
  end 0
}

@test "only the system token, with a reason, gets one" {
  serve
  expect 5 nexusctl backup create "$backup" --reason why
  says auth.insufficient_role "$errors"
  expect 2 as_system nexusctl backup create "$backup"
  says request.reason_required "$errors"
  says --reason "$errors"
  [ ! -e "$backup" ]
  end 0
}

@test "nexusd makes one beside a running daemon and of a stopped one; both verify, and readiness and metrics tell" {
  serve
  [ -z "$(metric nexus_backup_verified_age_seconds)" ]
  mkdir "$BATS_TEST_TMPDIR/kept"
  expect 0 nexusd --data-dir "$data" backup create "$BATS_TEST_TMPDIR/kept" --verify
  says 'ok ' "$output"
  age=$(metric nexus_backup_verified_age_seconds)
  [ "${age%.*}" -lt 60 ]
  says 'the last verified one was made at' "$(curl -sf "$address/readyz?verbose")"
  end 0
  # An option takes the one word behind it, and leaves the target.
  expect 0 nexusd backup create --blobs local --data-dir "$data" "$backup"
  expect 0 nexusd --data-dir "$data" backup verify "$backup" "$BATS_TEST_TMPDIR"/kept/*.tar
  # The stopped store was left as it was: the next start finds nothing lost.
  expect 0 nexusd --data-dir "$data" check
  case $(ls "$data") in *copy*) false ;; esac
}

@test "objects may stay where they are" {
  serve
  expect 0 as_system nexusctl backup create "$backup" --reason why --objects-referenced
  case $(tar tf "$backup") in *a.txt*) false ;; esac
  expect 0 nexusctl backup verify "$backup" -o json
  says 'were not read' "$output"
  end 0
}

@test "a backup that was cut, changed or made up is named as such" {
  serve
  expect 0 as_system nexusctl backup create "$backup" --reason why
  end 0
  for length in 0 100 5000 "$(($(stat -c %s "$backup") - 5000))"; do
    head -c "$length" "$backup" >"$BATS_TEST_TMPDIR/cut.tar"
    expect 1 nexusd --data-dir "$data" backup verify "$BATS_TEST_TMPDIR/cut.tar"
    says 'FAIL' "$output"
  done
  change "$backup" "$(offset "$backup" /a.txt)" X
  expect 1 nexusctl backup verify "$changed" -o json
  says 'is not what its sidecar says' "$output"
  change "$backup" "$(($(offset "$backup" nexus.db) + 8200))" '\0377\0377\0377\0377'
  expect 1 nexusctl backup verify "$changed"
  printf 'nothing of ours' >"$changed"
  expect 1 nexusctl backup verify "$changed"
  expect 0 nexusctl backup verify "$backup"
}

@test "an object that the store lost makes the backup fail, and it is named" {
  serve
  find "$data/blobs" -name .meta.a.txt -delete # the store serves no file without its description
  expect 1 nexusd --data-dir "$data" backup create "$BATS_TEST_TMPDIR/described.tar"
  says 'had lost the object' "$output"
  expect 1 nexusd --data-dir "$data" doctor
  says objects.missing "$output"
  find "$data/blobs" -name a.txt -delete
  expect 1 nexusd --data-dir "$data" backup create "$backup"
  says 'had lost the object' "$output"
  expect 1 nexusctl backup verify "$backup.failed" -o json
  says 'was registered and is not in it' "$output"
  end 0
}

@test "what fails to verify is kept for readiness, and a later good one lifts it" {
  serve
  printf 'nothing of ours, but long enough to be taken for a block' >"$BATS_TEST_TMPDIR/bad.tar"
  expect 1 nexusd --data-dir "$data" backup verify "$BATS_TEST_TMPDIR/bad.tar"
  [ ! -e "$data/backup.json" ] # whose it is, nothing shows
  expect 0 nexusd --data-dir "$data" backup create "$BATS_TEST_TMPDIR/a.tar"
  change "$BATS_TEST_TMPDIR/a.tar" "$(offset "$BATS_TEST_TMPDIR/a.tar" /a.txt)" X
  expect 1 nexusd --data-dir "$data" backup verify "$changed"
  says "could not be verified: $changed: " "$(curl -sf "$address/readyz?verbose")"
  expect 0 nexusd --data-dir "$data" backup create "$BATS_TEST_TMPDIR/without.tar" --objects-referenced --verify
  says 'does not count' "$output"
  says "$data/blobs/nexus" "$output"
  says 'could not be verified' "$(curl -sf "$address/readyz?verbose")"
  expect 0 nexusd --data-dir "$data" backup create "$backup" --verify
  says 'the last verified one' "$(curl -sf "$address/readyz?verbose")"
  end 0
}

@test "a clock that was ahead, and a backup that fails, take none of the good ones away" {
  serve
  mkdir "$BATS_TEST_TMPDIR/kept"
  touch "$BATS_TEST_TMPDIR/kept/nexus-29990101T000000Z.tar" "$BATS_TEST_TMPDIR/kept/nexus-20200101T000000Z.tar"
  expect 0 nexusd --data-dir "$data" backup create "$BATS_TEST_TMPDIR/kept" --verify --keep 1
  [ -e "$BATS_TEST_TMPDIR/kept/nexus-29990101T000000Z.tar" ]
  [ ! -e "$BATS_TEST_TMPDIR/kept/nexus-20200101T000000Z.tar" ]
  good=$(find "$BATS_TEST_TMPDIR/kept" -name 'nexus-20[^9]*.tar')
  [ -s "$good" ]
  find "$data/blobs" -name a.txt -delete
  until [[ $good != *$(date -u +%Y%m%dT%H%M%SZ)* ]]; do :; done # the names tell seconds
  expect 1 nexusd --data-dir "$data" backup create "$BATS_TEST_TMPDIR/kept" --verify --keep 1
  [ -s "$good" ]
  [ -n "$(find "$BATS_TEST_TMPDIR/kept" -name '*.tar.failed')" ]
  end 0
}

@test "nothing whole is made of a store whose log is lost, and its warning stays" {
  begin --dev --data-dir "$data" --print-env
  # shellcheck disable=SC1091
  . "$BATS_TEST_TMPDIR/out"
  expect 0 nexusctl card create - <<<"$(printf 'card_type: note\n---\nmine\n')"
  kill -KILL "$pid"
  wait "$pid" || true
  rm -f "$data/nexus.db-wal" "$data/nexus.db-shm"
  expect 1 nexusd --data-dir "$data" check
  says log "$output"
  expect 1 nexusd --data-dir "$data" backup create "$BATS_TEST_TMPDIR/b.tar" --verify
  says 'is lost' "$errors"
  [ ! -e "$BATS_TEST_TMPDIR/b.tar" ]
  expect 1 nexusd --data-dir "$data" backup verify /dev/null
  expect 1 nexusd --data-dir "$data" check
}

@test "an archive with somebody's trigger, with something behind its end, or without its keys is no backup" {
  serve
  expect 0 as_system nexusctl backup create "$backup" --reason why
  end 0
  cat "$backup" <(head -c 2000 /dev/urandom) >"$BATS_TEST_TMPDIR/longer.tar"
  expect 1 nexusctl backup verify "$BATS_TEST_TMPDIR/longer.tar"
  says 'follows the end' "$output$errors"
  python3 - "$backup" "$BATS_TEST_TMPDIR" <<'END'
import hashlib, io, json, sqlite3, sys, tarfile
backup, scratch = sys.argv[1:]
tar = tarfile.open(backup)
parts = [(m.name, tar.extractfile(m).read()) for m in tar]
def write(name, change):
    with tarfile.open(f"{scratch}/{name}", "w", format=tarfile.PAX_FORMAT) as out:
        for path, content in change(dict(parts)):
            member = tarfile.TarInfo(path)
            member.size = len(content)
            out.addfile(member, io.BytesIO(content))
def trigger(all):
    open(f"{scratch}/t.db", "wb").write(all["nexus.db"])
    base = sqlite3.connect(f"{scratch}/t.db")
    base.execute("PRAGMA journal_mode=DELETE")
    base.execute("CREATE TRIGGER evil AFTER INSERT ON meta BEGIN DELETE FROM tokens; END")
    base.commit()
    base.close()
    all["nexus.db"] = open(f"{scratch}/t.db", "rb").read()
    manifest = json.loads(all["manifest.json"])
    manifest["database"] = {"bytes": len(all["nexus.db"]), "sha256": hashlib.sha256(all["nexus.db"]).hexdigest()}
    all["manifest.json"] = json.dumps(manifest).encode()
    return all.items()
def keys(all):
    manifest = json.loads(all["manifest.json"])
    manifest["keys"]["recipients"] = 1
    all["manifest.json"] = json.dumps(manifest).encode()
    return all.items()
write("same.tar", lambda all: all.items())
write("trigger.tar", trigger)
write("keys.tar", keys)
END
  expect 0 nexusctl backup verify "$BATS_TEST_TMPDIR/same.tar" # the control
  expect 1 nexusctl backup verify "$BATS_TEST_TMPDIR/trigger.tar" -o json
  says 'not ours' "$output"
  expect 1 nexusctl backup verify "$BATS_TEST_TMPDIR/keys.tar" -o json
  says 'its keys are not' "$output"
}

@test "the newest stay, an existing file is not replaced, and mistakes are named" {
  serve
  mkdir "$BATS_TEST_TMPDIR/kept"
  touch "$BATS_TEST_TMPDIR/kept/nexus-20200101T000000Z.tar" "$BATS_TEST_TMPDIR/kept/nexus-20210101T000000Z.tar" \
    "$BATS_TEST_TMPDIR/kept/notes.tar"
  expect 0 nexusd --data-dir "$data" backup create "$BATS_TEST_TMPDIR/kept" --keep 2
  [ ! -e "$BATS_TEST_TMPDIR/kept/nexus-20200101T000000Z.tar" ]
  [ -e "$BATS_TEST_TMPDIR/kept/nexus-20210101T000000Z.tar" ]
  [ -e "$BATS_TEST_TMPDIR/kept/notes.tar" ]
  touch "$backup"
  expect 2 nexusd --data-dir "$data" backup create "$backup"
  says 'which exists' "$errors"
  expect 2 nexusd --data-dir "$data" backup create - --verify
  expect 2 nexusd --data-dir "$data" backup create "$BATS_TEST_TMPDIR/new.tar" --with-keys
  says recipient "$errors"
  expect 2 nexusd --data-dir "$data" backup create --recipient age1a --recipient age1b "$BATS_TEST_TMPDIR/new.tar"
  says 'add --with-keys' "$errors"
  expect 0 as_system nexusctl backup create "$backup" --reason why --force
  end 0
}

@test "the keys are in it for their recipient alone" {
  command -v age-keygen >/dev/null || skip "no age"
  serve
  age-keygen -o "$BATS_TEST_TMPDIR/identity" 2>/dev/null
  recipient=$(age-keygen -y "$BATS_TEST_TMPDIR/identity")
  expect 0 nexusd --data-dir "$data" backup create "$backup" --with-keys --recipient "$recipient" --verify
  tar xOf "$backup" keys.age >"$BATS_TEST_TMPDIR/keys.age"
  names=$(age -d -i "$BATS_TEST_TMPDIR/identity" "$BATS_TEST_TMPDIR/keys.age" | tar t)
  says checkpoint.key "$names"
  key=$(cut -c1-40 "$data/keys/checkpoint.key" | tail -n 1)
  expect 1 grep -qF "$key" "$backup"
  secret=$(grep AGE-SECRET "$BATS_TEST_TMPDIR/identity")
  expect 2 nexusd --data-dir "$data" backup create "$BATS_TEST_TMPDIR/c.tar" --with-keys --recipient "$secret"
  case $output$errors in *"$secret"*) false ;; esac
  expect 1 nexusd --data-dir "$data" backup create "$BATS_TEST_TMPDIR/c.tar" --with-keys --recipient nobody
  [ ! -e "$BATS_TEST_TMPDIR/c.tar" ]
  end 0
}

@test "a daemon that hangs is named, by a backup and by the doctor" {
  serve
  kill -STOP "$pid"
  expect 1 nexusd --data-dir "$data" backup create "$backup"
  says "does not answer" "$errors"
  expect 1 nexusd --data-dir "$data" doctor
  says "daemon.answers: it does not answer at ${address#http://}" "$output"
  kill -CONT "$pid"
  expect 0 nexusd --data-dir "$data" doctor
  end 0
}
