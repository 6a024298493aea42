#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# kontor from nothing, in one command: installs what it needs, builds, starts an Odoo simulator (or
# takes your Odoo), hands over a month of documents and shows what became of each.
# Everything it makes is under ./kontor-quickstart; every process it starts it ends, by its id.
set -euo pipefail

ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
readonly ROOT
readonly ENTITY=demo
readonly SETTLE_SECONDS=300
readonly READY_SECONDS=30
# Of nobody, with good check digits; the bank does not exist.
readonly OUR_IBAN=DE63990000000000471101
# The line of the month's bill with an unknown account, corrected.
readonly TONER='{"description": "Toner", "quantity": "2", "unitPrice": "84.90",'\
' "accountCode": "600000", "taxNames": ["19%"]}'

odoo_url='' odoo_db='' odoo_login='' odoo_key_file='' odoo_company='' odoo_currency=EUR
series=18.0 keep=no yes=no
simulated=no folder='' pids=() started_ms=0 part='' url='' receiver_url='' bank_url='' order=''

usage() {
  cat <<'TEXT'
usage: examples/quickstart.sh [options]
  --series 17.0|18.0|19.0       of the simulated Odoo (default 18.0)
  --keep                        leave everything running and say what to try next
Your own Odoo instead of the simulator (it really posts about 110 documents there):
  --odoo-url URL --odoo-db NAME --odoo-login LOGIN --odoo-api-key-file FILE
  --odoo-company NAME [--odoo-currency EUR]   whose books, exactly as in Odoo
  --yes                                       do not ask
Environment: KONTOR_BUILD_DIR uses the programs built there; nothing is installed or built then.
TEXT
}

# -- saying ---------------------------------------------------------------------------------------

if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then
  bold=$'\e[1m' dim=$'\e[2m' green=$'\e[32m' red=$'\e[31m' plain=$'\e[0m'
else
  bold='' dim='' green='' red='' plain=''
fi

say() { printf '%s\n' "$*"; }
fail() { printf '%squickstart: %s%s\n' "$red" "$*" "$plain" >&2; exit 1; }
now_ms() { date +%s%3N; }

# A part of the run: its title now, its time in the table at the end.
begin() {
  end_part
  part="$1" started_ms="$(now_ms)"
  printf '\n%s== %s%s\n' "$bold" "$1" "$plain"
}

end_part() {
  [ -n "$part" ] || return 0
  printf '%s\t%d\n' "$part" "$(($(now_ms) - started_ms))" >>"$folder/times.tsv"
  part=''
}

# -- running --------------------------------------------------------------------------------------

step() { python3 -B "$ROOT/examples/quickstart/steps.py" "$@"; }
report() { python3 -B "$ROOT/examples/report/report.py" "$@" --entity "$ENTITY"; }
at() { step at "$@"; }

# as PERSON ARGUMENTS…: kontorctl with that person's token, and the command shown first.
as() {
  local person="$1" shown='' word
  shift
  for word in "$@"; do
    case "$word" in *[!A-Za-z0-9_.,:/@=-]*) shown+=" '$word'" ;; *) shown+=" $word" ;; esac
  done
  printf '%s%-6s $ kontorctl%s%s\n' "$dim" "$person" "${shown//"$folder/"/}" "$plain" >&2
  quietly "$person" "$@"
}

# The same without showing it.
quietly() {
  local person="$1"
  shift
  if [ "$person" = nobody ]; then
    env -u KONTOR_CLIENT_TOKEN_FILE -u KONTOR_CLIENT_TOKEN "$KONTORCTL" "$@"
  else
    KONTOR_CLIENT_TOKEN_FILE="$folder/tokens/$person" "$KONTORCTL" "$@"
  fi
}

# start NAME COMMAND…: a process in the background, its output in a file.
start() {
  local name="$1"
  shift
  "$@" >"$folder/$name.out" 2>"$folder/$name.log" </dev/null &
  pids+=($!)
  printf '%s\n' "$!" >>"$folder/pids"
}

