"$STYLIZE" -s 65535 --upscale content.png style.png out.png
