# The log of a list goes on behind what it holds, says which pictures failed, and can be drawn; several
# processes may write to one.
cp content.png gone.png
cat >jobs <<'END'
content.png style.png a.png
gone.png style.png b.png
content.png gone/style.png c.png
END
options="-w vgg19-slim -s 48 -n 3 -q"
"$STYLIZE" batch jobs $options --log log 2>/dev/null
echo "exit $?"
grep '"stop":"failed"' log
"$STYLIZE" batch jobs $options --log log 2>/dev/null
echo "exit $?"
grep -c '"event":"start"' log
grep -c '"stop":"iterations"' log
"$STYLIZE" batch jobs $options --force --log log 2>/dev/null &
"$STYLIZE" batch jobs $options --force --log log 2>/dev/null
wait $!
grep -v '^{"event":"[a-z]*",.*"job":[123]}$' log | grep -vc '^{"iteration":[0-3],.*"job":[12]}$'
if "$STYLIZE" plot log log.svg 2>said || grep -q 'without cairo' said; then
    echo drawn
fi
