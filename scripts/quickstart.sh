#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs what is needed, builds the programs, and shows a page of a real HTTP service through a reverse tunnel:
#   curl -> 127.0.0.1:18080 (server end) -> tunnel 127.0.0.1:10101 -> client end -> service 127.0.0.1:18000
# Stays up until Ctrl-C; with --once it ends by itself.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."

once=
case "${1:-}" in
  "") ;;
  --once) once=1 ;;
  *)
    echo "usage: scripts/quickstart.sh [--once]" >&2
    exit 2
    ;;
esac

service_port=18000 user_port=18080 tunnel_port=10101
deadline_seconds=20

step() { printf '\n== %s\n' "$*"; }
fail() {
  printf '\nquickstart: %s\n' "$*" >&2
  exit 1
}

listening() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
check_ports() {
  local port taken=()
  for port in "$tunnel_port" "$service_port" "$user_port"; do
    listening "$port" && taken+=("$port")
  done
  [ "${#taken[@]}" -eq 0 ] ||
    fail "port ${taken[*]} of 127.0.0.1 is in use. See who has it (ss -ltnp), stop that, and try again."
}

# stop PID: ends one child and waits for it; kills it when it does not end within the proxies' grace time.
stop() {
  kill -TERM "$1" 2>/dev/null || return 0
  local deadline=$((SECONDS + 40))
  while kill -0 "$1" 2>/dev/null && [ "$SECONDS" -lt "$deadline" ]; do sleep 0.1; done
  kill -KILL "$1" 2>/dev/null || true
  wait "$1" 2>/dev/null || true
}

# fetch PORT PID LOG: the page at a port, as soon as the process that is to serve it does.
fetch() {
  local port=$1 pid=$2 log=$3 deadline=$((SECONDS + deadline_seconds))
  until curl -fsS --max-time 5 "http://127.0.0.1:$port/" 2>"$scratch/curl.log"; do
    if ! kill -0 "$pid" 2>/dev/null; then
      cat "$log" >&2
      fail "what was to serve port $port ended, see above"
    fi
    if [ "$SECONDS" -ge "$deadline" ]; then
      cat "$log" "$scratch/curl.log" >&2
      fail "no page at port $port within $deadline_seconds s, see above"
    fi
    sleep 0.1
  done
}

scratch='' service_pid='' up_pid=''
clean_up() {
  trap '' INT TERM
  [ -z "$up_pid" ] || stop "$up_pid"
  [ -z "$service_pid" ] || stop "$service_pid"
  [ -z "$scratch" ] || rm -rf "$scratch"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

check_ports
step "Packages"
scripts/install_dependencies.sh
echo "All packages are installed."

step "Build (some minutes the first time, on two cores)"
scratch=$(mktemp -d)
if ! cmake --preset release >"$scratch/configure.log" 2>&1; then
  cat "$scratch/configure.log" >&2
  fail "configuring failed, see above"
fi
cmake --build --preset release --target underpass underpass-controller underpass-proxy

step "Start a service, and both ends of a tunnel to it"
check_ports
mkdir "$scratch/page" "$scratch/run"
cat >"$scratch/page/index.html" <<PAGE
<h1>It works</h1>
<p>A service on port $service_port sent this page through a tunnel to port $user_port.</p>
PAGE
python3 -m http.server "$service_port" --bind 127.0.0.1 --directory "$scratch/page" >"$scratch/service.log" 2>&1 &
service_pid=$!
fetch "$service_port" "$service_pid" "$scratch/service.log" >/dev/null
export XDG_RUNTIME_DIR=$scratch/run
build/bin/underpass up examples/quickstart >"$scratch/up.log" 2>&1 &
up_pid=$!
echo "service: http://127.0.0.1:$service_port   tunnel: examples/quickstart   users: http://127.0.0.1:$user_port"

step "Fetch the page through the tunnel: curl http://127.0.0.1:$user_port/"
fetch "$user_port" "$up_pid" "$scratch/up.log"

step "Status: build/bin/underpass status"
status=$(build/bin/underpass status)
echo "$status"

step "Metrics"
metrics=$(grep -oE '127\.0\.0\.1:[0-9]+/metrics|127\.0\.0\.1:909[0-9]' <<<"$status" | sed 's,/metrics$,,' | sort -u)
[ -n "$metrics" ] || fail "the status shows no address of metrics"
for address in $metrics; do
  echo "http://$address/metrics"
  curl -fsS --max-time 5 "http://$address/metrics" |
    grep -E '^underpass_(tunnel_ready|connections_total|bytes_total)\{' | sed 's/^/    /' ||
    fail "http://$address/metrics shows no numbers of a tunnel"
done

if [ -n "$once" ]; then
  step "Done: stopping all that was started"
  exit 0
fi
step "Running until Ctrl-C"
echo "Look again from another terminal:"
echo "    curl http://127.0.0.1:$user_port/"
echo "    XDG_RUNTIME_DIR=$XDG_RUNTIME_DIR build/bin/underpass status"
wait "$up_pid" || true
cat "$scratch/up.log" >&2
fail "underpass ended, see above"
