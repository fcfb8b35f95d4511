# The reason is told however long a name is.
long=$(printf '%0300d' 0)
deep=$(printf '%01000d/' 1 2 3 4)
refuse() {
    words=$1
    shift
    "$STYLIZE" "$@" 2>err
    status=$?
    [ $status -eq 1 ] && [ "$(wc -l <err)" -eq 1 ] && [ "$(wc -c <err)" -lt 1100 ] && grep -q "^stylize: .*$words" err ||
        echo "exit $status, $(cat err)"
}
refuse 'cannot write 0*.png: File name too long$' -n 1000000 content.png style.png $long.png
refuse 'cannot write 0*\.\.\.0*.png: File name too long$' -n 1000000 content.png style.png $(printf '%05000d' 0).png
refuse 'cannot write 0.*\.\.\..*4//out.png: File name too long$' -n 1000000 content.png style.png "$deep/out.png"
refuse 'cannot open 0*.png: File name too long$' $long.png style.png out.png
refuse 'cannot open 0.*\.\.\..*x.png: File name too long$' content.png "$deep/x.png" out.png
refuse '--weights: .*\.\.\..*: File name too long; check the path' -w "$deep" content.png style.png out.png
refuse '--log: cannot write .*\.\.\..*: File name too long$' --log "$deep/log" content.png style.png out.png
