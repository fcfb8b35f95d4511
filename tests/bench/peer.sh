#!/bin/sh
# Runs peer.py with the Python that the environment variable PYTHON names, or else with the first
# that has PyTorch. With --if-there, the absence of any is no failure; that of a named one is.
set -u
absent=1
if [ "${1:-}" = --if-there ]; then
    absent=0
    shift
fi

run_if_able() {
    python=$1
    shift
    if "$python" -c 'import torch, numpy' 2>/dev/null; then
        exec "$python" "$(dirname "$0")/peer.py" "$@"
    fi
}

if [ -n "${PYTHON:-}" ]; then
    run_if_able "$PYTHON" "$@"
    echo "bench-peer: PYTHON is $PYTHON, which has no torch and numpy" >&2
    exit 1
fi
run_if_able python3 "$@"
run_if_able /usr/bin/python3 "$@"
echo "bench-peer: no python3 with torch and numpy here: install python3-torch and python3-numpy," \
    "or name another Python in PYTHON" >&2
exit $absent
