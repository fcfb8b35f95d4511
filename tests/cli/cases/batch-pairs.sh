# All pairs of two patterns; each shard has its own; what is no picture by its name does not count.
mkdir photos art
cp content.png photos/a.png
cp content.png photos/b.c.png
cp style.png art/x.png
cp style.png art/y.png
echo text >art/readme.txt
pairs() {
    "$STYLIZE" batch -q -s 32 -n 0 --contents 'photos/*' --styles 'art/*' "$@"
}
pairs --shard 1/3 --out 'one/{content}-{style}.png'
pairs --shard 2/3 --out 'two/{content}-{style}.png'
pairs --shard 3/3 --out 'three/{content}-{style}.png'
pairs --out 'all/{style}/{content}.png' --jobs 3 --threads 4
find one two three all -type f | sort
cmp all/x/a.png one/a-x.png
cmp all/y/b.c.png one/b.c-y.png