stop_all() {
  local pid
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  for pid in "${pids[@]}"; do wait "$pid" 2>/dev/null || true; done
  pids=()
}

on_exit() {
  local code=$?
  if [ "$code" -ne 0 ] && [ -n "$folder" ]; then
    printf '%sstopped in the part "%s"; logs are in %s%s\n' "$red" "$part" "$folder" "$plain" >&2
    [ ! -s "$folder/kontord.log" ] || tail -n 5 "$folder/kontord.log" >&2
  fi
  if [ "$code" -ne 0 ] || [ "$keep" = no ]; then stop_all; fi
}

# -- parts ----------------------------------------------------------------------------------------

read_options() {
  while [ $# -gt 0 ]; do
    case "$1" in
      --odoo-url) odoo_url="${2:?}" ; shift ;;
      --odoo-db) odoo_db="${2:?}" ; shift ;;
      --odoo-login) odoo_login="${2:?}" ; shift ;;
      --odoo-api-key-file) odoo_key_file="${2:?}" ; shift ;;
      --odoo-company) odoo_company="${2:?}" ; shift ;;
      --odoo-currency) odoo_currency="${2:?}" ; shift ;;
      --series) series="${2:?}" ; shift ;;
      --keep) keep=yes ;;
      --yes) yes=yes ;;
      -h | --help) usage; exit 0 ;;
      *) usage >&2; exit 2 ;;
    esac
    shift
  done
  [ -n "$odoo_url" ] || return 0
  if [ -z "$odoo_db" ] || [ -z "$odoo_login" ] || [ -z "$odoo_company" ] \
    || [ ! -r "$odoo_key_file" ]; then
    usage >&2
    exit 2
  fi
  say "This posts about 110 documents into the database $odoo_db at $odoo_url, for good."
  [ "$yes" = yes ] && return 0
  [ -t 0 ] || fail 'say --yes to agree'
  local answer
  read -r -p 'Go on? [y/N] ' answer
  [ "$answer" = y ] || exit 0
}

make_folder() {
  mkdir -p kontor-quickstart
  printf '*\n' >kontor-quickstart/.gitignore
  folder="$PWD/kontor-quickstart/$(date +%Y%m%d-%H%M%S)-$$"
  mkdir -m 700 "$folder" "$folder/tokens"
  ln -sfn "$(basename "$folder")" kontor-quickstart/latest
  : >"$folder/times.tsv"
}

# Of ninja's lines "[12/345] …", one a tenth of the way; the rest goes to the file alone. For logs
# and pipes, where a silent build of some minutes looks like one that hangs.
tenths() {
  awk -v log_file="$1" '
    { print >log_file }
    match($0, /^\[[0-9]+\/[0-9]+\]/) {
      split(substr($0, 2, RLENGTH - 2), step, "/")
      tenth = int(10 * step[1] / step[2])
      if (tenth > told) { told = tenth; printf "  %3d %% built\n", 10 * tenth; fflush() }
    }'
}

install_and_build() {
  if [ -n "${KONTOR_BUILD_DIR:-}" ]; then
    build="$KONTOR_BUILD_DIR"
  else
    begin 'Install (packages of Debian)'
    "$ROOT/tests/setup/packages.sh" build
    begin 'Build kontord and kontorctl'
    build="$ROOT/build"
    say "into $build, with $(nproc) cores; the first time takes some minutes"
    (cd "$ROOT" && cmake --preset release -DKONTOR_TESTS=OFF) >"$folder/configure.log" 2>&1 \
      || { tail -n 20 "$folder/configure.log" >&2; fail 'the configuration failed'; }
    if [ -t 1 ]; then
      cmake --build "$build" --target kontord kontorctl
    else
      cmake --build "$build" --target kontord kontorctl 2>&1 | tenths "$folder/build.log" \
        || { tail -n 40 "$folder/build.log" >&2; fail 'the build failed'; }
    fi
  fi
  export KONTORCTL="$build/bin/kontorctl"
  [ -x "$KONTORCTL" ] && [ -x "$build/bin/kontord" ] || fail "no programs in $build/bin"
}

