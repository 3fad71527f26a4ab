#!/bin/sh
# A client of kitchenhub in shell and curl: asks for tokens, calls, refreshes after a 401 with the newest refresh token, and logs in again when
# that is dead. KEEP_FIRST=1 breaks it: it stores no refresh token but the first. Secrets and tokens go to curl on its
# standard input, because everybody can read its command line. It goes on until SIGTERM.
set -u
trap 'exit 0' TERM INT
base=${GONOGO_BASE_URL%/} id=$GONOGO_PRIMARY_CLIENT_ID secret=$GONOGO_PRIMARY_CLIENT_SECRET
answer=$(mktemp) headers=$(mktemp) access='' refresh=''
trap 'rm -f "$answer" "$headers"' EXIT

nap() { sleep "$1" & wait $!; } # a signal ends a wait, and no sleep

# ask PATH BODY: posts a JSON body, and sets status; 000 is no answer.
ask() {
  status=$(printf '%s' "$2" | curl -s -m 10 -o "$answer" -D "$headers" -w '%{http_code}' -H 'Content-Type: application/json' -d @- "$base$1")
  obey
}

# call: one call of the API with the access token.
call() {
  status=$(printf 'header = "Authorization: Bearer %s"\n' "$access" |
    curl -s -m 10 -o "$answer" -D "$headers" -w '%{http_code}' -K - "$base/v2/orders")
  obey
}

# obey waits as long as a server that is busy wants, and a while after a 403.
obey() {
  case $status in
    429 | 503) after=$(sed -n 's/^[Rr]etry-[Aa]fter: *\([0-9]*\).*/\1/p' "$headers"); nap "${after:-1}" ;;
    403) nap 10 ;;
  esac
}

member() { sed -n 's/.*"'"$1"'" *: *"\([^"]*\)".*/\1/p' "$answer" | sed 's|\\/|/|g'; }

# keep: takes the tokens of an answer.
keep() {
  access=$(member access_token)
  [ -n "$refresh" ] && [ -n "${KEEP_FIRST:-}" ] || refresh=$(member refresh_token)
}

login() {
  refresh=''
  ask /v2/auth/token "{\"client_id\":\"$id\",\"client_secret\":\"$secret\"}"
  case $status in
    2??) keep ;;
    4??) nap 10; return 1 ;;
    *) nap 1; return 1 ;;
  esac
}

# renew: new tokens, by a refresh if that can be. A refresh whose answer was lost is tried once more.
renew() {
  for try in 1 2; do
    [ -n "$refresh" ] || break
    ask /v2/auth/refresh "{\"refresh_token\":\"$refresh\"}"
    case $status in
      2??) keep; return ;;
      403 | 429 | 503) return 1 ;;
      4??) break ;;
    esac
  done
  login
}

# ready: sees to an access token. One that was refused is not sent again.
ready() { [ -n "$access" ] || renew; }

while :; do
  if ready; then
    call
    if [ "$status" = 401 ]; then
      access=''
      if ready; then call; fi
      [ "$status" != 401 ] || { access='' && nap 10; }
    fi
  fi
  nap "${PACE:-0.2}"
done
