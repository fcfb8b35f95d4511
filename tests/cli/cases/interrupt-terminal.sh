# On a terminal the first signal says at once what comes, and in the end what was saved.
script -qec true /dev/null >/dev/null 2>&1 || { echo "no pseudo-terminal here"; exit 77; }
cat >inner.sh <<'END'
"$STYLIZE" --precision fp32 -n 1000000 -s 48 --log log.jsonl content.png style.png out.png &
until [ "$(grep -c '"iteration":' log.jsonl 2>/dev/null)" -gt 2 ] 2>/dev/null; do sleep 0.1; done
kill -INT $!
wait $!
echo "exit $?"
END
script -qec 'sh inner.sh' /dev/null >shown
grep -aq 'stopping after this step; interrupt again to stop at once' shown || echo "no word at once"
grep -aq 'out.png: .* interrupted: the best picture so far' shown || echo "no word at the end"
grep -ao 'exit [0-9]*' shown
