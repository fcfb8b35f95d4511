# In a control group with little memory a run is refused, not killed.
own=/sys/fs/cgroup/memory$(sed -n 's/^[0-9]*:memory://p' /proc/self/cgroup 2>/dev/null)
limit=memory.limit_in_bytes
[ -e "$own/$limit" ] || own=/sys/fs/cgroup$(sed -n 's/^0:://p' /proc/self/cgroup 2>/dev/null) limit=memory.max
group=$own/stylize-test-$$
mkdir "$group" 2>/dev/null || { echo "no control groups of our own here"; exit 77; }
trap 'rmdir "$group"' EXIT
{ echo 100000000 >"$group/$limit"; } 2>/dev/null || { echo "no memory limit for control groups here"; exit 77; }
echo old >out.png
sh -c 'echo $$ >"$0/cgroup.procs" && exec "$STYLIZE" -w vgg19-slim -s 2000 --upscale content.png style.png out.png' "$group"
status=$?
[ "$(cat out.png)" = old ] && exit $status
