#!/bin/sh
# Install from the lock into .venv: `run` what serving needs, `test` also what tests need, `dev` everything.
#
# Needs only python3 (3.11 or newer) with pip. Works where the system's Python is "externally managed" and where
# it lacks venv: uv comes with pip into .tools, and makes .venv itself, with this very python3.
set -eu
cd "$(dirname "$0")/.."
WHAT="${1:-run}"
PYTHON="${PYTHON:-python3}"
UV_VERSION=0.13.9
UV=.tools/uv-$UV_VERSION/bin/uv

say() { printf '\033[1m%s\033[0m\n' "$*" >&2; }
fail() { printf '%s\n' "$*" >&2; exit 1; }

command -v "$PYTHON" >/dev/null 2>&1 || fail "Python is missing. Install Python 3.11 or newer, or name it: make run PYTHON=/path/to/python3"
"$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    fail "$("$PYTHON" --version) is too old: Clewline needs Python 3.11 or newer. Name another: make run PYTHON=/path/to/python3"

# What is installed already? Each stage leaves the fingerprint of the lock it was made from.
FINGERPRINT="$(cksum uv.lock | tr ' ' '-') $("$PYTHON" -c 'import sys; print(sys.version.split()[0], sys.executable)')"
have() { [ -x .venv/bin/python ] && [ "$(cat ".venv/clewline-$1" 2>/dev/null)" = "$FINGERPRINT" ]; }

install_uv() {
    [ -x "$UV" ] && return
    say "Fetching the installer (uv $UV_VERSION)"
    mkdir -p .tools
    if "$PYTHON" -m pip --version >/dev/null 2>&1; then
        PIP_USER=0 "$PYTHON" -m pip install --quiet --disable-pip-version-check --no-warn-script-location --root-user-action=ignore \
            --target ".tools/uv-$UV_VERSION" --upgrade "uv==$UV_VERSION"
    elif "$PYTHON" -m venv --clear .tools/pip 2>/dev/null; then
        .tools/pip/bin/python -m pip install --quiet --disable-pip-version-check --no-warn-script-location --root-user-action=ignore \
            --target ".tools/uv-$UV_VERSION" --upgrade "uv==$UV_VERSION"
    else
        fail "pip is missing for $PYTHON. On Debian and Ubuntu: sudo apt-get install python3-pip"
    fi
}

install_python_packages() {
    install_uv
    export UV_PYTHON_DOWNLOADS=never UV_LINK_MODE="${UV_LINK_MODE:-copy}"
    # A company's certificate, told to pip, is meant for uv as well.
    if [ -n "${PIP_CERT:-}" ] && [ -z "${SSL_CERT_FILE:-}" ]; then export SSL_CERT_FILE="$PIP_CERT"; fi
    if ! have run; then
        say "Making .venv with $("$PYTHON" --version)"
        "$UV" venv --quiet --clear --python "$PYTHON" .venv
    fi
    say "Installing Python packages ($1)"
    shift
    UV_PYTHON="$PWD/.venv/bin/python" "$UV" sync --frozen --no-default-groups --inexact "$@"
}

mark() { for name in "$@"; do printf '%s\n' "$FINGERPRINT" >".venv/clewline-$name"; done; }

install_node_packages() {
    NODE_FINGERPRINT="$(cksum tests/js/package-lock.json)"
    command -v npm >/dev/null 2>&1 || return 0
    [ "$(cat tests/js/node_modules/.clewline 2>/dev/null)" = "$NODE_FINGERPRINT" ] && return
    say "Installing what the tests need from npm"
    (cd tests/js && npm ci --no-progress --loglevel=error >&2) || {
        say "npm failed: the tests that need Node will be skipped"
        rm -rf tests/js/node_modules
        return 0
    }
    printf '%s\n' "$NODE_FINGERPRINT" >tests/js/node_modules/.clewline
}

case "$WHAT" in
run)
    have run || { install_python_packages "for serving" && mark run; }
    ;;
test)
    have test || { install_python_packages "for serving and tests" --group test --group browser && mark run test; }
    install_node_packages
    ;;
dev)
    have dev || { install_python_packages "for serving, tests and checks" --all-groups && mark run test dev; }
    install_node_packages
    ;;
*) fail "usage: scripts/install.sh run|test|dev" ;;
esac
