#!/usr/bin/env bats
# Chat and live tails by nexusctl against a real daemon.

# shellcheck disable=SC2030,SC2031,SC2154 # bats runs tests in subshells; helpers.bash sets the variables

load helpers

setup_file() { start_daemon; }
teardown_file() { stop_daemon; }
setup() {
  daemon='' tail=''
}
# What a test that failed left running.
teardown() {
  local pid
  for pid in $daemon $tail; do kill "$pid" 2>/dev/null || true; done
}

# wait_for TEXT FILE: until the file holds it, ten seconds at most.
wait_for() {
  local tries=0
  until grep -qF -- "$1" "$2" 2>/dev/null; do
    tries=$((tries + 1))
    if [ "$tries" -gt 200 ]; then
      printf 'missing after 10 s: %s\nin: %s\n' "$1" "$(cat "$2")" >&2
      return 1
    fi
    sleep 0.05
  done
}

# In the background: a tail of the thread into ./seen, everything there is first. Its pid is $tail.
follow() {
  nexusctl chat tail "$@" --from earliest -o jsonl >seen 2>told 3>&- &
  tail=$!
}

# ends CODE: the tail ends by itself with this status.
ends() {
  local got=0
  wait "$tail" || got=$?
  [ "$got" -eq "$1" ] || { printf 'exit %s, wanted %s\n%s\n' "$got" "$1" "$(cat told)" >&2 && return 1; }
}

# The texts of the messages seen, in order.
texts() {
  grep -E '"type":"[a-z]+_message"' seen | python3 -c '
import json, sys
print(*(json.loads(line)["data"]["text"] for line in sys.stdin))'
}

@test "chat: a thread, messages, and a tail that shows each once and tells where to go on" {
  expect 0 nexusctl chat thread create room-1 --title 'A room'
  expect 7 nexusctl chat thread create room-1
  expect 0 nexusctl chat thread list -o name
  [ "$output" = room-1 ]
  expect 0 nexusctl chat send room-1 one
  expect 0 nexusctl chat send room-1 - <<<two
  expect 0 nexusctl chat tail room-1 --from earliest --count 2 -o jsonl
  [ "$(wc -l <<<"$output")" = 2 ]
  cursor=$(sed -n 's/.*--from //p' <<<"$errors")
  expect 0 nexusctl chat send room-1 three
  expect 0 nexusctl chat tail room-1 --from "$cursor" --count 1 -o jsonl
  [ "$(json '["data"]["text"]' <<<"$output")" = three ]
  expect 2 nexusctl chat send room-1 ''
  says "/text" "$errors"
  expect 6 nexusctl chat tail nowhere
  says "[thread.not_found]" "$errors"
  expect 2 nexusctl chat tail room-1 --from nonsense
  says "[chat.cursor_invalid]" "$errors"
}

@test "chat: a tail ends with its reader, and within its bounds; messages are read without a stream" {
  nexusctl chat thread create bounds
  for text in one two three; do nexusctl chat send bounds "$text"; done
  expect 0 nexusctl chat tail bounds --no-follow -o jsonl
  [ "$(wc -l <<<"$output")" = 3 ]
  expect 0 nexusctl chat tail bounds --from earliest --idle 200ms --field data.text
  [ "$output" = $'one\ntwo\nthree' ]
  expect 0 nexusctl chat tail bounds --timeout 300ms
  [ -z "$output" ]
  expect 3 nexusctl chat tail bounds --server http://127.0.0.1:1 --timeout 300ms
  # The reader takes one line and goes; no further message comes.
  { nexusctl chat tail bounds --from earliest --field data.text 2>told || echo $? >status; } | head -n 1 >first
  [ "$(cat first status)" = $'one\n141' ]
  expect 0 nexusctl chat messages bounds --field text
  [ "$output" = $'one\ntwo\nthree' ]
  expect 0 nexusctl chat messages bounds --order newest --limit 1 -o json
  [ "$(json '["items"][0]["text"]' <<<"$output")" = three ]
  expect 0 nexusctl chat messages bounds --order newest --all --limit 2 --field text
  [ "$output" = $'three\ntwo\none' ]
  message=$(nexusctl chat messages bounds --limit 1 -o name)
  expect 0 nexusctl chat delete bounds "$message" --field receipt.seq
  [ "$output" -gt 0 ]
  expect 6 nexusctl chat delete bounds "$message"
  expect 0 nexusctl chat tail bounds --no-follow -o table
  [ "$(head -n 1 <<<"$output" | cut -d ' ' -f 3-)" = '(deleted)' ]
  [ "$(tail -n 1 <<<"$output")" = '* a message was deleted' ]
  expect 0 nexusctl chat tail bounds --no-follow -o jsonl
  [ "$(tail -n 1 <<<"$output" | json '["data"]')" = "{'message_id': '$message'}" ]
}

