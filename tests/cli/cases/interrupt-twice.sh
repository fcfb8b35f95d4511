# A second signal ends the run at once and costs nothing that was there.
echo old >out.png
for pair in "INT TERM" "TERM HUP" "HUP INT"; do
    rm -f log.jsonl
    "$STYLIZE" --precision fp32 -n 1000000 --log log.jsonl -s 300 --upscale content.png style.png out.png &
    until [ "$(grep -c '"iteration":' log.jsonl 2>/dev/null)" -gt 0 ] 2>/dev/null; do sleep 0.1; done
    kill -${pair% *} $! && kill -${pair#* } $!
    wait $!
    echo "exit $?, $(cat out.png)"
done
ls -A
