#!/usr/bin/env bats
# What --print curl prints does what the command does. Each command is run for one thing, its printed lines for another
# of the same kind, and what the daemon answered and stored is compared; as many lines are printed as the command makes
# requests. A command that no line can stand for says so. The last test names whatever command was left out.

# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2154 # words for other shells; variables are read by name

load helpers
load printed

setup_file() { start_daemon; }
teardown_file() { stop_daemon; }

setup() {
  command -v curl >/dev/null || skip "no curl"
}

new_member() {
  as_system nexusctl user create "$1" >/dev/null
  as_system nexusctl member set "$1" "$2" >/dev/null
  as_system nexusctl token create --user "$1" --out "$BATS_FILE_TMPDIR/$1.token" >/dev/null
}

as_user() {
  local user=$1
  shift
  NEXUS_TOKEN=$(cat "$BATS_FILE_TMPDIR/$user.token") "$@"
}

@test "tenants, users, members, tokens" {
  own=$NEXUS_TOKEN
  export NEXUS_TOKEN
  NEXUS_TOKEN=$(cat "$NEXUS_ROOT_TOKEN_FILE")
  same "tenant create" t_zz --name "it's \"zz\" \$(x)" --reason 'why not'
  same "tenant show" t_zz
  same "tenant list" --limit 1
  same "tenant suspend" t_zz --reason why
  same "tenant enable" t_zz --reason why
  same "tenant disable" t_zz --reason why
  same "user create" u_zz --email zz@example.com --display-name 'Zz ü'
  same "user show" u_zz
  same "user list" --limit 2
  same "member set" u_zz viewer --reason why
  same "member list" --limit 3 --reason why
  same "token create" --user u_zz --ttl 1h --name zz
  take token '["token_id"]'
  NEXUS_TOKEN=$own
  both "member remove" u_zz
  for side in a b; do
    as_system nexusctl token create --user u_zz$side --out "$BATS_FILE_TMPDIR/u_zz$side.token" >/dev/null
  done
  same "member set" u_zz member
  same "member invitations" --limit 1
  token_of=u_zz both "member accept" t_dev
  token_of=u_zz both "member leave" t_dev
  same "member set" u_zz member
  token_of=u_zz both "member decline" t_dev
  same "token list" --limit 1
  same "token create" --ttl 1h
  take token '["token_id"]'
  both "token revoke" @token
  [ "$(nexusctl token list --all -o json | json '["items"].__len__()')" -gt 1 ]
  same whoami
  echo version >>"$BATS_FILE_TMPDIR/tried"
  [ "$(bash -c "$(nexusctl version --print curl)" | json '["version"]')" = "$(nexusctl version --field server)" ]
  beyond status
  beyond wait
  beyond login
  beyond smoke
  beyond readiness
  beyond init t_zz u_zz --env dev
  beyond top
  beyond doctor
  beyond completion bash
  echo routes >>"$BATS_FILE_TMPDIR/tried"
  bash -c "$(nexusctl routes --print curl -q)" | jq -e .paths >/dev/null
  beyond "context list"
  beyond "context show"
  beyond "context set" x --tenant t_a
  beyond "context use" x
  beyond "context remove" x
}

