# Who misses the networks that can be fetched is told how.
for name in vgg19 vgg16; do
    "$STYLIZE" -w $name content.png style.png out.png
    [ $? -eq 1 ] || echo "$name: exit"
done
