# Nothing that the run reads or writes is overwritten by them, under whatever name.
cp content.png out-0004.png
ln -s "$PWD/style.png" s0008.png
ln content.png c12.png
run() {
    "$STYLIZE" -n 12 "$@" 2>&1
}
run --save-every 4 out-0004.png style.png out.png
run --save-every 2 --save-pattern ./out-%04d.png out-0004.png style.png x.png
run --save-every 4 --save-pattern s%04d.png content.png style.png out.png
run --save-every 4 --save-pattern c%d.png content.png style.png out.png
run --save-every 4 --save-pattern result%d.png content.png style.png result8.png
run --save-every 4 --save-pattern %d.png --log 8.png content.png style.png out.png
ls
# Others that only look like it may be there.
run --save-every 5 --save-pattern out-%04d.png out-0004.png style.png x.png
run --save-every 4 --save-pattern out-%d.png out-0004.png style.png x.png
ls out* x*
