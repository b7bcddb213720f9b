#!/usr/bin/env bash
# What a cluster of many nodes, datasets and clients costs, on this machine: one Markdown table for each measurement, with a column for each size (docs/scaling.md).
#   DATASETS="1000 10000 100000" NODES="10 100 1000" POLLERS="100 1000 10000" tests/Load/run.sh
# Lists are measured for each number of datasets; nodes, chains, clients that wait and samples of VPSes with the last one. MEASURE names what is measured, PLANS=6 prints the scans of each list.
# SERVERS=2 has so many servers share the database; requests go to one after another. MEASURE=plans has the daily plans run for each number of datasets, with a node for backups besides.
# Starts PostgreSQL, a NATS broker and a server of its own, and leaves nothing. Debian's postgresql and nats-server, curl; as root. Build src/VpsAdmin.Server and tests/Load/Driver first, in Release.
set -euo pipefail
cd "$(dirname "$0")/../.."
: "${DATASETS:=1000 10000 100000}" "${SNAPSHOTS:=50}" "${CLUSTER:=1000}" "${NODES:=10 100 1000}" "${POLLERS:=100 1000 10000}" "${VPSES:=10000}" "${MEASURE:=list nodes chains poll samples}"
: "${REQUESTS:=200}" "${AT_ONCE:=1 16}" "${CHAINS:=1000}" "${CLIENTS:=64}" "${SECONDS_EACH:=60}" "${PLANS:=0}" "${PG_OPTIONS:=}" "${SERVERS:=1}" "${WORK:=50}"
: "${SERVER:=src/VpsAdmin.Server/bin/Release/net10.0/vpsadmin-server.dll}" "${DRIVER:=tests/Load/Driver/bin/Release/net10.0/vpsadmin-load.dll}"
bin=$(ls -d /usr/lib/postgresql/*/bin | tail -n 1)
results=$(mktemp)
work='' pids=() nodes_pid='' servers=()

stop() { for pid in "$@"; do kill "$pid" 2>/dev/null || true; done; for pid in "$@"; do wait "$pid" 2>/dev/null || true; done; }
end_cluster() { [ ${#pids[@]} = 0 ] || stop "${pids[@]}"; pids=() nodes_pid=''; [ -z "$work" ] || rm -rf "$work"; work=''; }
# What was measured is told also when something after it does not come to its end.
finish() { end_cluster; load tables "$results"; rm -f "$results"; }
trap finish EXIT
until_ready() {
  for _ in $(seq 3000); do "$@" >/dev/null 2>&1 && return; sleep 0.2; done
  echo "never: $*" >&2; tail -n 20 "$work"/*.log >&2; exit 1
}
as_postgres() { (cd /; exec setpriv --reuid postgres --regid postgres --clear-groups "$@"); }
sql() { "$bin/psql" -q -X -h "$work/pg" -U postgres -v ON_ERROR_STOP=1 "$@"; }
load() { dotnet "$DRIVER" "$@"; }
grouped() { sed ':a;s/\B[0-9]\{3\}\>/,&/;ta' <<<"$1"; }
measures() { [[ " $MEASURE " == *" $1 "* ]]; }

begin_cluster() { # DATASETS WAITING-CHAINS
  local datasets=$1 waiting=$2 start explain=()
  work=$(mktemp -d); chmod 711 "$work"; mkdir "$work/pg"; chown postgres "$work/pg"
  as_postgres "$bin/initdb" -D "$work/pg/data" -A trust -U postgres -E UTF8 --locale C.UTF-8 >/dev/null
  [ "$PLANS" = 0 ] || explain=(-c session_preload_libraries=auto_explain -c auto_explain.log_min_duration=0 -c auto_explain.log_analyze=on -c auto_explain.log_timing=off)
  # shellcheck disable=SC2086 # several options
  (cd /; exec setpriv --reuid postgres --regid postgres --clear-groups "$bin/postgres" -D "$work/pg/data" -k "$work/pg" -c listen_addresses= -c shared_buffers=512MB -c max_wal_size=4GB \
    "${explain[@]}" $PG_OPTIONS) 2>"$work/pg.log" & pids+=($!); pg=$!
  until_ready "$bin/pg_isready" -h "$work/pg"
  nats-server --addr 127.0.0.1 --port 14222 --jetstream --store_dir "$work/nats" 2>"$work/nats.log" & pids+=($!); nats=$!
  until_ready grep -q "Server is ready" "$work/nats.log"
  cat >"$work/server.json" <<JSON
{ "database": { "provider": "postgresql", "connection": "Host=$work/pg;Username=postgres;Database=postgres" }, "nats": "nats://127.0.0.1:14222" }
JSON
  servers=() urls=()
  for number in $(seq "$SERVERS"); do begin_server "$number"; done
  password=$(cat "$work/data1/admin-password")
  start=$(date +%s)
  PGOPTIONS="-c auto_explain.log_min_duration=-1" sql -v datasets="$datasets" -v snapshots="$SNAPSHOTS" -v nodes="$CLUSTER" -v vpses=$((VPSES < datasets ? VPSES : datasets)) -v waiting="$waiting" -f tests/Load/rows.sql >/dev/null
  echo "$(grouped "$datasets") datasets, $SNAPSHOTS snapshots each, $CLUSTER nodes: loaded in $(($(date +%s) - start)) s, $(sql -At -c "SELECT pg_size_pretty(pg_database_size('postgres'))")" >&2
  token=$(curl -fsS "$url/_auth/token/tokens" -H 'Content-Type: application/json' -d "{\"token\":{\"user\":\"admin\",\"password\":\"$password\",\"lifetime\":\"permanent\",\"interval\":3600}}" | grep -oE '"token":"[^"]+"' | head -n 1 | cut -d'"' -f4)
  watch_all
}

watch_all() {
  local number
  watch=(--watch "PostgreSQL=$pg" --watch "NATS=$nats")
  for number in "${!servers[@]}"; do watch+=(--watch "server${number/#0/}=${servers[$number]}"); done
}

begin_server() { # NUMBER [CONFIGURATION]
  local number=$1
  rm -f "$work/data$number/server.url"
  dotnet "$SERVER" serve --config "${2:-$work/server.json}" --data "$work/data$number" --urls http://127.0.0.1:0 >>"$work/server.log" 2>&1 & pids+=($!); servers+=($!)
  until_ready test -s "$work/data$number/server.url"
  url=$(cat "$work/data$number/server.url"); urls+=(--url "$url")
}

begin_nodes() { # HOW-MANY [OPTION ...]
  : >"$work/nodes.log"
  dotnet "$DRIVER" nodes --nats nats://127.0.0.1:14222 --nodes "$@" --work "$WORK" --datasets "$last" "${watch[@]}" --results "$results" --column "$column" >>"$work/nodes.log" 2>&1 & nodes_pid=$!; pids+=("$nodes_pid")
  until_ready grep -q "^Ready" "$work/nodes.log"
}
end_nodes() { stop "$nodes_pid"; tail -n 1 "$work/nodes.log" >&2; nodes_pid=''; }

# The longest of the statements, as they were carried out: the scans, and what was read and not wanted.
print_plans() {
  load list --paths --url "$url" --datasets "$1" --token "$token" | while IFS=$'\t' read -r name path; do
    curl -fsSg -o /dev/null -H "X-HaveAPI-Auth-Token: $token" "$url$path"
    : >"$work/pg.log"
    for _ in $(seq 10); do curl -fsSg -o /dev/null -H "X-HaveAPI-Auth-Token: $token" "$url$path"; done
    echo "  $name" >&2
    grep -aE "Scan|Rows Removed|Sort Method" "$work/pg.log" | sed 's/^\s*//; s/(cost=[^)]*)//; s/  */ /g' | sort | uniq -c | sort -rn | head -n "$PLANS" | sed 's/^/              /' >&2
  done
}