@test "files: uploads, downloads, atoms, media, canvases" {
  head -c 4000 /dev/urandom >"zza file.bin"
  cp "zza file.bin" "zzb file.bin"
  printf 'one\n\ntwo\n' >text.txt
  beyond upload text.txt
  # presign's line uploads; its note registers.
  echo presign >>"$BATS_FILE_TMPDIR/tried"
  expect 0 nexusctl presign "zzb file.bin" --filename 'other "name".bin' --content-type text/x-zz --print curl
  register=$(sed -n 's/^note: then: //p' <<<"$errors")
  bash -c "$output"
  asset_b=$(bash -c "$register -o name")
  asset_a=$(nexusctl upload "zza file.bin" --filename 'other "name".bin' --content-type text/x-zz -o name)
  same "asset show" @asset
  same "asset edit" @asset --metadata source=zz --no-metadata draft
  same "asset list" --limit 1 --filename other --metadata source=zz
  for name in a b; do
    nexusctl presign "zz$name file.bin" -o json >form.json
    printf -v "form_$name" '%s' "$(json '["asset_id"]' <form.json)"
    python3 - form.json "zz$name file.bin" <<'PYTHON'
import json, subprocess, sys
form = json.load(open(sys.argv[1]))
fields = [word for name, value in form["fields"].items() for word in ("--form-string", f"{name}={value}")]
subprocess.run(["curl", "-sSf", *fields, "-F", f"file=@{sys.argv[2]}", form["url"]], check=True)
PYTHON
  done
  same register @form --filename "zz file.bin" --size-bytes 4000 --metadata source=zz --content-type text/x-zz

  # A download's line brings the file, under its own name, under another, and to standard output; never over a file.
  echo "asset download" >>"$BATS_FILE_TMPDIR/tried"
  mkdir own && cd own
  bash -c "$(nexusctl asset download "$asset_b" --print curl -q)"
  cmp 'other "name".bin' "../zzb file.bin" || cmp other* "../zzb file.bin"
  bash -c "$(nexusctl asset download "$asset_b" --output-file "it's" --print curl -q)"
  cmp "it's" "../zzb file.bin"
  echo mine >mine
  run bash -c "$(nexusctl asset download "$asset_b" --output-file mine --print curl -q)"
  [ "$status" -ne 0 ]
  [ "$(cat mine)" = mine ]
  bash -c "$(nexusctl asset download "$asset_b" --output-file mine --force --print curl -q)"
  cmp mine "../zzb file.bin"
  bash -c "$(nexusctl asset download "$asset_b" --output-file - --print curl -q)" | cmp - "../zzb file.bin"
  run bash -c "$(nexusctl asset download 01933f9e-7c1b-7000-8000-0123456789ab --print curl -q)"
  [ "$status" -ne 0 ]
  cd ..

  text_a=$(nexusctl upload text.txt -o name)
  text_b=$(nexusctl upload text.txt -o name)
  same "atom create" @text --op text_split --max-chars 100
  take atom '["items"][0]["atom_id"]'
  same "atom list" @text --op text_split
  same "atom show" @atom
  echo "atom download" >>"$BATS_FILE_TMPDIR/tried"
  bash -c "$(nexusctl atom download "$atom_b" -O first --print curl -q)"
  nexusctl atom download "$atom_a" -O first-too
  cmp first first-too

  same "media upload" "zz file.bin" --filename 'zz "clip".mp4' --content-type video/x-zz --kind video --tag a \
    --tag 'b c' --source-ref zz --meta '{"take":"it'\''s"}'
  take media '["asset_id"]'
  same "media show" @media
  same "media list" --tag a --limit 1
  same "media add-remote" https://cdn.example/zz.mp4 --kind video --tag a
  echo "media download" >>"$BATS_FILE_TMPDIR/tried"
  bash -c "$(nexusctl media download "$media_b" --output-file back --print curl -q)"
  cmp back "zzb file.bin"
  uri_a=$(nexusctl asset show "$asset_a" --field uri)
  uri_b=$(nexusctl asset show "$asset_b" --field uri)
  same "media artifact add" @media @uri --kind frame --start-ms 4
  take artifact '["artifact_id"]'
  same "media artifact list" @media
  same "media artifact show" @artifact
  both "media delete" @media
  gone "media show" @media
  same "canvas create" board-zz --title 'The zz'
  same "canvas upload" board-zz "zz file.bin" --filename zz.png
  take file '["artifact_id"]'
  same "canvas list" board-zz
  same "canvas show" board-zz @file
  echo "canvas download" >>"$BATS_FILE_TMPDIR/tried"
  bash -c "$(nexusctl canvas download board-zzb "$file_b" --output-file canvas --print curl -q)"
  cmp canvas "zzb file.bin"
  both "asset delete" @asset
  gone "asset show" @asset
  # Several files are several lines, standard input too.
  expect 0 nexusctl canvas upload board-zzb "zza file.bin" "zzb file.bin" --print curl
  [ "$(wc -l <<<"$output")" = 2 ]
  expect 0 nexusctl canvas upload board-zzb - --filename in.txt --print curl
  [ "$(bash -c "$output" <"zza file.bin" | json '["sha256"]')" = "$(sha256sum <"zza file.bin" | cut -d' ' -f1)" ]
}