start_odoo() {
  if [ -n "$odoo_url" ]; then
    begin 'Your Odoo'
    say "$odoo_url, database $odoo_db, user $odoo_login"
    return
  fi
  simulated=yes
  begin "Start a simulated Odoo $series"
  start odoo python3 -B "$ROOT/tests/simulators/odoo_sim.py" --series "$series" --port 0
  local ready
  ready="$(step ready "$folder/odoo.out" "$!" "$READY_SECONDS")"
  odoo_url="$(at url <<<"$ready")" odoo_db="$(at db <<<"$ready")"
  odoo_login="$(at login <<<"$ready")" odoo_key_file="$folder/tokens/odoo-api-key"
  odoo_company='Kontor Test GmbH' odoo_currency="$(at currency <<<"$ready")"
  (umask 077 && at api_key <<<"$ready" >"$odoo_key_file")
  say "$odoo_url, database $odoo_db: a small company with books in EUR"
  # What a person did at the end of the month before last: everything up to then is closed.
  local lock
  lock="$(date -d "$(date -d '-45 days' +%Y-%m-01) -1 day" +%F)"
  step lock "$odoo_url" "$lock"
  say "its books are closed up to $lock"
}

# write_config GRPC-PORT HTTP-PORT; 0 takes any free port.
write_config() {
  cat >"$folder/kontor.toml" <<TEXT
# Configuration of the quickstart's kontord. All keys: kontord --describe-config
[data]
directory = "$folder/data"
[grpc]
port = $1
[http]
port = $2
[engine]
# Quicker than the defaults, to show what people do in Odoo at once.
poll_interval = "2s"
park_check = "500ms"
[webhooks]
# The receiver is on this machine; in real life endpoints are public and use https.
allow_plain_http = true
allowed_networks = ["127.0.0.0/8"]
[expenses]
# So is the expense platform; and what waits for something is looked at sooner than by default.
look_interval = "2s"
allow_plain_http = true
allowed_networks = ["127.0.0.0/8"]
TEXT
}

start_kontord() {
  begin 'Start kontord and someone who listens'
  secret="whsec_$(openssl rand -base64 32)"
  (umask 077 && printf '%s\n' "$secret" >"$folder/tokens/webhook-secret")
  start receiver python3 -B "$ROOT/tests/simulators/webhook_receiver.py" --secret "$secret"
  receiver_url="$(step ready "$folder/receiver.out" "$!" "$READY_SECONDS" | at url)"
  write_config 0 0
  start kontord "$build/bin/kontord" --config "$folder/kontor.toml" \
    --ready-file "$folder/ready.json"
  printf '%s\n' "$!" >"$folder/kontord.pid"
  local ready grpc http
  ready="$(step ready "$folder/ready.json" "$!" "$READY_SECONDS")"
  grpc="$(at grpc_port <<<"$ready")" http="$(at http_port <<<"$ready")"
  write_config "$grpc" "$http"
  export KONTOR_CLIENT_ENDPOINT="127.0.0.1:$grpc"
  url="http://127.0.0.1:$http"
  cat >"$folder/environment" <<TEXT
export PATH="$build/bin:\$PATH" KONTOR_CLIENT_ENDPOINT=$KONTOR_CLIENT_ENDPOINT
export KONTOR_CLIENT_TOKEN_FILE="$folder/tokens/karl"
export QUICKSTART="$folder" KONTOR_HTTP=$url
TEXT
  say "kontord: gRPC on $KONTOR_CLIENT_ENDPOINT, JSON on $url, data in $folder/data"
  say "webhook receiver: $receiver_url (verifies every signature)"
}