@test "chat: a live message reaches those who follow and those who joined; what is typed is posted" {
  nexusctl chat thread create live
  follow live
  # A pipe is typed into, so that the one who joined stays.
  mkfifo keys
  nexusctl chat join live <keys >joined 2>joined.errors 3>&- &
  join=$!
  exec 4>keys
  echo 'typed by a person' >&4
  wait_for 'typed by a person' seen
  nexusctl chat send live 'said by another'
  wait_for 'said by another' seen
  wait_for 'said by another' joined
  # Others may read the same input, or write to the same terminal: it still blocks.
  flags=$(sed -n 's/^flags:[[:blank:]]*//p' "/proc/$join/fdinfo/0")
  [ "$((flags & 04000))" -eq 0 ]
  exec 4>&-
  wait "$join"
  kill -INT "$tail"
  ends 130
  [ "$(texts)" = 'typed by a person said by another' ]
}

@test "chat: on a terminal, what is typed stays apart from what comes in" {
  nexusctl chat thread create typed
  nexusctl chat thread show typed >/dev/null
  expect 0 timeout 60 python3 "$BATS_TEST_DIRNAME/typed_line.py" typed
  expect 0 nexusctl chat messages typed --field text
  [ "$output" = $'said by another\nhalf a line' ]
}

@test "chat: a tail ends with 5 when streams are switched off or the member is put out, with 4 when his token is" {
  nexusctl chat thread create ends
  nexusctl chat send ends here
  follow ends
  wait_for here seen
  nexusctl kill block chat_stream
  ends 5
  expect 5 nexusctl chat tail ends
  nexusctl kill allow chat_stream
  as_system nexusctl user create u_guest >/dev/null
  as_system nexusctl --reason test member set u_guest viewer >/dev/null
  token=$(as_system nexusctl token create --user u_guest --out "$PWD/guest.token" --field token_id)
  follow ends --token-file "$PWD/guest.token"
  wait_for here seen
  as_system nexusctl --reason test member remove u_guest >/dev/null
  ends 5
  as_system nexusctl --reason test member set u_guest viewer >/dev/null
  follow ends --token-file "$PWD/guest.token"
  wait_for here seen
  as_system nexusctl token revoke "$token" >/dev/null
  ends 4
}

@test "chat: a tail goes on by itself when the daemon is killed and comes back, and shows every message once" {
  port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
  again() {
    nexusd --dev --data-dir "$PWD/data" --port "$port" --print-env >lines 2>log 3>&- &
    daemon=$!
    wait_for NEXUS_ROOT_TOKEN_FILE lines
    # shellcheck source=/dev/null
    . ./lines
  }
  again
  nexusctl chat thread create room
  nexusctl chat send room one
  follow room
  wait_for one seen
  kill -KILL "$daemon"
  wait "$daemon" || true
  : >lines
  again
  nexusctl chat send room two
  wait_for two seen
  nexusctl chat send room three
  wait_for three seen
  kill -INT "$tail"
  ends 130
  [ "$(texts)" = 'one two three' ]
  # A cursor of another store's time begins with a gap that says so.
  expect 0 nexusctl chat tail room --from 00000000.1 --count 1 -o jsonl
  says '"gap"' "$output$errors"
  kill "$daemon"
  wait "$daemon"
}

@test "chat: a --field that no event has is told, and the tail fails; one that some have prints theirs" {
  nexusctl chat thread create fields
  nexusctl chat send fields one
  nexusctl chat send fields two
  expect 1 nexusctl chat tail fields --no-follow --field text
  [ -z "$output" ]
  [ "$(grep -c 'the event has no field "text"' <<<"$errors")" = 1 ]
  expect 0 nexusctl chat tail fields --no-follow --field data.text
  [ "$output" = $'one\ntwo' ]
  [[ $errors != *"no field"* ]]
}

