# Shared by the scripts of this folder: a private server, numbers from answers, medians.
# bench/NAME.sh [ROUNDS] [SECONDS]; SYCEE names the program, BENCH_DIR a folder for the server.
set -eu
cd "$(dirname "$0")/.."
rounds=${1:-3}
seconds=${2:-5}
sycee=${SYCEE:-build/release/sycee}
dir=${BENCH_DIR:-$(mktemp -d)}
[ -x "$sycee" ] || { echo "make first: $sycee is not there" >&2; exit 1; }
chmod 777 "$dir" # a server started by root runs as postgres
results=$(mktemp)

finish() {
    tools/pg stop "$dir/pg" >/dev/null 2>&1 || true
    rm -f "$results"
    [ -n "${BENCH_DIR:-}" ] || rm -rf "$dir"
}
trap finish EXIT
trap 'exit 1' INT TERM

# server: starts PostgreSQL and fills pgbench's tables once; sets $server to the address without a
# database.
server() {
    url=$(tools/pg start "$dir/pg")
    server=${url%/*}
    psql -qAt "$url" -c "SELECT 1 FROM pg_database WHERE datname = 'pgbench'" | grep -q 1 || {
        psql -qAt "$url" -c 'CREATE DATABASE pgbench'
        pgbench -q -i -s 50 "$server/pgbench" >/dev/null 2>&1
    }
}

# tpcb CLIENTS: transactions a second of pgbench's TPC-B-like script.
tpcb() {
    pgbench -n -c "$1" -j 2 -T "$seconds" "$server/pgbench" 2>/dev/null |
        sed -n 's/^tps = \([0-9]*\).*/\1/p'
}

# fresh NAME: an empty database; prints its address.
fresh() {
    psql -qAt "$server/postgres" -c "DROP DATABASE IF EXISTS $1" -c "CREATE DATABASE $1" \
        >/dev/null 2>&1
    echo "$server/$1"
}

# member NAME: that number of the JSON object on standard input.
member() {
    sed -n "s/.*\"$1\":\([0-9.]*\).*/\1/p"
}

# note ROW NUMBER; median ROW; row TITLE ROW [ROW TO COMPARE WITH]
note() {
    printf '%s %s\n' "$1" "$2" >>"$results"
}
median() {
    awk -v row="$1" '$1 == row {print $2}' "$results" | sort -n |
        awk '{v[NR] = $1} END {print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2}'
}
row() {
    if [ $# -gt 2 ]; then
        ratio=$(awk -v a="$(median "$2")" -v b="$(median "$3")" 'BEGIN {printf "%.2f", a / b}')
        printf '| %s | %s | %s |\n' "$1" "$(median "$2")" "$ratio"
    else
        printf '| %s | %s | |\n' "$1" "$(median "$2")"
    fi
}
