# What fails beside OUT makes the exit status 1 and says that OUT is there; what does not, 0.
[ -e /dev/full ] || { echo "no /dev/full here"; exit 77; }
for beside in --save-recipe=/dev/full '--save-recipe=fine.json --log=fine.jsonl'; do
    rm -f out.png
    # shellcheck disable=SC2086
    "$STYLIZE" -q -s 48 -n 3 $beside content.png style.png out.png 2>&1
    echo "exit $?, $([ -s out.png ] && echo a picture)"
done
