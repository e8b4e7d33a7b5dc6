# For printed.bats: a command and its printed lines, side by side. $BATS_FILE_TMPDIR/tried gathers the commands.

# shellcheck disable=SC2034,SC2154 # variables are read by name; helpers.bash and bats set the others

# The words of a command for side a or b: `zz` gets the side's letter behind it, and `@name` is what `take` kept there.
words_of() {
  local side=$1 word
  shift
  words=()
  for word in "$@"; do
    if [[ $word == @* ]]; then
      local name=${word#@}_$side
      words+=("${!name}")
    else
      words+=("${word//zz/zz$side}")
    fi
  done
}

# Times, ids, what counts on and the names of the sides differ by right.
same_answers() {
  python3 - "$@" <<'PYTHON'
import json, re, sys

PASSING = {"cursor", "next_cursor", "seq", "token", "note", "size", "expires_at", "last_event_id"}

def plain(value):
    if isinstance(value, dict):
        return {plain(k): plain(v) for k, v in value.items() if k not in PASSING}
    if isinstance(value, list):
        return [plain(v) for v in value]
    if not isinstance(value, str):
        return value
    value = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "ID", value)
    value = re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+Z", "TIME", value)
    return re.sub(r"zz[ab]", "zz", value)

def read(path):
    text = open(path).read().strip()
    return plain(json.loads(text)) if text else None

one, other = read(sys.argv[1]), read(sys.argv[2])
if one is not None and other is not None and one != other:
    sys.exit(f"the command:\n{json.dumps(one, indent=1)}\nits line:\n{json.dumps(other, indent=1)}")
PYTHON
}

# requests_in FILE METHODS: how many such requests --verbose told. What the witness asks beside an act is told apart.
requests_in() { grep -cE "^> $2 http" "$1" || true; }

# speak SIDE: with $token_of, as that side's user.
speak() {
  if [ -n "${token_of:-}" ]; then NEXUS_TOKEN=$(cat "$BATS_FILE_TMPDIR/${token_of//zz/zz$1}.token"); fi
}

# both PATH WORDS…: runs the command for a and its lines for b, and compares how many requests they are. Of a command
# that changes something, what it only looks at is none. $between is done between the two, where b would find nothing
# to do.
both() {
  local path=$1 words made printed methods='[A-Z]+'
  shift
  local own=$NEXUS_TOKEN
  echo "$path" >>"$BATS_FILE_TMPDIR/tried"
  speak a
  words_of a "$@"
  # shellcheck disable=SC2086
  nexusctl -o json -v $path "${words[@]}" >a.json 2>a.errors || { cat a.errors >&2; return 1; }
  speak b
  ${between:-}
  words_of b "$@"
  # shellcheck disable=SC2086
  nexusctl --print curl -v $path "${words[@]}" >line 2>b.errors || { cat b.errors >&2; return 1; }
  if grep -q ' -X ' line; then methods='(POST|PUT|PATCH|DELETE)'; fi
  made=$(($(requests_in a.errors "$methods") - $(requests_in b.errors "$methods")))
  printed=$(grep -o 'curl -sS' line | wc -l)
  if [ "$made" -ne "$printed" ]; then
    printf '%s: %s requests, %s printed:\n%s\n' "$path" "$made" "$printed" "$(cat line)" >&2
    return 1
  fi
  bash line >b.json 2>b.errors || { cat line b.errors >&2; return 1; }
  NEXUS_TOKEN=$own
  [ ! -s b.errors ] || { cat b.errors >&2; return 1; }
  if grep -q '"code":' b.json && grep -q '"status":' b.json && grep -q '/problems/' b.json; then
    cat line b.json >&2
    return 1
  fi
}

# same PATH WORDS…: both, and the answers are equal.
same() {
  both "$@"
  same_answers a.json b.json || { echo "in: $*" >&2; cat line >&2; return 1; }
}

# take NAME PATH: keeps a field of the two answers for `@NAME`.
take() {
  printf -v "$1_a" '%s' "$(json "$2" <a.json)"
  printf -v "$1_b" '%s' "$(json "$2" <b.json)"
}

# gone PATH WORDS…: what both have deleted is not there any more.
gone() {
  local path=$1 side
  shift
  for side in a b; do
    words_of "$side" "$@"
    # shellcheck disable=SC2086
    expect 6 nexusctl $path "${words[@]}"
  done
}

# beyond PATH WORDS…: no line stands for it, and it says so and does nothing.
beyond() {
  local path=$1
  shift
  echo "$path" >>"$BATS_FILE_TMPDIR/tried"
  # shellcheck disable=SC2086
  expect 2 nexusctl $path "$@" --print curl
  says "has no curl line: it " "$errors"
  [ -z "$output" ]
}

# stream PATH WORDS…: its line brings the first event.
stream() {
  local path=$1
  shift
  echo "$path" >>"$BATS_FILE_TMPDIR/tried"
  # shellcheck disable=SC2086
  expect 0 nexusctl $path "$@" --print curl
  timeout 20 bash -c "$output" 2>/dev/null | grep -q '^data:'
}

# The commands as --help lists them, one path a line, down to those that take no further command.
leaves() {
  local help subcommands sub
  # shellcheck disable=SC2086
  help=$(nexusctl $1 --help)
  subcommands=$(sed -n '/^commands:/,/^$/p' <<<"$help" | sed -n 's/^  \([a-z-]*\) .*/\1/p')
  if [ -z "$subcommands" ]; then
    echo "$1"
  else
    for sub in $subcommands; do leaves "${1:+$1 }$sub"; done
  fi
}
