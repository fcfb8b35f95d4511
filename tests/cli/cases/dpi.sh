# 300 pixels per inch in a JPEG; the content's without it, in a picture from that.
"$STYLIZE" -q -n 0 --dpi 300 content.png style.png out.jpg && od -An -tx1 -j 13 -N 5 out.jpg
"$STYLIZE" -q -n 0 out.jpg style.png again.jpg && od -An -tx1 -j 13 -N 5 again.jpg
"$STYLIZE" -q -n 0 --dpi 72 out.jpg style.png again.jpg && od -An -tx1 -j 13 -N 5 again.jpg
"$STYLIZE" -q -n 0 --dpi -5 out.jpg style.png again.jpg 2>&1
