# A name that is nearly that of an installed network is not the end of it.
"$STYLIZE" -w vgg19-slm content.png style.png out.png