@test "chat: SIGTERM ends a tail with 143; on a terminal what is typed is posted, Ctrl-D leaves, Ctrl-C gives 130" {
  nexusctl chat thread create terminal
  nexusctl chat send terminal here
  follow terminal
  wait_for here seen
  kill -TERM "$tail"
  ends 143
  python3 - <<'END'
import os, pty, select, time

def join(*typed):
    """Types each text once what stands before it was seen; answers the exit code."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execvp("nexusctl", ["nexusctl", "chat", "join", "terminal", "--from", "earliest"])
    seen = b""
    for awaited, text in typed:
        end = time.monotonic() + 10
        while awaited not in seen:
            assert time.monotonic() < end, seen
            if select.select([terminal], [], [], 0.1)[0]:
                seen += os.read(terminal, 4096)
        os.write(terminal, text)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])

# The colon: the message as it came back, not the terminal's echo of the keys.
assert join((b": here", b"by hand\n"), (b": by hand", b"\x04")) == 0
assert join((b": by hand", b"\x03")) == 130
END
}

@test "event tail and audit tail: from the start, live, and to the count" {
  nexusctl chat thread create tails
  expect 0 nexusctl event tail --from earliest --count 1 -o jsonl
  [ -n "$(json '["event_id"]' <<<"$output")" ]
  expect 0 nexusctl audit tail --from earliest --count 2 -o jsonl
  [ "$(head -n 1 <<<"$output" | json '["seq"]')" = 1 ]
  nexusctl event tail --event-type chat_message -o jsonl --count 1 >events 2>/dev/null 3>&- &
  events=$!
  # Until it is connected, nothing is live for it: messages are sent until one has come.
  for _ in $(seq 100); do
    nexusctl chat send tails live >/dev/null
    grep -q chat_message events && break
    sleep 0.05
  done
  wait "$events"
  # What is known of the sequence at the start comes before it.
  [ "$(tail -n 1 events | json '["event_type"]')" = chat_message ]
}

@test "curl -N reads a stream as it stands, goes on by Last-Event-ID, and opens one with a ticket, once" {
  nexusctl chat thread create curled
  nexusctl chat send curled one
  nexusctl chat send curled two
  context=(-H "Authorization: Bearer $NEXUS_TOKEN" -H "X-Tenant-Id: $NEXUS_TENANT" -H "X-Env: $NEXUS_ENV")
  # A stream has no end of its own: curl is given two seconds, and says so (28).
  expect 28 curl -sN --max-time 2 "${context[@]}" "$NEXUS_ADDR/sse/chat/curled?from=earliest"
  [ "$(grep -c '^event: user_message$' <<<"$output")" = 2 ]
  says 'retry: ' "$output"
  first=$(sed -n 's/^id: //p' <<<"$output" | head -n 1)
  expect 28 curl -sN --max-time 2 "${context[@]}" -H "Last-Event-ID: $first" "$NEXUS_ADDR/sse/chat/curled"
  [ "$(grep -c '^event: user_message$' <<<"$output")" = 1 ]
  expect 0 curl -sS "${context[@]}" -H 'Content-Type: application/json' "$NEXUS_ADDR/tickets" \
    -d '{"route":"/sse/chat/curled"}'
  ticket=$(json '["ticket"]' <<<"$output")
  expect 28 curl -sN --max-time 2 "$NEXUS_ADDR/sse/chat/curled?from=earliest&ticket=$ticket"
  says '"text":"two"' "$output"
  expect 0 curl -sS "$NEXUS_ADDR/sse/chat/curled?ticket=$ticket"
  says auth.invalid_ticket "$output"
}

@test "whatever the format, a terminal gets no control of strangers, and a pipe gets the text as it is" {
  text=$'a\x1b[2Jb\xc2\x9bc\x1b[31md'
  expect 0 nexusctl chat thread create hostile
  expect 0 nexusctl chat send hostile "$text"
  printf '%s\n' "$text" >hostile.txt
  asset=$(nexusctl upload hostile.txt -o name)
  shown() {
    expect 0 python3 "$BATS_TEST_DIRNAME/on_terminal.py" nexusctl "$@" </dev/null
    says b "$output"
    if LC_ALL=C grep -q $'\x1b\\|\xc2\x9b' <<<"$output"; then
      printf 'a control reached the terminal: %q\n' "$output" >&2
      return 1
    fi
  }
  for form in "-o table" "-o json" "-o jsonl" "-o yaml" "-o tsv" "-o csv"; do
    # shellcheck disable=SC2086
    shown chat messages hostile $form
    # shellcheck disable=SC2086
    shown chat tail hostile --no-follow $form
  done
  shown chat messages hostile --field text
  shown chat tail hostile --no-follow --field data.text
  shown asset download "$asset" -O -
  [ "$(nexusctl chat messages hostile --field text)" = "$text" ]
  [ "$(nexusctl chat tail hostile --no-follow --count 1 --field data.text)" = "$text" ]
  [ "$(nexusctl asset download "$asset" -O -)" = "$text" ]
}
