#!/bin/sh
# Fills in turnserver.conf.template from the environment and becomes turnserver. Refuses to start on a setting that is
# missing, unsafe, or could smuggle another option into the configuration. Arguments go to turnserver.
set -eu
umask 077

fail() {
  echo "turn: $*" >&2
  exit 64
}

# name value allowed-characters: fails unless the value is made of these characters only (as in tr: ranges, - last).
only() {
  [ -z "$(printf %s "$2" | tr -d "$3")" ] || fail "$1 may contain only $3"
  # Command substitution drops newlines at the end: count lines as well.
  [ "$(printf %s "$2" | wc -l)" -eq 0 ] || fail "$1 must be one line"
}

port() {
  only "$1" "$2" 0-9
  { [ -n "$2" ] && [ "${#2}" -le 5 ] && [ "$2" -ge 1 ] && [ "$2" -le 65535 ]; } || fail "$1 must be a port, 1 to 65535"
}

secret=${TURN_SECRET:-}
realm=${TURN_REALM:-}
external=${TURN_EXTERNAL_IP:-}
peers=${TURN_ALLOWED_PEERS:-}
port=${TURN_PORT:-3478}
min=${TURN_MIN_PORT:-49160}
max=${TURN_MAX_PORT:-50359}
cert=${TURN_TLS_CERT:-}
key=${TURN_TLS_KEY:-}
tls_port=${TURN_TLS_PORT:-5349}
run=${TURN_RUN_DIR:-/tmp/nearcast-turn}
template=${TURN_TEMPLATE:-$(dirname "$0")/turnserver.conf.template}

[ -n "$secret" ] || fail 'TURN_SECRET is not set; make one with: openssl rand -hex 32'
case $(printf %s "$secret" | tr '[:upper:]' '[:lower:]') in
  *example* | *change*me* | *replace* | *your*secret* | *placeholder*)
    fail 'TURN_SECRET is an example; make one with: openssl rand -hex 32' ;;
esac
[ "${#secret}" -ge 32 ] || fail 'TURN_SECRET must have at least 32 characters; make one with: openssl rand -hex 32'
only TURN_SECRET "$secret" 'A-Za-z0-9+/=_.~-'
[ -n "$realm" ] || fail 'TURN_REALM is not set; use your domain'
only TURN_REALM "$realm" 'A-Za-z0-9.-'
only TURN_EXTERNAL_IP "$external" '0-9A-Fa-f.:/'
[ -n "$peers" ] || fail "TURN_ALLOWED_PEERS is not set; list the SFU's addresses, separated by commas"
only TURN_ALLOWED_PEERS "$peers" '0-9A-Fa-f.:,'
port TURN_PORT "$port"
port TURN_MIN_PORT "$min"
port TURN_MAX_PORT "$max"
port TURN_TLS_PORT "$tls_port"
[ "$min" -le "$max" ] || fail 'TURN_MIN_PORT must not be above TURN_MAX_PORT'
only TURN_TLS_CERT "$cert" 'A-Za-z0-9/._-'
only TURN_TLS_KEY "$key" 'A-Za-z0-9/._-'
only TURN_RUN_DIR "$run" 'A-Za-z0-9/._-'
if [ -n "$cert$key" ]; then
  [ -r "$cert" ] || fail 'TURN_TLS_CERT is no readable file; TURN_TLS_CERT and TURN_TLS_KEY go together'
  [ -r "$key" ] || fail 'TURN_TLS_KEY is no readable file; TURN_TLS_CERT and TURN_TLS_KEY go together'
fi

allowed_peers() {
  printf '%s\n' "$peers" | tr ',' '\n' | while IFS= read -r peer; do
    [ -z "$peer" ] || echo "allowed-peer-ip=$peer"
  done
}

tls() {
  if [ -n "$cert" ]; then
    printf 'tls-listening-port=%s\ncert=%s\npkey=%s\n' "$tls_port" "$cert" "$key"
  else
    echo no-tls
  fi
  echo no-dtls
}

mkdir -p "$run"
while IFS= read -r line; do
  case $line in
    @ALLOWED_PEERS@) allowed_peers ;;
    @EXTERNAL_IP@) [ -z "$external" ] || echo "external-ip=$external" ;;
    @TLS@) tls ;;
    *) printf '%s\n' "$line" | sed -e "s|@PORT@|$port|" -e "s|@MIN_PORT@|$min|" -e "s|@MAX_PORT@|$max|" \
      -e "s|@REALM@|$realm|" -e "s|@SECRET@|$secret|" -e "s|@RUN_DIR@|$run|" -e "s|@TOTAL_QUOTA@|$((max - min + 1))|" ;;
  esac
done < "$template" > "$run/turnserver.conf"

# The data base, though nothing is in it, is made by one process: turnserver's threads would all make it at once, find it
# locked, and refuse whoever comes first. turnadmin writes an empty log, in the first of these directories that it may.
turnadmin --list --userdb="$run/turndb" > /dev/null &
admin=$!
wait "$admin" || fail "turnadmin could not make $run/turndb"
for logs in /var/log/turnserver /var/log /var/tmp /tmp .; do rm -f "$logs/turn_${admin}_"*.log; done

# The secret is in the file now; the process table needs no second copy.
unset TURN_SECRET secret
exec turnserver -c "$run/turnserver.conf" "$@"
