#!/bin/bash
# Every check that is not a test. Runs all of them, then fails if one did.
set -uo pipefail
cd "$(dirname "$0")/.."
BIN=.venv/bin
OWN=(config funnels sales_app sessions_app)
failed=()

# Checks write nothing into the installation's data directory.
CLEWLINE_DATA_DIR="$(mktemp -d)"
export CLEWLINE_DATA_DIR CLEWLINE_READ_DOT_ENV=0
trap 'rm -rf "$CLEWLINE_DATA_DIR"' EXIT

check() {
    local name="$1" output
    shift
    if output="$("$@" 2>&1)"; then
        printf '  ok      %s\n' "$name"
    else
        printf '  FAILED  %s\n%s\n' "$name" "$output"
        failed+=("$name")
    fi
}

deploy_check() {
    env CLEWLINE_DATABASE_URL=postgresql://clewline@db.example.com/clewline \
        CLEWLINE_REDIS_URL=redis://redis.example.com:6379/0 CLEWLINE_ALLOWED_HOSTS=clewline.example.com \
        CLEWLINE_SMTP_URL=smtp+tls://clewline:pw@mail.example.com CLEWLINE_PROXY_COUNT=1 \
        CLEWLINE_SECRET_KEY=x7Gq2mVw9Lr4Tz8Kp1Nd6Yc3Hf5Jb0SaEuXiOvRkWgMhQtBnPl \
        $BIN/python manage.py check --deploy --fail-level WARNING
}

templates() {
    mapfile -t files < <(git ls-files -co --exclude-standard '*/templates/*.html' 'templates/*.html')
    [ ${#files[@]} -eq 0 ] || $BIN/djade --check --target-version 5.2 "${files[@]}"
}

javascript_parses() {
    mapfile -t files < <(git ls-files -co --exclude-standard 'static/js/*.js' 'static/js/*.mjs' 'tests/*.mjs')
    for file in "${files[@]}"; do
        # As a module, whatever the extension; --check alone would take .js for CommonJS.
        node --input-type=module --check <"$file" || { echo "in $file"; return 1; }
    done
}

check "ruff" $BIN/ruff check --quiet .
check "ruff format" $BIN/ruff format --check --quiet .
check "mypy" $BIN/mypy --no-error-summary "${OWN[@]}"
check "import contracts" $BIN/lint-imports --no-cache
check "migrations are complete" $BIN/python manage.py makemigrations --check --dry-run
check "deployment check" deploy_check
check "templates" templates
check "locks name public hosts only" $BIN/python scripts/locks.py
if command -v node >/dev/null; then
    check "JavaScript parses" javascript_parses
else
    printf '  skipped JavaScript: node is missing\n'
    [ "${CLEWLINE_TEST_REQUIRE:-}" != all ] || failed+=("node is missing")
fi
if [ -x tests/js/node_modules/.bin/eslint ]; then
    check "JavaScript lint" tests/js/node_modules/.bin/eslint --config tests/js/eslint.config.mjs \
        --max-warnings 0 static/js tests
fi

if [ ${#failed[@]} -gt 0 ]; then
    printf '%d of the checks failed.\n' "${#failed[@]}"
    exit 1
fi
printf 'All checks passed.\n'
