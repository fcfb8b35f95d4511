# Nonsense for every number is wrong usage, said in one line that names the option and the value.
refuse() {
    "$STYLIZE" "--$1=$2" content.png style.png out.png >out 2>err
    status=$?
    [ $status -eq 2 ] && [ ! -e out.png ] && [ ! -s out ] && [ "$(wc -l <err)" -eq 1 ] &&
        grep -q -e "^stylize: --$1: .*$2" err || echo "--$1='$2': exit $status, $(cat err)"
}
for option in alpha beta tv color-strength size style-scale iterations history learning-rate seed threads; do
    for value in nan inf -inf 1e999 -1 '' abc 1x ' 1' --; do
        refuse $option "$value"
    done
done
for option in alpha beta tv color-strength history learning-rate seed threads; do # no frame, no list
    for value in 0x10 1,5; do
        refuse $option "$value"
    done
done
for option in size iterations history seed threads; do
    for value in 1.5 1e10000 99999999999999999999; do
        refuse $option "$value"
    done
done
for nonsense in color-strength=1.01 color-strength=2 size=8 size=65536 size=1,5 scales=17 iterations=1,,2 iterations=0x10 style-scale=0 iterations=2147483648 history=0 style-scale=0x10 style-scale=1,, style-weights=-1 style-weights=x history=1001 learning-rate=0 \
    seed=9007199254740993 threads=1025; do
    refuse ${nonsense%=*} ${nonsense#*=}
done
