# The pattern says where they go and in which format; leading zeros are as many as asked for.
mkdir folder
"$STYLIZE" --no-metadata -n 10 --save-every 5 --save-pattern folder/%03d-of-10.png content.png style.png out.png
"$STYLIZE" --no-metadata -n 10 --save-every=5 --save-pattern=./step%d.jpg content.png style.png - >stdout.png
"$STYLIZE" --no-metadata -n 10 --color content --save-every 10 --save-pattern 'a b%d.jpeg' content.png style.png out.jpg
cmp out.jpg 'a b10.jpeg'
cmp out.png stdout.png
cmp out.png folder/010-of-10.png
ls ./* folder
# One that is there is replaced; what OUT is called need not be a pattern.
"$STYLIZE" --no-metadata -n 10 --save-every 5 --save-pattern step%d.jpg content.png style.png 100%s.png
"$STYLIZE" --no-metadata -n 1 --save-every 1 content.png style.png 100%s.png
ls 100*
