#!/usr/bin/env bash
# Lists of the API on a big database: how long they take, and by which plans. Then chains: how many can be asked for in a second.
#   DATASETS=100000 SNAPSHOTS=50 NODES=1000 tests/Load/run.sh
# Starts PostgreSQL, a NATS broker and a server of its own, and leaves nothing. Debian's postgresql and nats-server, curl; as root. Build the server first.
set -euo pipefail
cd "$(dirname "$0")/../.."
: "${DATASETS:=100000}" "${SNAPSHOTS:=50}" "${NODES:=1000}" "${REPEAT:=20}" "${CHAINS:=500}" "${PARALLEL:=16}" "${SERVER:=src/VpsAdmin.Server/bin/Debug/net10.0/vpsadmin-server.dll}"
bin=$(ls -d /usr/lib/postgresql/*/bin | tail -n 1)
work=$(mktemp -d); chmod 711 "$work"; mkdir "$work/pg"; chown postgres "$work/pg"
pids=()
finish() { for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done; for pid in "${pids[@]}"; do wait "$pid" 2>/dev/null || true; done; rm -rf "$work"; }
trap finish EXIT
as_postgres() { (cd /; exec setpriv --reuid postgres --regid postgres --clear-groups "$@"); }
until_ready() {
  for _ in $(seq 600); do "$@" >/dev/null 2>&1 && return; sleep 0.2; done
  echo "never: $*" >&2; tail -n 20 "$work"/*.log >&2; exit 1
}

as_postgres "$bin/initdb" -D "$work/pg/data" -A trust -U postgres -E UTF8 --locale C.UTF-8 >/dev/null
(cd /; exec setpriv --reuid postgres --regid postgres --clear-groups "$bin/postgres" -D "$work/pg/data" -k "$work/pg" -c listen_addresses= -c shared_buffers=512MB -c max_wal_size=4GB \
  -c session_preload_libraries=auto_explain -c auto_explain.log_min_duration=0 -c auto_explain.log_analyze=on -c auto_explain.log_timing=off) 2>"$work/pg.log" & pids+=($!)
until_ready "$bin/pg_isready" -h "$work/pg"
nats-server --addr 127.0.0.1 --port 14222 --jetstream --store_dir "$work/nats" 2>"$work/nats.log" & pids+=($!)
until_ready grep -q "Server is ready" "$work/nats.log"
cat >"$work/server.json" <<JSON
{ "database": { "provider": "postgresql", "connection": "Host=$work/pg;Username=postgres;Database=postgres" }, "nats": "nats://127.0.0.1:14222" }
JSON
dotnet "$SERVER" serve --config "$work/server.json" --data "$work/data" --urls http://127.0.0.1:0 >"$work/server.log" 2>&1 & pids+=($!)
until_ready test -s "$work/data/server.url"
url=$(cat "$work/data/server.url") password=$(cat "$work/data/admin-password")

sql() { "$bin/psql" -q -X -h "$work/pg" -U postgres -v ON_ERROR_STOP=1 "$@"; }
start=$(date +%s)
PGOPTIONS="-c auto_explain.log_min_duration=-1" sql -v datasets="$DATASETS" -v snapshots="$SNAPSHOTS" -v nodes="$NODES" -f tests/Load/rows.sql >/dev/null
echo "$DATASETS datasets, $SNAPSHOTS snapshots each, $NODES nodes: loaded in $(($(date +%s) - start)) s, $(sql -At -c "SELECT pg_size_pretty(pg_database_size('postgres'))")"

token=$(curl -fsS "$url/_auth/token/tokens" -H 'Content-Type: application/json' -d "{\"token\":{\"user\":\"admin\",\"password\":\"$password\",\"lifetime\":\"fixed\",\"interval\":3600}}" | grep -oE '"token":"[^"]+"' | head -n 1 | cut -d'"' -f4)
header=X-HaveAPI-Auth-Token
get() { curl -fsS -o /dev/null -w '%{time_total}\n' -H "$header: $token" "$url$1"; }
middle() { sort -n | awk '{ v[NR] = $1 } END { printf "%6.0f ms in the middle, %6.0f ms at most", v[int((NR + 1) / 2)] * 1000, v[NR] * 1000 }'; }
half=$((DATASETS / 2))
list() {
  get "$2" >/dev/null
  : >"$work/pg.log"
  for _ in $(seq "$REPEAT"); do get "$2"; done | middle
  echo "  $1"
  # The longest of the statements, as it was carried out: the scans, and what was read and not wanted.
  grep -aE "Scan|Rows Removed|Sort Method" "$work/pg.log" | sed 's/^\s*//; s/(cost=[^)]*)//; s/  */ /g' | sort | uniq -c | sort -rn | head -n "${PLANS:-6}" | sed 's/^/              /'
}
list "datasets of one user, first page" "/v7.0/datasets?dataset%5Buser%5D=1001&dataset%5Blimit%5D=25"
list "datasets, a page in the middle" "/v7.0/datasets?dataset%5Blimit%5D=25&dataset%5Bfrom_id%5D=$half"
list "one dataset and those below it" "/v7.0/datasets?dataset%5Bdataset%5D=$half"
list "snapshots of a dataset" "/v7.0/datasets/$half/snapshots"
list "chains, newest" "/v7.0/transaction_chains"
list "chains that failed" "/v7.0/transaction_chains?transaction_chain%5Bstate%5D=failed"
list "chains by name" "/v7.0/transaction_chains?transaction_chain%5Bname%5D=backup&transaction_chain%5Bfrom_id%5D=$half"
list "chains about a dataset" "/v7.0/transaction_chains?transaction_chain%5Bclass_name%5D=Dataset&transaction_chain%5Brow_id%5D=$half"
list "transactions of a node" "/v7.0/transactions?transaction%5Bnode%5D=1001"

# Each is checked, locked, saved, told to the server that runs chains, and handed to the broker.
post() { seq "$CHAINS" | xargs -P "$PARALLEL" -I{} curl -fsS -o /dev/null -X POST -H "$header: $token" -H 'Content-Type: application/json' -d '{"snapshot":{}}' "$url/v7.0/datasets/{}/snapshots"; }
start=$(date +%s.%N); post; echo "$start $(date +%s.%N)" | awk -v n="$CHAINS" '{ printf "%.0f chains a second are built, with one program and one connection for each request\n", n / ($2 - $1) }'
handed_out() { [ "$(sql -At -c "SELECT count(*) FROM \"TransactionChains\" WHERE \"State\" = 1 AND NOT EXISTS (SELECT 1 FROM \"Transactions\" t WHERE t.\"ChainId\" = \"TransactionChains\".\"Id\" AND t.\"State\" = 1)")" = 0 ]; }
until_ready handed_out
echo "$start $(date +%s.%N)" | awk -v n="$CHAINS" '{ printf "%.0f chains a second are handed out to nodes\n", n / ($2 - $1) }'
