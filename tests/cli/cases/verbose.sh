# Settings, sizes, and what the cost is made of: weights times values make the total, in aligned columns.
"$STYLIZE" -v -n 3 --alpha 2 --style-layers relu1_1:3,relu2_1:1 --tv 5 --color content content.png style.png out.png 2>found
grep -E "^(alpha|beta|learning-rate|style-layers|color  |save-every|content [0-9]|cost )" found | grep -v "^cost  *layer"
sed -n "/^cost  *layer/,\$p" found | awk '
    NR == 1 { width = length($0); next }
    length($0) != width || $NF != "%" { print "not aligned: " $0 }
    $1 == "total" { print "total", ($5 - share < 0.4 && share - $5 < 0.4), (best / $4 - 1 < 1e-3 && best / $4 - 1 > -1e-3), (start / $3 - 1 < 1e-3 && start / $3 - 1 > -1e-3), ($4 < $3) }
    { n = NF - 4; start += $n * $(n + 1); best += $n * $(n + 2); share += $(n + 3) }
    $1 == "content" || $1 == "style" { print $1, $2, $3 }'
