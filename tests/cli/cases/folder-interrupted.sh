# Ctrl-C ends all of it; what was being painted is not taken for done, and what was done stays.
command -v setsid >/dev/null || { echo "no setsid here"; exit 77; }
# A shell that is started with SIGINT ignored cannot catch it.
signal=$(sh -c 'kill -INT $$; echo TERM')
mkdir photos out
cp content.png photos/a.png
cp content.png photos/b.png
cp content.png photos/c.png
cp style.png out/a.png
# In a process group of its own, as on a terminal, and as soon as the second iterates.
signal=${signal:-INT} setsid -w sh -c '
    (while [ ! -s log ]; do sleep 0.1; done; kill -$signal 0) &
    exec sh "$ROOT/examples/folder.sh" style.png photos out -s 48 -n 20000 --log log' 2>said
echo "exit $?"
cat said
ls -A out
cmp style.png out/a.png