echo "$(nproc) processors, $(nats-server --version), $("$bin/postgres" --version), load $(cut -d' ' -f1 /proc/loadavg)"
last=$(echo "$DATASETS" | awk '{ print $NF }') most=$(echo "$POLLERS" | awk '{ print $NF }')
for datasets in $DATASETS; do
  end_cluster
  measures list || { [ "$datasets" = "$last" ] && [ "$MEASURE" != plans ]; } || continue
  begin_cluster "$datasets" "$most"
  if measures list; then
    for at_once in $AT_ONCE; do
      load list "${urls[@]}" --datasets "$datasets" --token "$token" --requests "$REQUESTS" --at-once "$at_once" --results "$results" --column "$(grouped "$datasets") datasets"
    done
    [ "$PLANS" = 0 ] || print_plans "$datasets"
  fi
done

if measures poll; then
  for pollers in $POLLERS; do
    load poll "${urls[@]}" --datasets "$last" --pollers "$pollers" --seconds "$SECONDS_EACH" --first-chain $((last + 1)) --waiting "$most" "${watch[@]}" --results "$results" --column "$(grouped "$pollers") clients"
  done
fi

if measures nodes || measures chains || measures samples; then
  for nodes in $NODES; do
    column="$(grouped "$nodes") nodes"
    begin_nodes "$nodes"
    ! measures nodes || load idle --seconds "$SECONDS_EACH" "${watch[@]}" --watch "nodes=$nodes_pid" --results "$results" --column "$column"
    ! measures chains || load chains "${urls[@]}" --datasets "$last" --chains "$CHAINS" --at-once "$CLIENTS" --cluster "$CLUSTER" --nodes "$nodes" "${watch[@]}" --watch "nodes=$nodes_pid" --results "$results" --column "$column"
    if measures samples; then
      sql -c "UPDATE \"Vpses\" SET \"Template\" = 'debian-12'"
      load samples --database "Host=$work/pg;Username=postgres;Database=postgres" --seconds "$SECONDS_EACH" "${watch[@]}" --watch "nodes=$nodes_pid" --results "$results" --column "$column"
      sql -c 'UPDATE "Vpses" SET "Template" = NULL'
    fi
    end_nodes
  done
