# Lines of words and of JSON, whatever the names; one that fails stops no other; what is done is
# skipped, unless it would be another picture; each is the same bytes as alone.
cp content.png "it's \"one\".png"
cat >jobs <<'END'
# name  style  out

content.png style.png out/plain.png -n 2
"it's \"one\".png" 'style.png' out/more/with\ spaces.png --beta=100
	{"content": "content.png", "style": ["style.png", "content.png"], "out": "out/two.png", "style_weights": [1, 3], "iterations": 1, "depth": 16, "upscale": false}
content.png missing.png out/failed.png
{"content": null, "style": "style.png", "texture": true, "out": "out/texture.png"}
END
"$STYLIZE" batch jobs -s 32 -n 1 --jobs 2 --upscale 2>said
echo "exit $?"
sed 's/^[0-9]*\///; s/[0-9]* s$/T/' said | sort
find out -type f | sort
cp -r out before
"$STYLIZE" -s 32 -n 1 -q --depth 16 --style-weights 1,3 content.png style.png content.png two.png
cmp two.png out/two.png
"$STYLIZE" -s 32 -n 1 -q --upscale --beta=100 "it's \"one\".png" style.png one.png
cmp one.png 'out/more/with spaces.png'
# Again: from standard input, with another seed for those that need one, and another content.
cp style.png "it's \"one\".png"
cp style.png missing.png
"$STYLIZE" batch - -s 32 -n 1 --upscale --log log <jobs 2>said
echo "exit $?"
sed 's/^[0-9]*\///; s/[0-9]* s$/T/' said | sort
diff -r before out | sort
grep -c '"job":[0-9]*}$' log
grep -o '"event":"end".*"job":[0-9]*' log | sed 's/.*,//' | sort
"$STYLIZE" batch jobs -s 32 -n 1 --upscale --force -q
find . -name '*claim*'
