# Ctrl-C ends all of it; what is at work is saved, and not taken for done; what was done stays.
signal=$(sh -c 'kill -INT $$; echo TERM')
cat >jobs <<'END'
content.png style.png out/a.png -n 1
content.png style.png out/b.png -n 20000
content.png style.png out/c.png -n 20000
END
"$STYLIZE" batch jobs -s 48 -j 1 --log log 2>said &
while ! grep -q '"iteration":3.*"job":2' log 2>/dev/null; do sleep 0.1; done
kill -${signal:-INT} $!
wait $!
echo "exit $?"
sed 's/[0-9]* iterations/N iterations/; s/[0-9]* s$/T/; s/[0-9]* s,/T,/' said
ls -A out
rm log
"$STYLIZE" batch jobs -s 48 -j 1 --log log 2>said &
while ! grep -q '"iteration":3.*"job":2' log 2>/dev/null; do sleep 0.1; done
kill -${signal:-INT} $!
wait $!
head -1 said
