#!/bin/sh
# End-to-end payments over HTTP on both engines compared with pgbench's TPC-B, alternating so that a
# busy machine slows all equally. Usage: bench/payments.sh [ROUNDS] [SECONDS]
. "$(dirname "$0")/lib.sh"

server
round=0
while [ "$round" -lt "$rounds" ]; do
    round=$((round + 1))
    note tpcb "$(tpcb 32)"
    note pg "$("$sycee" bench payment --database "$(fresh bench)" --seconds "$seconds" --json |
        member payments_per_s)"
    note left "$(psql -qAt "$server/bench" -c 'SELECT count(*) FROM db_outbox')"
    note sqlite "$("$sycee" bench payment --seconds "$seconds" --json | member payments_per_s)"
done
echo "| what, a second (median of $rounds rounds of $seconds s) | rate | beside pgbench |"
echo '| --- | --- | --- |'
row 'pgbench TPC-B, 32 clients' tpcb
row 'payments over HTTP, PostgreSQL' pg tpcb
row 'payments over HTTP, SQLite' sqlite tpcb
echo "News not yet delivered when a PostgreSQL run ended: $(median left)"
