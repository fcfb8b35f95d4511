#!/bin/sh
# Runs peer.py with the first Python that has PyTorch. With --if-there, its absence is no failure.
set -u
absent=1
if [ "${1:-}" = --if-there ]; then
    absent=0
    shift
fi
for python in python3 /usr/bin/python3; do
    if "$python" -c 'import torch, numpy' 2>/dev/null; then
        exec "$python" "$(dirname "$0")/peer.py" "$@"
    fi
done
echo "bench-peer: no python3 with torch and numpy here: install python3-torch and python3-numpy" >&2
exit $absent
