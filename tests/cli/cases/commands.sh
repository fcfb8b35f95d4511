# The first operand selects the command, options before it or not; behind -- or as ./NAME it is a file.
"$STYLIZE" units --help | sed -n 1p
"$STYLIZE" -h layers | sed -n 1p
"$STYLIZE" --weights vgg16 -qs 32 layers --help | sed -n 1p
"$STYLIZE" layers units --help | sed -n 1p
"$STYLIZE" --help | grep '  stylize [a-z]* \[OPTION'
for command in units layers; do
    "$STYLIZE" $command --help | awk 'length > 80'
done
cp content.png units
"$STYLIZE" -q -n 0 -s 32 ./units style.png out.png && echo painted
"$STYLIZE" -q -n 0 -s 32 -- units style.png out.png && echo painted
"$STYLIZE" -q -n 0 -s 32 content.png units out.png && echo painted
"$STYLIZE" --size units style.png out.png