# hire NAME KIND 'Display name' ROLE…: one administrator proposes, the other agrees.
hire() {
  local name="$1" kind="$2" display="$3" unmasked=false role grant
  shift 3
  case "$*" in *PAYMENT_*) unmasked=true ;; esac # who pays must see whom
  quietly anna admin create-principal --principal.name "$name" --principal.kind "$kind" \
    --principal.display-name "$display" --principal.unmasked "$unmasked" >/dev/null
  for role in "$@"; do
    grant="$(quietly anna admin propose-role-grant --principal "$name" --role "$role" \
      --reason 'quickstart' --json | at grant id)"
    quietly anton admin approve-role-grant "$grant" --reason 'agreed' >/dev/null
  done
  quietly anna admin issue-token --principal "$name" --save-secret "$folder/tokens/$name" >/dev/null
  say "       $display: $* (proposed by anna, agreed by anton)"
}

set_up_people() {
  begin 'Who may do what'
  as nobody admin redeem-bootstrap-token --bootstrap-token "@$folder/data/bootstrap.token" \
    --principal-name anna --display-name 'Anna Admin' --save-secret "$folder/tokens/anna" >/dev/null
  as anna admin create-principal --principal.name anton --principal.kind PERSON \
    --principal.display-name 'Anton Admin' >/dev/null
  as anna admin propose-role-grant --principal anton --role ADMINISTRATOR \
    --reason 'second administrator' >/dev/null
  as anna admin issue-token --principal anton --save-secret "$folder/tokens/anton" >/dev/null
  say '       Every other role takes both of them. With the same commands:'
  hire shop SERVICE 'Shop (a program that sends documents)' SUBMITTER VIEWER
  hire rita PERSON 'Rita, releases entries' RELEASER VIEWER
  hire karl PERSON 'Karl, accountant' ACCOUNTANT VIEWER
  hire kim PERSON 'Kim, accountant' ACCOUNTANT VIEWER
}

set_up_books() {
  begin 'Odoo, entity, webhook'
  as anna connection create --connection.name main --connection.url "$odoo_url" \
    --connection.database "$odoo_db" --connection.login "$odoo_login" \
    --connection.api-key "@$odoo_key_file" --connection.mode LIVE >/dev/null
  as anna connection check main --json >"$folder/check.json"
  at report reachable <"$folder/check.json" >/dev/null 2>&1 || fail "$odoo_url does not answer"
  at report authenticated <"$folder/check.json" >/dev/null 2>&1 \
    || fail "Odoo refused the login $odoo_login"
  say "       Odoo $(at report series <"$folder/check.json") answers over" \
    "$(at report transport <"$folder/check.json" | sed 's/TRANSPORT_//')"
  as anna connection create-entity --entity.name "$ENTITY" --entity.connection main \
    --entity.company-name "$odoo_company" --entity.currency-code "$odoo_currency" \
    --entity.mode LIVE >/dev/null
  as anna webhook create-endpoint --endpoint.url "$receiver_url/hook" \
    --endpoint.description 'quickstart' --secret "@$folder/tokens/webhook-secret" --json \
    >"$folder/endpoint.json"
  endpoint="$(at endpoint id <"$folder/endpoint.json")"
  as anna webhook verify-endpoint "$endpoint" >/dev/null
}

push_month() {
  begin 'Hand over a month of documents'
  quietly shop connection get-catalogue "$ENTITY" --json >"$folder/catalogue.json"
  python3 -B "$ROOT/examples/data/resolve.py" --entity "$ENTITY" --run "qs$(date +%m%d%H%M)" \
    --catalogue "$folder/catalogue.json" "$ROOT/examples/data/month.jsonl" >"$folder/month.jsonl"
  local code=0
  (cd "$folder" && as shop push month.jsonl) || code=$?
  # One line is wrong on purpose and refused at once: that is exit code 1.
  [ "$code" -eq 1 ] || fail "kontorctl push ended with $code"
  local left
  left="$(KONTOR_CLIENT_TOKEN_FILE="$folder/tokens/shop" step settle "$SETTLE_SECONDS")"
  [ "$left" -eq 0 ] || say "       still on their way after $SETTLE_SECONDS s: $left"
}

