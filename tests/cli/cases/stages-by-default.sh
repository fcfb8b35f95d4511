# Without being asked a large picture is painted from coarse to fine; --init goes on at its size alone.
stages() {
    "$STYLIZE" --plan -w vgg19-slim -s 512 --upscale "$@" content.png style.png | sed -n 's/^stage \([0-9]*\)\/\([0-9]*\): \([0-9x]*\), .*/\1 \2 \3/p'
}
stages | awk '{ split($3, size, "x"); if (size[1] <= last) print "not larger: " $0; last = size[1]; if ($1 == $2) print ($2 > 1), $3 }'
stages --scales 1
stages --init style.png
stages --scales 2 | sed -n '$p'
stages --scales 2 --init style.png | sed -n '$p'
