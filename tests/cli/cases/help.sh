"$STYLIZE" --help | sed -n 1p
"$STYLIZE" -h | awk 'length > 80'
# Every option has a line.
for option in alpha beta tv content-layers style-layers iterations size upscale style-scale optimizer \
    history learning-rate init seed depth quality max-pixels save-every save-pattern pool precision cost style-cost color weights \
    threads plan log quiet progress verbose help version print; do
    "$STYLIZE" --help | grep -q -e "--$option" || echo "no $option"
done