release_entry() {
  begin 'A second person releases an entry'
  local entry
  as rita operation list --entity "$ENTITY" --states HELD
  entry="$(quietly rita operation list --entity "$ENTITY" --states HELD --json \
    | at operations -1 id)"
  as rita operation release "$entry" --reason 'checked against the payslips' >/dev/null
  KONTOR_CLIENT_TOKEN_FILE="$folder/tokens/rita" step settle "$SETTLE_SECONDS" >/dev/null
  say "       $(quietly rita operation get "$entry" --json | at operation odooName) is posted;" \
    'the others wait for her.'
}

show_exceptions() {
  begin 'What was stopped, and why'
  report exceptions --token-file "$folder/tokens/karl"
}

correct_bill() {
  begin 'A bill is corrected, by two people'
  local case subject
  case="$(KONTOR_CLIENT_TOKEN_FILE="$folder/tokens/karl" step exception ACCOUNT_UNKNOWN)"
  subject="$(quietly karl exception get "$case" --json | at exception subject)"
  as karl exception resolve "$case" --action CORRECT_AND_RETRY --reason 'the account is 600000' \
    --update-mask lines --invoice.lines "$TONER" >/dev/null
  say '       An account is money, so it takes a second accountant:'
  as kim exception approve-resolution "$case" --reason 'seen the bill' >/dev/null
  KONTOR_CLIENT_TOKEN_FILE="$folder/tokens/karl" step settle "$SETTLE_SECONDS" >/dev/null
  say "       The bill is $(quietly karl invoice get "$subject" --json | at invoice state \
    | sed 's/STATE_//'): $(quietly karl invoice get "$subject" --json | at invoice booked name)"
}

# An expense platform of one's own: any JSON by a mapping file.
show_expenses() {
  [ "$simulated" = yes ] || return 0
  begin 'An expense platform'
  start platform python3 -B "$ROOT/tests/simulators/expense_sim.py" --platform generic --port 0
  local platform
  platform="$(step ready "$folder/platform.out" "$!" "$READY_SECONDS" | at url)"
  cat >"$folder/source.json" <<TEXT
{"verification": {"scheme": "SCHEME_HMAC", "signatureHeader": "X-Signature",
  "signaturePrefix": "sha256=", "signedContent": "{timestamp}.{body}",
  "timestampHeader": "X-Timestamp", "eventIdPointer": "/event_id"},
 "expense": {"categories": [{"category": "travel", "accountCode": "661000"}],
  "taxes": [{"code": "V19", "taxName": "19%", "accountCode": "131000"}], "createEmployees": true},
 "platform": {"receiptUrl": "$platform/receipts"}}
TEXT
  as anna source add travel --adapter generic --entity "$ENTITY" \
    --mapping "$ROOT/examples/quickstart/mapping.json" --settings "$folder/source.json" \
    --save-secret "$folder/tokens/expense-secret"
  quietly anna source check travel >/dev/null
  say '       Its conformance checks passed: the source is live.'
  python3 -B "$ROOT/examples/quickstart/expense.py" send "$url/hooks/travel" \
    "$folder/tokens/expense-secret"
  say '       What the platform was told, once each:'
  python3 -B "$ROOT/examples/quickstart/expense.py" told "$platform" 4 "$SETTLE_SECONDS"
}

# A bank behind two folders, as many are reached by SFTP. Its first day is for trying it.
open_bank() {
  start bank python3 -B "$ROOT/tests/simulators/bank_sim.py" --folder "$folder/bank" \
    --account "$OUR_IBAN:EUR:50000.00" --today "$(date -d yesterday +%F)" --port 0
  bank_url="$(step ready "$folder/bank.out" "$!" "$READY_SECONDS" | at url)"
  local settings='{"outbox": "FOLDER/outbox", "inbox": "FOLDER/inbox", "rest_seconds": 0}'
  as anna bank create-channel --channel.name house-bank --channel.kind directory \
    --channel.poll-interval 1s --channel.settings "${settings//FOLDER/$folder/bank}" >/dev/null
  as anna bank create-account --account.name house-bank --account.entity "$ENTITY" \
    --account.iban "$OUR_IBAN" --account.currency-code EUR --account.channel house-bank \
    --account.holder-name "$odoo_company" --account.bic KTESDEFF --account.journal-code BNK1 \
    --account.dialect sepa-09 >/dev/null
  as anna policy propose --kind approval --reason 'our rules' \
    --content '{"steps": [{"name": "all", "approvals": 2}]}' --json >"$folder/policy.json"
  as anton policy promote "$(at policy name <"$folder/policy.json")" \
    --digest "$(at policy digest <"$folder/policy.json")" >/dev/null
}

