#!/bin/bash
# Measure: tests/bench/run.sh [W1,W2,...]. Peers and repetitions by environment:
#   PEERS="production-uvicorn plain-uvicorn"  REPS=3  W3REPS=1  LEVELS=6000,26000,44000  DROPS=10000  STOPS=200  RESULTS=file.jsonl
# Needs PostgreSQL, Redis and Node 20. Writes the tables of docs/evidence.md; RESULTS keeps every record.
set -uo pipefail
cd "$(dirname "$0")/../.."
PYTHON="${CLEWLINE_PYTHON:-.venv/bin/python}"
PEERS="${PEERS:-production-uvicorn embedded-daphne embedded-uvicorn plain-uvicorn}"
RESULTS="${RESULTS:-$(mktemp -d)/results.jsonl}"
for name in postgres redis; do
    "$PYTHON" -c "import sys; from tests.support.requirements import find; sys.exit(not find('$name'))" ||
        { echo "$name is missing: install it first (apt-get install ${name/#redis/redis-server})" >&2; exit 1; }
done
command -v node >/dev/null || { echo "Node 20 is missing" >&2; exit 1; }
[ -d tests/bench/node_modules/ws ] || (cd tests/bench && npm ci --no-progress --loglevel=error >&2) || exit 1
ulimit -n "$(ulimit -Hn)" || true

status=0
for peer in $PEERS; do
    node tests/bench/run.mjs "$peer" "${1:-W1,W2,W3,W4,W5,W6,W7,W8}" >>"$RESULTS" || status=1
done
echo "Records: $RESULTS" >&2
"$PYTHON" -m tests.bench.summary "$RESULTS" docs/evidence.md
exit $status
