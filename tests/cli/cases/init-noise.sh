# --init noise is noise alone, whatever the content is, in the style's colours; the seed makes another one.
# A content is found again from it where there is no style.
"$STYLIZE" --no-metadata --init noise -n 0 -s 0 content.png style.png a.png
"$STYLIZE" --no-metadata --init noise -n 0 -s 48x38 --upscale --fit stretch style.png style.png b.png && cmp a.png b.png
"$STYLIZE" --no-metadata --init noise --seed 3 -n 0 -s 0 content.png style.png c.png
cmp -s a.png c.png || echo another
"$STYLIZE" --no-metadata --init random -n 0 -s 0 content.png style.png d.png
cmp -s a.png d.png || echo another
cost() {
    "$STYLIZE" --no-metadata --init noise --beta 0 --chroma-tv 0 --content-layers "$1" -n "$2" -s 0 --log - content.png style.png out.png |
        sed -n 's/.*"best_total":\([^}]*\)}/\1/p'
}
for layer in relu1_1 relu3_1 relu5_1; do
    echo "$(cost $layer 0) $(cost $layer 60)" | awk -v layer=$layer '{ print layer, $2 < 0.2 * $1 ? "found" : $0 }'
done
"$STYLIZE" --no-metadata --init nose content.png style.png out.png