# Before anything real leaves, one cent goes to the bank and its answers come back; then two sign.
onboard_bank() {
  local person code
  as otto bank onboard house-bank --reason 'a new bank' >/dev/null && fail 'nobody has signed'
  as paula payment-order create --test --entity "$ENTITY" --account house-bank --payments \
    '{"amount": {"currencyCode": "EUR", "value": "0.01"}, "remittanceText": "A test",
      "creditor": {"holderName": "Our other account", "accountNumber": "DE02500105170137075030"}}' \
    --json >"$folder/order.json"
  order="$(at order id <"$folder/order.json")"
  carry_order
  await_order ACCEPTED
  step close-day "$bank_url"
  KONTOR_CLIENT_TOKEN_FILE="$folder/tokens/otto" step onboarded house-bank "$SETTLE_SECONDS"
  say '       One cent went there, and its status and the day'"'"'s statement came back:'
  for person in otto olga; do
    code=0
    as "$person" bank onboard house-bank --sign --reason 'seen all of it' \
      >"$folder/onboarding.txt" || code=$?
  done
  cat "$folder/onboarding.txt"
  [ "$code" -eq 0 ] || fail 'the channel is not live'
}

# The order of the rent's bill, up to where persons decide.
prepare_order() {
  local reference bill
  reference="$(grep -o 'qs[0-9]*-SI-4017' "$folder/month.jsonl" | head -n 1)"
  bill="$(quietly paula invoice list --entity "$ENTITY" --reference "$reference" --json \
    | at invoices 0 odoo id)"
  step trust "$odoo_url" "$odoo_db" QS-06
  say '       In Odoo a person allows payments to the landlord, whose account is new.'
  as paula payment-order create --entity "$ENTITY" --account house-bank \
    --bills "{\"odooMoveId\": $bill}" --json >"$folder/order.json"
  order="$(at order id <"$folder/order.json")"
}

# What persons do with the order: confirm the account, approve twice, release.
carry_order() {
  local person digest beneficiary
  await_order HELD,AWAITING_APPROVAL
  beneficiary="$(at payments 0 beneficiaryId <"$folder/order.json")"
  quietly adam beneficiary get "$beneficiary" --json >"$folder/beneficiary.json"
  if [ "$(at beneficiary state <"$folder/beneficiary.json")" != STATE_CONFIRMED ]; then
    as adam beneficiary confirm "$beneficiary" --reason 'called them' \
      --digest "$(at beneficiary digest <"$folder/beneficiary.json")" >/dev/null
  fi
  await_order AWAITING_APPROVAL
  digest="$(at digest <"$folder/order.json")"
  as adam payment-order show "$order"
  for person in adam alma; do
    as "$person" payment-order approve "$order" --digest "$digest" >/dev/null
  done
  as rolf payment-order release "$order" --digest "$digest" >/dev/null
}

# Waits until the order is in one of the states; keeps it in order.json.
await_order() {
  KONTOR_CLIENT_TOKEN_FILE="$folder/tokens/paula" step order "$order" "$1" "$SETTLE_SECONDS" \
    >"$folder/order.json"
}