@test "texts: cards, settings, search, packs, memory, maybes, chat, runs, events" {
  printf 'card_type: note\nname: "it'\''s zz"\n---\nThe zz kettle $(x) `y` "z" \\ ü\n' | sed 's/zz/zza/' >card-zza.md
  sed 's/zza/zzb/' card-zza.md >card-zzb.md
  same "card create" card-zz.md
  take card '["card_id"]'
  same "card show" @card
  same "card list" --type note --limit 1
  same search kettle --top 1
  same "pack create" kettle --top 1
  take pack '["pack_id"]'
  same "pack show" @pack
  same "pack list" --limit 1
  both "pack delete" @pack
  gone "pack show" @pack
  for side in a b; do
    printf 'card_type: app_definition\nname: app-zz%s\n---\nText\n' "$side" >"app-zz$side.md"
  done
  same "settings put" app/app-zz app-zz.md
  both "settings get" app/app-zz
  same "settings history" app/app-zz
  beyond "settings diff" app/app-zza
  both "card delete" @card
  gone "card show" @card
  same "memory add" session-zz --role user "what's zz?" --metadata '{"a":1}'
  both "memory show" session-zz
  both "memory delete" session-zz
  same "maybe create" 'A zz "house"' --tag shop
  take maybe '["item_id"]'
  same "maybe show" @maybe
  same "maybe list" --limit 1
  same "maybe edit" @maybe --title 'Another zz'
  for verb in pin unpin archive unarchive; do same "maybe $verb" @maybe; done
  both "maybe delete" @maybe
  gone "maybe show" @maybe
  same "chat thread create" room-zz --title 'It'\''s zz' --participant a=Ann
  same "chat thread show" room-zz
  same "chat thread list" --limit 1
  same "chat send" room-zz -- '-hello "zz" $(x)'
  same "chat messages" room-zz --order newest --limit 1
  take message '["items"][0]["message_id"]'
  both "chat delete" room-zz @message
  stream "chat tail" room-zzb --from earliest
  beyond "chat join" room-zzb
  same "runs start" research --metadata '{"topic":"zz"}'
  take run '["run_id"]'
  same "chat send" room-zz hello --run @run
  both "runs show" @run --events
  same "runs finish" @run --status failed
  same "runs list" --kind research --limit 1
  beyond "runs watch" "$run_b"
  same "event pageview" cards --path /zz
  same "event cta-click" cards --cta-id zz
  same "event list" --limit 1 --event-type cta_click
  event_a=$(nexusctl event list --limit 1 -o name -q 2>/dev/null) event_b=$event_a
  same "event show" @event
  expect 0 nexusctl event tail --from earliest --print curl
  stream "event tail" --from earliest
}

@test "gates and measures" {
  new_member u_second admin
  for name in u_wise u_wise2; do new_member $name member; done
  same "kill show"
  both "kill block" action_zz --outside --reason 'it'\''s zz'
  both "kill allow" action_zz
  both "kill provider block" provider-zz --reason why
  both "kill provider allow" provider-zz
  both "kill user block" u_nobody_zz --outside --env dev
  both "kill user allow" u_nobody_zz --env dev
  between='nexusctl -q kill autonomy on' both "kill autonomy off"
  between='nexusctl -q kill autonomy off' both "kill autonomy on"
  beyond "kill actions"
  own=$NEXUS_TOKEN
  NEXUS_TOKEN=$(cat "$NEXUS_ROOT_TOKEN_FILE")
  local everywhere="kill everywhere" outside=(--outside)
  for verb in block allow; do
    both "$everywhere $verb" action_zz "${outside[@]}" --reason why --env dev
    both "$everywhere user $verb" u_nobody_zz "${outside[@]}" --reason why --env dev
    outside=()
    both "$everywhere provider $verb" provider-zz --reason why --env dev
  done
  between="nexusctl -q $everywhere autonomy on --reason why --env dev" \
    both "$everywhere autonomy off" --reason why --env dev
  between="nexusctl -q $everywhere autonomy off --reason why --env dev" \
    both "$everywhere autonomy on" --reason why --env dev
  NEXUS_TOKEN=$own
  same "gate explain" raw_register --surface raw_storage
  same "gate check" publish_zz --surface mail
  same "firearms issue" user u_zz high --scope publish_sensitive
  take licence '["licence_id"]'
  same "firearms show" @licence
  same "firearms list" --limit 1
  same "firearms revoke" @licence
  same "firearms issue" user u_dev high --scope publish_sensitive
  both "firearms check" publish_sensitive
  same "firearms actions"
  same "firearms declare" send_newsletter medium
  same "lock create" 'The zz plan' --surface mail --allow card_create
  take lock '["lock_id"]'
  same "lock show" @lock
  same "lock edit" @lock --allow card_delete
  same "lock list" --limit 1
  as_user u_second same "lock approve" @lock
  same "lock create" 'Another zz plan' --surface mail --allow card_create
  take lock '["lock_id"]'
  same "lock reject" @lock
  same "three-wise ask" 'Is zz ready?' --context-text 'It rains.'
  take question '["question_id"]'
  same "three-wise show" @question
  same "three-wise list" --limit 1
  as_user u_wise same "three-wise opine" @question APPROVE 'tested "twice"'
  same "budget record" openai --cost 0.125 --currency USD --surface cards --usage-id usage-zz
  same "budget usage" --limit 1
  same "budget policy" surface-zz --threshold 25 --currency USD
  same "budget policies"
  same "budget summary" --surface cards
  same "budget void" usage-zz --reason 'why not'
  same "budget remove" surface-zz
  same "kpi define" kpi-zz --aggregate mean
  same "kpi observe" kpi-zz --surface cards -- -2.5
  take observation '["observation_id"]'
  same "kpi void" @observation --reason 'why not'
  same "kpi corridor" kpi-zz --surface cards --floor -10
  same "kpi remove" kpi-zz --surface cards
  same "kpi corridor" kpi-zz --surface cards --floor -10
  for list in definitions corridors observations; do both "kpi $list" --limit 1; done
  both "kpi config"
  same "temperature set" surface-zz --performance-floor views=1
  same "temperature config" surface-zz
  same "temperature current" surface-zz
  same "temperature snapshot" surface-zz
  same "temperature history" surface-zz
  same "privacy show"
  both "privacy opt-out"
  both "privacy opt-in" --whole-tenant
  same "flags show"
  both "flags set" gesture_logging on
  both "limits show"
  both "limits set" raw_presign 1000 --window 60
  both "limits unset" raw_presign
}

