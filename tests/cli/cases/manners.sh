# Every choice runs and gives a picture of its own.
i=0
for args in "" "--optimizer gd" "--optimizer adam" "--pool avg" "--cost gatys" "--tv 1" "--history 1" \
    "--learning-rate 0.5" "--init random" "--init style.png"; do
    i=$((i + 1))
    "$STYLIZE" -s 48 -n 10 $args content.png style.png $i.png || exit
done
sha256sum ./*.png | cut -d ' ' -f 1 | sort -u | wc -l | tr -d ' ' 
