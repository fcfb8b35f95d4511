# A link is followed even where there is nothing yet: what it leads to is made, and the link stays.
mkdir elsewhere
ln -s elsewhere/real.png out.png
"$STYLIZE" --no-metadata -n 0 -s 0 content.png style.png out.png && [ -L out.png ] && cmp content.png elsewhere/real.png
