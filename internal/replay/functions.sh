
dir=${GONOGO_KEEP:-$(mktemp -d)} || exit 2
[ -n "${GONOGO_KEEP:-}" ] || trap 'rm -rf "$dir"' EXIT
trap 'exit 2' HUP INT TERM

say() { printf '%s\n' "$*" >&2; }

# request N … sends a request with curl's arguments and keeps the answer as number N.
request() {
  n=$1
  shift
  status=$(send -o "$dir/body.$n" -D "$dir/head.$n" -w '%{http_code}' "$@") || status=none
  touch "$dir/body.$n" "$dir/head.$n"
  case " $* " in *' --head '*) : >"$dir/body.$n" ;; esac # where curl writes the head
  printf '%s' "$status" >"$dir/status.$n"
  say "[$n] $status"
}

# ask NAME TEXT has a human enter what only a human can know.
ask() {
  say "$2"
  IFS= read -r answer || { say 'nobody answers'; exit 2; }
  eval "$1=\$answer"
}

# member NAME N is a text in the JSON of answer N; cookie, header and parameter take from its head.
member() {
  value=$(tr -d '\r\n' <"$dir/body.$2" | sed -nE 's/.*"'"$1"'"[[:space:]]*:[[:space:]]*"(([^"\\]|\\.)*)".*/\1/p' | sed -e 's/\\u0026/\&/g' -e 's/\\u003[cC]/</g' -e 's/\\u003[eE]/>/g' -e 's/\\\(.\)/\1/g')
  [ -n "$value" ] || { say "answer $2 has no $1, so the steps after it cannot be played"; kill -TERM $$; exit 2; }
  printf '%s' "$value"
}
header() { tr -d '\r' <"$dir/head.$2" | awk -v name="$1:" 'tolower(substr($0, 1, length(name))) == tolower(name) { sub(/^[^:]*: */, ""); print; exit }'; }
cookie() { tr -d '\r' <"$dir/head.$2" | sed -nE 's/^[Ss]et-[Cc]ookie: *'"$1"'=([^;]*).*/\1/p' | sed 1q; }
parameter() { parameter_of "$1" "$(header Location "$2")"; }
parameter_of() { printf '%s\n' "$2" | sed -nE 's/.*[?&#]'"$1"'=([^&#]*).*/\1/p' | sed -e 's/+/ /g' -e 's/%2[Bb]/+/g' -e 's/%2[Ff]/\//g' -e 's/%3[Dd]/=/g'; }

# A value as it stands in a URL or form, and within a JSON text; a text that is new each time.
url() {
  case $1 in
  *[!A-Za-z0-9._~-]*) printf '%s' "$1" | od -An -v -tx1 | tr -d ' \n' | sed 's/../%&/g' ;;
  *) printf '%s' "$1" ;;
  esac
}
json() { printf '%s' "$1" | sed -e 's/\\/\\\\/g' -e 's/"/\\"/g'; }
new() { od -An -N6 -tx1 /dev/urandom | tr -d ' \n'; }

# answered N PATTERN compares the status of answer N, count PATTERN N… says how many of several are alike, shape N is the body
# without what differs from one run to the next, headers N the names of its headers.
answered() {
  case $(cat "$dir/status.$1") in
  $2) return 0 ;;
  *) return 1 ;;
  esac
}
count() {
  like=$1 alike=0
  shift
  for each in "$@"; do answered "$each" "$like" && alike=$((alike + 1)); done
  echo "$alike"
}
shape() {
  tr -d '\r\n' <"$dir/body.$1" | sed -E -e 's/\\"//g' -e 's/: *"[^" ]{16,}"/:text/g' \
    -e 's/: *"[^"]*[0-9][^"]{8,}"/:text/g' -e 's/: *"[^"]{8,}[0-9][^"]*"/:text/g' -e 's/: *[0-9.]{6,}/:number/g'
}
headers() {
  tr -d '\r' <"$dir/head.$1" | sed -nE 's/^([A-Za-z0-9-]+):.*/\1/p' | tr A-Z a-z | sort -u |
    grep -vxE 'date|content-length|connection|transfer-encoding|keep-alive|age' | tr '\n' ' '
}

# as_then N:PATTERN… looks whether the steps before went as they did when the failure was found.
as_then() {
  same=yes
  for each in "$@"; do
    answered "${each%%:*}" "${each#*:}" || { say "now       answer ${each%%:*} is another than then"; same=no; break; }
  done
}
again() {
  [ "$same" = yes ] || { by_eye; return; }
  say 'now       the same: it fails'
  worst=1
}
gone() {
  [ "$same" = yes ] || { by_eye; return; }
  if [ -n "${made_up:-}" ]; then
    say 'now       something else, but the script sends values that were made for the tokens of then'
    by_eye
    return
  fi
  say 'now       something else: it does not fail'
}
by_eye() { say 'now       only your eye can tell: set GONOGO_KEEP to a folder to have the answers'; [ "$worst" = 1 ] || worst=2; }
