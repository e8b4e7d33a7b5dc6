#!/usr/bin/env bats
# Budgets, KPIs and temperature by nexusctl against a real daemon: set, measured, refused, repaired, drawn.

# shellcheck disable=SC2030,SC2031,SC2154 # bats runs tests in subshells; helpers.bash sets the variables

load helpers

setup_file() { start_daemon; }
teardown_file() { stop_daemon; }

@test "a budget is set, spent, refuses, and is raised" {
  expect 0 nexusctl budget policy raw_storage --threshold 0.5 --currency USD --window-days 7 -o json
  [ "$(json '["threshold"]["amount_micros"]' <<<"$output")" = 500000 ]
  expect 0 nexusctl budget record openai --cost 0.500001 --currency USD --surface raw_storage --tokens-input 9
  expect 5 nexusctl presign --filename a.bin
  says "[budget_threshold_exceeded]" "$errors"
  says "in the last 7 days is 0.500001 USD, above its threshold of 0.5 USD" "$errors"
  raise="nexusctl budget policy raw_storage --threshold AMOUNT --currency USD --window-days 7"
  says "try: $raise" "$errors"
  seq=$(sed -n 's/^audit row: \([0-9]*\).*/\1/p' <<<"$errors")
  expect 0 nexusctl gate why "$seq"
  says "$raise" "$output"
  expect 1 nexusctl gate explain raw_presign
  says "$raise" "$output"
  says "0.500001 USD, above" "$output"
  expect 0 nexusctl budget summary --surface raw_storage --group-by provider
  says $'openai\t0.500001 USD\t1' "$output"
  says "in all 0.500001 USD by 1 event in 7 days" "$errors"
  expect 0 nexusctl budget summary -o json
  [ "$(json '["total_events"]' <<<"$output")" = 1 ]
  expect 0 nexusctl budget policies -o name
  [ "$output" = raw_storage ]
  expect 0 nexusctl budget policies
  [ "$output" = $'raw_storage\t0.5 USD\t0.500001 USD\t7' ]
  expect 0 nexusctl budget policy raw_storage --threshold 100 --currency usd
  expect 0 nexusctl gate explain raw_presign
  says "raw_storage: 0.500001 of 100 USD in 7 days" "$output"
  expect 0 nexusctl presign --filename a.bin
}

@test "mistaken usage is voided, and a budget removed" {
  expect 0 nexusctl budget policy presigned --threshold 1 --currency USD
  expect 0 nexusctl budget record p --cost 10 --currency USD --surface presigned --usage-id bats.wrong
  expect 2 nexusctl budget void bats.wrong
  says "try: nexusctl budget void bats.wrong --reason TEXT" "$errors"
  expect 0 nexusctl budget void bats.wrong --reason 'it was 1.0' --field void_reason
  [ "$output" = 'it was 1.0' ]
  expect 7 nexusctl budget void bats.wrong --reason again
  says "[usage.voided]" "$errors"
  expect 6 nexusctl budget void nothing --reason why
  expect 0 nexusctl budget summary --surface presigned --field total_cost.amount_micros
  [ "$output" = 0 ]
  expect 0 nexusctl budget remove presigned
  expect 6 nexusctl budget remove presigned
  says "[budget_policy.not_found]" "$errors"
}

@test "a usage id counts once" {
  expect 0 nexusctl budget record p --cost 1 --currency USD --usage-id bats.1
  expect 0 nexusctl budget record p --cost 1 --currency USD --usage-id bats.1
  expect 7 nexusctl budget record p --cost 2 --currency USD --usage-id bats.1
  says "[budget.usage_conflict]" "$errors"
  [ "$(nexusctl budget usage --all -o name | grep -c '^bats.1$')" = 1 ]
}

@test "amounts are decimals without rounding" {
  for wrong in 1.2345678 -1 1e3 .5 5. '' abc; do
    expect 2 nexusctl budget record p "--cost=$wrong" --currency USD
  done
  expect 0 nexusctl budget record p --cost 1 --currency usd --field cost.currency
  [ "$output" = USD ]
  expect 2 nexusctl budget record p --cost 1 --currency dollar
  says "[validation.failed]" "$errors"
  expect 2 nexusctl budget record p --cost 1 --currency EUR
  says "[budget.currency_mismatch]" "$errors"
  says "costs are kept in USD here" "$errors"
  says "not in EUR" "$errors"
}

@test "usage is listed between two times" {
  expect 2 nexusctl budget record p --cost 1 --currency USD --usage-id bats.old --occurred-at=5h
  says "with --usage-id" "$errors"
  says "try: nexusctl budget record p --cost 1 --currency USD --usage-id bats.old --occurred-at=2" "$errors"
  expect 0 bash -c "$(sed -n 's/^try: //p' <<<"$errors")"
  expect 0 nexusctl budget record p --cost 1 --currency USD --usage-id bats.new
  expect 0 nexusctl budget usage --since 1h --all -o name
  says bats.new "$output"
  if grep bats.old <<<"$output"; then false; fi
  expect 0 nexusctl budget usage --since 6h --until 4h --all -o name
  [ "$output" = bats.old ]
  expect 2 nexusctl budget usage --since 4h --until 6h
  says "must be after since" "$errors"
}