fi
# A plan begins at a time of the day: half a minute from now, in a server that is started for it. What it has started has ended when none of its chains is under way.
run_plan() { # PLAN NAME-OF-ITS-CHAINS HOW-MANY
  local plan=$1 name=$2 first
  first=$(sql -At -c 'SELECT max("Id") FROM "TransactionChains"')
  stop "${servers[@]}"; servers=() urls=()
  sed "s|^{|{ \"plans\": { \"$plan\": \"$(date -u -d '+30 seconds' '+%-S %-M %-H * * ?')\" },|" "$work/server.json" >"$work/plan.json"
  begin_server 1 "$work/plan.json"
  watch_all
  load plan --database "Host=$work/pg;Username=postgres;Database=postgres" --name "$name" --first "$first" --chains "$3" "${watch[@]}" --watch "nodes=$nodes_pid" --results "$results" --column "$column"
}

if measures plans; then
  for datasets in $DATASETS; do
    end_cluster
    last=$datasets column="$(grouped "$datasets") datasets"
    # What was taken before is as many as are kept: with each day's there is one too many.
    SNAPSHOTS=14 VPSES=0 begin_cluster "$datasets" 0
    sql -v datasets="$datasets" -f tests/Load/vault.sql >/dev/null
    begin_nodes "$CLUSTER" --vault
    run_plan snapshots group_snapshot $((CLUSTER < datasets ? CLUSTER : datasets))
    run_plan backups backup "$datasets"
    run_plan rotation rotate $((2 * datasets))
    end_nodes
  done
fi
! grep -aq "fail:\|crit:" "$work/server.log" || { echo "The server's log has errors, such as:" >&2; grep -aA2 "fail:\|crit:" "$work/server.log" | head -n 6 >&2; }
