#!/usr/bin/env bats
# Drills: a backup is restored over the living store and on an empty machine. What was revoked since stays revoked.

# shellcheck disable=SC2154 # helpers leave their results in variables

load helpers
load own_daemon

# A daemon that runs, with a tenant's file, a member with a token of their own, and a backup of all that.
serve_and_back_up() {
  begin --dev --data-dir "$data" --print-env
  # shellcheck disable=SC1091
  . "$BATS_TEST_TMPDIR/out"
  printf 'a file\n' >"$BATS_TEST_TMPDIR/a.txt"
  expect 0 nexusctl upload "$BATS_TEST_TMPDIR/a.txt" -o json
  asset=$(json '["asset_id"]' <<<"$output")
  expect 0 nexusctl audit list --action raw_register --limit 1 -o json
  receipt=$(json '["items"][0]["seq"]' <<<"$output"):$(json '["items"][0]["hash"]' <<<"$output")
  expect 0 as_system nexusctl user create u_anna
  expect 0 as_system nexusctl member set u_anna member --tenant t_dev --reason why
  expect 0 as_system nexusctl token create --user u_anna --out "$BATS_TEST_TMPDIR/anna" -o json
  anna=$(json '["token_id"]' <<<"$output")
  backup=$BATS_TEST_TMPDIR/b.tar
  age-keygen -o "$BATS_TEST_TMPDIR/identity" 2>/dev/null
  expect 0 nexusd --data-dir "$data" backup create "$backup" --with-keys \
    --recipient "$(age-keygen -y "$BATS_TEST_TMPDIR/identity")" --verify
}

as_anna() { NEXUS_TOKEN='' NEXUS_TOKEN_FILE=$BATS_TEST_TMPDIR/anna "$@"; }

@test "a drill beside the living store: what was revoked since stays revoked, old receipts are good" {
  serve_and_back_up
  expect 0 as_anna nexusctl --server "$address" asset show "$asset"
  expect 0 as_system nexusctl token revoke "$anna" --reason leaked
  printf 'later\n' >"$BATS_TEST_TMPDIR/later.txt"
  expect 0 nexusctl upload "$BATS_TEST_TMPDIR/later.txt" -o json
  later=$(json '["asset_id"]' <<<"$output")
  expect 1 nexusd --data-dir "$data" backup restore "$backup"
  says "$pid" "$errors"
  end 0
  before=$(meta epoch)
  expect 0 nexusd --data-dir "$data" backup restore "$backup" --plan
  says raw_register "$output"
  [ "$(meta epoch)" = "$before" ]
  expect 0 nexusd --data-dir "$data" backup restore "$backup"
  [ "$(meta epoch)" != "$before" ]
  begin --dev --data-dir "$data" --print-env
  # shellcheck disable=SC1091
  . "$BATS_TEST_TMPDIR/out"
  expect 4 as_anna nexusctl --server "$address" asset show "$asset"
  says auth.token_revoked "$errors"
  expect 0 nexusctl asset download "$asset" --output-file - # the file itself
  says 'a file' "$output"
  expect 6 nexusctl asset show "$later"
  expect 0 nexusctl audit show "${receipt%%:*}" -o json
  [ "$(json '["hash"]' <<<"$output")" = "${receipt#*:}" ]
  NEXUS_CONFIG_DIR=$BATS_TEST_TMPDIR/other expect 0 nexusctl audit verify -o json
  says restore "$output"
  expect 0 as_system nexusctl audit list --tenant t_dev --env dev --reason why --action store_restore
  says store_restore "$output"
  end 0
  expect 0 nexusd --data-dir "$data" check
}

@test "a drill on an empty machine: everything is blocked until somebody looked, and the keys come from the backup" {
  serve_and_back_up
  end 0
  mv "$data" "$BATS_TEST_TMPDIR/lost"
  expect 1 nexusd --data-dir "$data" backup restore "$backup"
  says key "$errors"
  expect 0 nexusd --data-dir "$data" backup restore "$backup" --identity "$BATS_TEST_TMPDIR/identity"
  says 'nexusctl tenant enable' "$output"
  begin --data-dir "$data"
  export NEXUS_ADDR=$address
  expect 5 as_anna nexusctl --tenant t_dev --env dev asset show "$asset"
  cmp -s "$data/root.token" "$BATS_TEST_TMPDIR/lost/root.token" && false
  export NEXUS_ROOT_TOKEN_FILE=$data/root.token
  expect 0 as_system nexusctl tenant enable t_dev --reason drill
  expect 0 as_anna nexusctl --tenant t_dev --env dev asset download "$asset" --output-file -
  says 'a file' "$output"
  end 0
}

@test "a backup that is not whole restores nothing, and neither does a line with a mistake" {
  serve_and_back_up
  end 0
  expect 2 nexusd --data-dir "$data" backup restore "$backup" --keys "$BATS_TEST_TMPDIR/nowhere"
  says nowhere "$errors"
  keyless=$BATS_TEST_TMPDIR/keyless.tar
  expect 0 nexusd --data-dir "$data" backup create "$keyless"
  expect 2 nexusd --data-dir "$data" backup restore "$keyless" --identity "$BATS_TEST_TMPDIR/identity"
  says 'holds no keys' "$errors"
  before=$(sha256sum <"$data/nexus.db")
  head -c 20000 "$backup" >"$BATS_TEST_TMPDIR/cut.tar"
  expect 1 nexusd --data-dir "$data" backup restore "$BATS_TEST_TMPDIR/cut.tar"
  says 'nothing was restored' "$errors"
  [ "$(sha256sum <"$data/nexus.db")" = "$before" ]
}