@test "a span beside an id or key is refused: the repeat would say another time" {
  expect 2 nexusctl --idempotency-key k1 budget record p --cost 1 --currency USD --occurred-at 5h
  line=$(sed -n 's/^try: //p' <<<"$errors")
  says "--occurred-at counts from now" "$errors"
  expect 0 bash -c "$line --field usage_id" # the same with the time itself, which may be repeated
  first=$output
  expect 0 bash -c "$line --field usage_id"
  [ "$output" = "$first" ]
  expect 2 nexusctl --idempotency-key k2 kpi observe conversion 1 --observed-at 5h
}

@test "a KPI is defined, bounded, observed, and refuses outside its corridor" {
  expect 0 nexusctl kpi define conversion --aggregate mean --unit percent
  expect 0 nexusctl kpi corridor conversion --surface raw_storage --floor 1.5 --require-data
  expect 5 nexusctl presign --filename a.bin
  says "[kpi_threshold_missing]" "$errors"
  expect 0 nexusctl kpi observe conversion 1 --surface raw_storage
  expect 5 nexusctl presign --filename a.bin
  says "[kpi_corridor_breached]" "$errors"
  says "the surface raw_storage is 1 (mean of 1 observation in the last 7 days), below its floor of 1.5" \
    "$errors"
  move="nexusctl kpi corridor conversion --surface raw_storage --floor NUMBER --window-days 7 --require-data"
  says "try: $move" "$errors"
  expect 1 nexusctl gate explain raw_presign
  says "$move" "$output"
  says "below its floor of 1.5" "$output"
  expect 0 nexusctl kpi observe conversion 2 --surface raw_storage
  expect 0 nexusctl presign --filename a.bin
  expect 0 nexusctl kpi config --field corridors.0.floor
  [ "$output" = 1.5 ]
  for list in definitions corridors observations; do
    expect 0 nexusctl kpi $list --all
    says conversion "$output"
  done
  wrong=$(nexusctl kpi observe conversion 0 --surface raw_storage -o name)
  expect 5 nexusctl presign --filename a.bin
  expect 2 nexusctl kpi void "$wrong"
  expect 0 nexusctl kpi void "$wrong" --reason 'a wrong unit'
  expect 0 nexusctl presign --filename a.bin
  expect 0 nexusctl kpi corridor conversion --surface raw_storage --floor 100
  expect 5 nexusctl presign --filename a.bin
  expect 0 nexusctl kpi remove conversion --surface raw_storage -o json
  [ "$(json '["kpi_name"]' <<<"$output")" = conversion ]
  expect 0 nexusctl presign --filename a.bin
  expect 6 nexusctl kpi remove conversion --surface raw_storage
  says "[kpi_corridor.not_found]" "$errors"
  expect 2 nexusctl kpi corridor nothing --surface raw_storage --floor 1
  expect 2 nexusctl kpi observe conversion many
}

@test "a surface is bounded, out of bounds, recorded and drawn" {
  expect 0 nexusctl temperature config raw_storage --field floors
  [ "$output" = null ]
  expect 0 nexusctl temperature set raw_storage --performance-floor views=10 --weight views=1
  expect 5 nexusctl presign --filename a.bin
  says "[temperature_breach]" "$errors"
  says "in the last 7 days: views is 0, below its floor of 10" "$errors"
  says "nexusctl temperature current raw_storage" "$errors"
  expect 0 nexusctl temperature snapshot raw_storage
  expect 0 nexusctl budget record p --cost 0 --currency USD --surface raw_storage --metric views=12.5
  expect 0 nexusctl temperature current raw_storage --field value
  [ "$output" = 12.5 ]
  expect 0 nexusctl presign --filename a.bin
  expect 0 nexusctl temperature snapshot raw_storage
  expect 0 nexusctl temperature history raw_storage -o name
  [ "$(wc -l <<<"$output")" = 2 ]
  expect 0 nexusctl temperature history raw_storage --plot
  says " 0 ! |" "$output"
  says "12.5   |#" "$output"
  expect 0 nexusctl temperature set raw_storage --cadence-floor posts=0 --ceiling errors=5 -o json
  [ "$(json '["floors"]["performance_floors"]["views"]' <<<"$output")" = 10.0 ]
  [ "$(json '["weights"]["views"]' <<<"$output")" = 1.0 ]
  # One request: what is refused half-way changed nothing, and what is printed does all of it.
  expect 0 nexusctl temperature set raw_storage --performance-floor views=1 --ceiling errors=6 --weight views=2 \
    --print curl
  [ "$(grep -c '^curl' <<<"$output")" = 1 ]
  says /temperature/config "$output"
  eval "$output" >/dev/null
  expect 0 nexusctl temperature config raw_storage -o json
  [ "$(json '["floors"]["performance_floors"]["views"]' <<<"$output")" = 1.0 ]
  [ "$(json '["ceilings"]["errors"]' <<<"$output")" = 6.0 ]
  [ "$(json '["weights"]["views"]' <<<"$output")" = 2.0 ]
  expect 0 nexusctl temperature set raw_storage --clear floors --field floors.performance_floors
  [ "$output" = "{}" ]
  expect 2 nexusctl temperature set raw_storage
  expect 2 nexusctl temperature set raw_storage --ceiling views
}
