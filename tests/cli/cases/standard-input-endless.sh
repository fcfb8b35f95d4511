# Of a stream that is no picture only the first bytes are taken; one that goes on behind its picture is
# refused, and where there is little memory, when that is gone, not killed.
"$STYLIZE" -v --version | grep -q '^guard of files: on' || { echo "files are not parsed apart here"; exit 77; }
{ head -c 20000000 /dev/zero; echo $? >taken; } 2>/dev/null | "$STYLIZE" - style.png out.png
[ "$(cat taken)" != 0 ] || echo "all of it was taken"
{ cat content.png; head -c 70000000 /dev/zero; } | "$STYLIZE" -q -n 0 --max-pixels 2000 - style.png out.png
"$STYLIZE" - style.png out.png </dev/null
"$STYLIZE" - style.png out.png <.
[ ! -e out.png ] || echo "OUT is there"
own=/sys/fs/cgroup/memory$(sed -n 's/^[0-9]*:memory://p' /proc/self/cgroup 2>/dev/null)
limit=memory.limit_in_bytes
[ -e "$own/$limit" ] || own=/sys/fs/cgroup$(sed -n 's/^0:://p' /proc/self/cgroup 2>/dev/null) limit=memory.max
group=$own/stylize-input-$$
mkdir "$group" 2>/dev/null || exit 0 # no control groups of our own here
trap 'rmdir "$group"' EXIT
{ echo 60000000 >"$group/$limit"; } 2>/dev/null || exit 0
{ cat content.png; cat /dev/zero 2>/dev/null; } |
    sh -c 'echo $$ >"$0/cgroup.procs" && exec "$STYLIZE" -w vgg19-slim -s 24 - style.png out.png' "$group" 2>said
status=$?
[ $status = 1 ] || echo "exit $status"
grep -Ex 'stylize: cannot read standard input: it has more than the [0-9]+ MB that are read, but only [0-9]+ MB are left of the memory limit of the control group: name the picture.s file, shrink it, or free some memory' said >/dev/null ||
    cat said
[ ! -e out.png ] || echo "OUT is there"
