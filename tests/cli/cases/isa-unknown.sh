STYLIZE_ISA=foo "$STYLIZE" content.png style.png out.png
status=$?
[ ! -e out.png ] || exit 0
STYLIZE_ISA=foo "$STYLIZE" --version
STYLIZE_ISA=foo "$STYLIZE" --help | sed -n 1p
STYLIZE_ISA= "$STYLIZE" -n 0 content.png style.png out.png || exit 0
exit $status
