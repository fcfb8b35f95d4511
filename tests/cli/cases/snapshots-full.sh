# One that cannot be saved stops the run; the best picture so far is saved all the same, and no half file.
grep -q __tsan_func_entry "$STYLIZE" && { echo "the thread sanitizer dies where it may write no large file"; exit 77; }
(
    ulimit -f 8
    "$STYLIZE" -s 96 --upscale --precision fp32 -n 100000 --quality 1 --save-every 2 --save-pattern %d.png content.png style.png out.jpg 2>&1
    echo "exit $?"
) | cat
ls -A
"$STYLIZE" -n 0 out.jpg style.png again.png
