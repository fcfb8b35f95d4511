#!/bin/sh
# Runs the program with little memory: by ulimit -v, and in control groups where it may make one below
# its own (root, version 2 or 1). Each run has to end with exit 0, and OUT then be whole, or with exit 1
# and one line (of a list one for each picture) that names a way out, and OUT be what it was; never by
# a signal, the kernel's for want of memory among them. What goes through goes through with more, too, and
# with 1000 MB all do.
#
#     STYLIZE=build/stylize LIMITS='24 64 160' sh tests/faults/limits.sh
#
# LIMITS are in MB. Where so little is left that the system cannot load the program (that is, stylize
# --version, either) nothing is tried.
set -u
LC_ALL=C
export LC_ALL
limits=${LIMITS:-24 64 160}
here=$(cd "$(dirname "$0")" && pwd)
images=$(dirname "$here")/images
work=$(mktemp -d "${TMPDIR:-/tmp}/stylize-limits.XXXXXX") || exit 1
group=
trap '[ -z "$group" ] || rmdir "$group"; rm -rf "$work"' EXIT
HOME=$work/home
# With a policy of waiting the program does not start itself again.
OMP_WAIT_POLICY=passive
export HOME OMP_WAIT_POLICY
cd "$work" || exit 1

# A control group below ours, which is no way out of ours.
make_group() {
    own=/sys/fs/cgroup/memory$(sed -n 's/^[0-9]*:memory://p' /proc/self/cgroup 2>/dev/null)
    file=memory.limit_in_bytes
    [ -e "$own/$file" ] || own=/sys/fs/cgroup$(sed -n 's/^0:://p' /proc/self/cgroup 2>/dev/null) file=memory.max
    mkdir "$own/stylize-limits-$$" 2>/dev/null || return
    group=$own/stylize-limits-$$
    { echo 1000000000 >"$group/$file"; } 2>/dev/null && return
    rmdir "$group"
    group=
}

# 16000 x 16000 pixels of 733 MB in a file of less than one.
make_large() {
    python3 - 2>/dev/null <<'END'
import struct, zlib
def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
pack, side = zlib.compressobj(9), 16000
rows = b"".join(pack.compress(bytes(3 * side + 1)) for _ in range(side)) + pack.flush()
with open("large.png", "wb") as file:
    file.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">2I5B", side, side, 8, 2, 0, 0, 0)) +
               chunk(b"IDAT", rows) + chunk(b"IEND", b""))
END
}

# within HOW MB WORD...
within() (
    how=$1
    mb=$2
    shift 2
    if [ "$how" = ulimit ]; then
        ulimit -v $((mb * 1000)) || exit
    else
        echo "${mb}000000" >"$group/$file" || exit
        sh -c 'echo $$ >"$0/cgroup.procs" && exec "$@"' "$group" sh -c 'exec "$@"' sh "$@"
        exit
    fi
    exec "$@"
)

# What each kind of run is asked for.
words() { # KIND
    case $1 in
    run) echo '-s 300 -j 2 --upscale rgb.jpg rgb8.png out.png' ;;
    threads) echo '-s 300 -j 8 --upscale rgb.jpg rgb8.png out.png' ;;
    plan) echo '-s 300 -j 2 --plan --upscale rgb.jpg rgb8.png' ;;
    batch) echo 'batch -s 200 -j 2 --upscale --force jobs' ;;
    large) echo '-s 64 large.png rgb8.png out.png' ;;
    esac
}

# one KIND HOW MB: what is wrong with how it ended. Leaves its status in `status`.
one() {
    lines=1
    [ "$1" != batch ] || lines=2
    for out in out.png a.png b.png; do
        echo old >$out
    done
    # shellcheck disable=SC2046
    within "$2" "$3" "$STYLIZE" $(words "$1") --no-defaults -q -n 1 --scales 1 \
        -w "$here/../../weights/vgg19-slim.safetensors" >said 2>problems
    status=$?
    what="$1, $2, $3 MB"
    echo "$what: exit $status $(head -c 300 problems)" >>ended
    case $status in
    0)
        for out in out.png a.png b.png; do
            [ "$(head -c 3 $out)" = old ] || "$STYLIZE" show $out >/dev/null 2>&1 ||
                echo "limits: $what: $out is not whole"
        done
        ;;
    1)
        [ "$(wc -l <problems)" -le $lines ] && [ -s problems ] &&
            ! grep -v -q -E 'use |free |shrink |allow |raise ' problems ||
            echo "limits: $what: exit 1: $(cat problems)"
        [ "$1" = batch ] || [ "$(head -c 3 out.png)" = old ] || echo "limits: $what: OUT is touched"
        ;;
    *) echo "limits: $what: exit $status: $(cat problems)" ;;
    esac
}

cp "$images/rgb.jpg" "$images/rgb8.png" .
printf 'rgb.jpg rgb8.png a.png\nrgb8.png rgb.jpg b.png\n' >jobs
kinds='run threads plan batch'
make_large && kinds="$kinds large"
make_group
: >tried
: >begun
for kind in $kinds; do
    for how in ulimit ${group:+group}; do
        fits=
        for mb in $limits; do
            within "$how" "$mb" "$STYLIZE" --version >said 2>&1 || { echo . >>begun; continue; }
            one "$kind" "$how" "$mb"
            echo . >>tried
            [ -z "$fits" ] || [ "$status" -eq 0 ] ||
                echo "limits: $kind, $how: goes through with $fits MB and not with $mb: $(cat problems)"
            [ "$status" -ne 0 ] || fits=$mb
            [ "$mb" -lt 1000 ] || [ "$status" -eq 0 ] ||
                echo "limits: $kind, $how: does not fit $mb MB: $(cat problems)"
        done
    done
done >wrong
tried=$(wc -l <tried)
wrong=$(grep -c '^limits:' wrong)
cat wrong
[ -z "${ENDED:-}" ] || cat ended >"$ENDED"
skipped=$(wc -l <begun)
echo "limits tests: $((tried - wrong)) passed, $((wrong)) failed$(
    [ "$skipped" -eq 0 ] || echo ", $((skipped)) skipped: the program cannot be loaded in so little"
)"
[ "$wrong" -eq 0 ] && [ "$tried" -gt 0 ]