@test "the audit log" {
  same "audit list" --limit 1 --result PASS
  printf 'audit show\ngate why\n' >>"$BATS_FILE_TMPDIR/tried"
  nexusctl audit show 1 -o json >a.json
  bash -c "$(nexusctl audit show 1 --print curl -q)" >b.json
  same_answers a.json b.json
  expect 0 nexusctl gate why 1 --print curl -q
  bash -c "$output" >b.json
  same_answers a.json b.json
  stream "audit tail" --from 1
  both "audit checkpoint"
  echo "audit key" >>"$BATS_FILE_TMPDIR/tried"
  [ "$(bash -c "$(nexusctl audit key --print curl)" | jq -r .checkpoint_key)" = "$(nexusctl audit key)" ]
  echo "audit export" >>"$BATS_FILE_TMPDIR/tried"
  bash -c "$(nexusctl audit export --print curl -q)" >log.ndjson
  expect 0 nexusctl audit verify log.ndjson
  beyond "audit verify"
  beyond "backup verify" log.ndjson
  echo "backup create" >>"$BATS_FILE_TMPDIR/tried"
  line=$(as_system nexusctl backup create b.tar --reason 'why not' --print curl)
  NEXUS_TOKEN=$(cat "$NEXUS_ROOT_TOKEN_FILE") bash -c "$line"
  expect 0 nexusctl backup verify b.tar
  beyond "log explain" request-zz
  row=$(nexusctl audit list --limit 1 --action raw_presign --field seq -q 2>/dev/null | head -n 1)
  [ -n "$row" ] || row=1
  seq_a=$row seq_b=$row
  echo "audit erase" >>"$BATS_FILE_TMPDIR/tried"
  expect 0 nexusctl audit erase "$row" --reason "it's zz" --print curl
  says "/audit/$row/erase" "$output"
}

@test "--all, and what is longer than a line, are told" {
  expect 2 nexusctl asset list --all --print curl
  says "a request a page" "$errors"
  { printf 'card_type: note\n---\n'; head -c 200000 /dev/zero | tr '\0' x; } >large.md
  expect 2 nexusctl card create large.md --print curl
  says "longer than a command line takes" "$errors"
}

@test "no command was left out" {
  missing=$(comm -23 <(leaves "" | sort -u) <(sort -u "$BATS_FILE_TMPDIR/tried"))
  if [ -n "$missing" ]; then
    printf 'no printed line is tried for:\n%s\n' "$missing" >&2
    false
  fi
}
