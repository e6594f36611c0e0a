#!/bin/bash
# Run every test: quick ones in parallel, those with real processes and a browser alone, in-process ones again on
# PostgreSQL, and the browser's modules under Node. Ends with what was skipped for want of something.
#
# About twenty minutes on two cores. CLEWLINE_TEST_THOROUGH=1 adds what takes longer: everything on PostgreSQL, the long kill
# tests, and the browser on uvicorn and PostgreSQL.
set -uo pipefail
cd "$(dirname "$0")/.."
PYTEST=(.venv/bin/python -m pytest -q)
failed=()
missing=()

stage() {
    local name="$1"
    shift
    printf '\n\033[1m== %s\033[0m\n' "$name"
    "$@"
    local code=$?
    # 5 is "no test collected": nothing matched, which is fine for one stage of several.
    [ $code -eq 0 ] || [ $code -eq 5 ] || failed+=("$name")
}

lacks() { # name, how to get it; fails when CLEWLINE_TEST_REQUIRE names it
    missing+=("$1: $2")
    case ",${CLEWLINE_TEST_REQUIRE:-}," in *,all,* | *,"$1",*) failed+=("$1 is missing") ;; esac
}

found() {
    .venv/bin/python -c 'import sys; from tests.support.requirements import find; sys.exit(not find(sys.argv[1]))' "$1"
}

found redis || lacks redis "apt-get install redis-server"
found chromium || lacks chromium "apt-get install chromium"

thorough="${CLEWLINE_TEST_THOROUGH:-}"
# Where statements differ from database to database, or several connections meet.
stores=(tests/streams tests/runs tests/session tests/control tests/mail tests/inbox)
[ -z "$thorough" ] && [ $# -eq 0 ] || stores=()

stage "in-process tests on SQLite" "${PYTEST[@]}" -n 2 -m "not processes and not browser" "$@"
if found postgres; then
    stage "database tests on PostgreSQL" "${PYTEST[@]}" -n 2 --db=postgres \
        -m "database and not processes and not browser" "${stores[@]}" "$@"
else
    lacks postgres "apt-get install postgresql"
fi
if found node; then
    shopt -s nullglob globstar
    scripts=(tests/js/*.test.mjs)
    [ ${#scripts[@]} -eq 0 ] || stage "browser modules under Node" node --test --test-reporter=spec "${scripts[@]}"
else
    lacks node "apt-get install nodejs npm (Node 20 or newer)"
fi
stage "real processes" "${PYTEST[@]}" -n 2 -m "processes and not browser and not thorough" "$@"
stage "browser" "${PYTEST[@]}" -n 2 --dist loadfile -m "browser and not thorough" "$@"
if [ -n "$thorough" ]; then
    stage "long tests" "${PYTEST[@]}" -n 2 -m thorough "$@"
    ! found postgres || stage "browser on uvicorn and PostgreSQL" "${PYTEST[@]}" -m browser \
        --server uvicorn --db postgres "${@:-tests/browser/test_follow.py}"
fi

printf '\n'
if [ ${#missing[@]} -gt 0 ]; then
    printf 'Skipped for want of:\n'
    printf '  %s\n' "${missing[@]}"
fi
if [ ${#failed[@]} -gt 0 ]; then
    printf 'FAILED:\n'
    printf '  %s\n' "${failed[@]}"
    exit 1
fi
printf 'All tests passed.\n'