pay_a_bill() {
  [ "$simulated" = yes ] || return 0
  begin 'A bill is paid by four people and a bank'
  hire otto PERSON 'Otto, operator' OPERATOR VIEWER
  hire olga PERSON 'Olga, operator' OPERATOR VIEWER
  hire paula PERSON 'Paula, prepares payments' PAYMENT_PREPARER VIEWER
  hire adam PERSON 'Adam, approves payments' PAYMENT_APPROVER VIEWER
  hire alma PERSON 'Alma, approves payments' PAYMENT_APPROVER VIEWER
  hire rolf PERSON 'Rolf, releases payments' PAYMENT_RELEASER VIEWER
  open_bank
  onboard_bank
  prepare_order
  carry_order
  await_order ACCEPTED
  say '       The bank took the file and accepts it. That is no payment yet; its booking is:'
  step close-day "$bank_url"
  await_order SETTLED
  as karl cash "$ENTITY"
  say "       Order $order is settled, and the landlord's bill is paid in Odoo."
}

show_webhooks() {
  begin 'Who was told'
  local left
  left="$(KONTOR_CLIENT_TOKEN_FILE="$folder/tokens/anna" step delivered "$endpoint" \
    "$SETTLE_SECONDS")"
  step summary "$receiver_url" >"$folder/webhooks.json"
  as anna webhook get-endpoint "$endpoint"
  say "       $(at unique <"$folder/webhooks.json") events delivered, $left waiting;" \
    "$(at unverified <"$folder/webhooks.json") with a bad signature"
}

show_result() {
  begin 'The books'
  report table --token-file "$folder/tokens/karl"
  local code=0
  as karl reconcile "$ENTITY" >"$folder/reconcile.txt" || code=$?
  say "       $(grep -c ' =$' "$folder/reconcile.txt") days and journals agree in count and sum;" \
    "$(tail -n 1 "$folder/reconcile.txt")"
  [ "$code" -le 1 ] || fail "kontorctl reconcile ended with $code"
  begin 'Report'
  report html --token-file "$folder/tokens/karl" --webhooks "$folder/webhooks.json" \
    --times "$folder/times.tsv" --title "$odoo_company" --output "$folder/report.html"
  end_part
}

show_times() {
  printf '\n%s== How long it took%s\n' "$bold" "$plain"
  awk -F'\t' '{ printf "%8.1f s  %s\n", $2 / 1000, $1; sum += $2 }
    END { printf "%8.1f s  in all\n", sum / 1000 }' "$folder/times.tsv"
}

say_next() {
  if [ "$keep" = no ]; then
    say ''
    say "${green}Done.${plain} Everything is stopped. The report: $folder/report.html"
    say 'With --keep it stays running for you to play with.'
    return
  fi
  cat <<TEXT

${green}Done.${plain} It keeps running. The report: $folder/report.html
Try next:
  . kontor-quickstart/latest/environment
  kontorctl invoice list --entity $ENTITY
  kontorctl exception list --entity $ENTITY --state OPEN
  kontorctl exception resolve --help
  kontorctl payment-order list --entity $ENTITY
  kontorctl watch events
  curl -s \$KONTOR_HTTP/readyz
  curl -s -H "Authorization: Bearer \$(cat \$KONTOR_CLIENT_TOKEN_FILE)" \\
    -H 'Content-Type: application/json' -d '{"entity":"$ENTITY"}' \\
    \$KONTOR_HTTP/kontor.v1.InvoiceService/ListInvoices
Push the same month again and see that nothing happens twice:
  kontorctl push \$QUICKSTART/month.jsonl --token-file \$QUICKSTART/tokens/shop
To end it:
  kill \$(cat kontor-quickstart/latest/pids)
TEXT
}

main() {
  read_options "$@"
  make_folder
  trap on_exit EXIT
  trap 'exit 130' INT TERM
  say "${bold}kontor quickstart${plain}: finance documents into Odoo, each exactly once."
  say "Everything it makes is in $folder"
  install_and_build
  start_odoo
  start_kontord
  set_up_people
  set_up_books
  push_month
  show_exceptions
  release_entry
  correct_bill
  show_expenses
  pay_a_bill
  show_webhooks
  show_result
  show_times
  say_next
}

main "$@"
