# A link stays one; what it leads to is replaced.
mkdir elsewhere
echo old >elsewhere/real.png
ln -s elsewhere/real.png out.png
"$STYLIZE" --no-metadata -n 0 -s 0 content.png style.png out.png && [ -L out.png ] && cmp content.png elsewhere/real.png
