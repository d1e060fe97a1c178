#!/bin/sh
# The embedded ledger's durable transfers compared with pgbench's TPC-B on the same machine, alternating.
# Usage: bench/ledger.sh [ROUNDS] [SECONDS]; RESTART is the number of transfers to start on.
. "$(dirname "$0")/lib.sh"
restart=${RESTART:-1000000}

# ledger ROW OPTION…: one run.
ledger() {
    name=$1
    shift
    note "$name" "$("$sycee" bench ledger --seconds "$seconds" --json "$@" | member transfers_per_s)"
}

server
round=0
while [ "$round" -lt "$rounds" ]; do
    round=$((round + 1))
    note tpcb8 "$(tpcb 8)"
    ledger b8190 --batch 8190
    ledger b8190zipf --batch 8190 --zipf
    ledger b8190ids --batch 8190 --client-ids
    note tpcb32 "$(tpcb 32)"
    ledger b100 --batch 100
    ledger b1 --batch 1
    ledger rows --batch 1 --clients 256 --rows
    note restart "$("$sycee" bench restart --transfers "$restart" --accounts 100000 --json |
        member restart_s)"
done
echo "| what, a second (median of $rounds rounds of $seconds s) | rate | beside pgbench -c 32 |"
echo '| --- | --- | --- |'
row 'pgbench TPC-B, 8 clients' tpcb8 tpcb32
row 'pgbench TPC-B, 32 clients' tpcb32
row 'transfers, 8,190 made durable together' b8190 tpcb32
row 'the same, accounts by Zipf' b8190zipf tpcb32
row 'the same, each with an id of its own kept for ever' b8190ids tpcb32
row 'transfers, 100 together' b100 tpcb32
row 'transfers, one by one, 2 requests in flight' b1 tpcb32
row 'transfers, one by one with an order row and an outbox row, 256 in flight' rows tpcb32
echo "Seconds from start to open on $restart transfers: $(median restart)"
