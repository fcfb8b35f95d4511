# One line a picture, by the default network: the content has all of the style to go and none of itself lost.
# A name is one line, whatever is in it; of several pictures there is a mean.
new='two
lines.png'
cp style.png "$new"
"$JUDGE" content.png style.png content.png
"$JUDGE" --against content.png content.png style.png content.png "$new"
