"$STYLIZE" --compat neural_style content.png style.png out.png
