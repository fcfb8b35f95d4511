"$STYLIZE" -q -n 0 content.png style.png out.webp 2>/dev/null || { echo "without libwebp"; exit 77; }
frames() {
    grep -a -o ANMF film.webp | wc -l
}
rm out.webp
# Its start and four iterations, the last one longer; it may be that two are alike.
"$STYLIZE" -q -n 4 -s 32 --save-every 1 --animation film.webp content.png style.png out.png
head -c 4 film.webp; echo
[ "$(frames)" -ge 3 ] && [ "$(frames)" -le 5 ] || echo "$(frames) frames"
ls
# Stages are smaller; all frames are as large as OUT, and the pictures themselves are saved, too.
"$STYLIZE" -q -n 2,1 -s 32 --scales 2 --save-every 2 --save-pattern 'p%d.png' --animation film.webp \
    content.png style.png out.png
"$STYLIZE" -q -n 0 -s 0 --no-metadata film.webp style.png first.png
"$STYLIZE" -q -n 0 -s 0 --no-metadata out.png style.png last.png
cmp -n 24 first.png last.png
ls
