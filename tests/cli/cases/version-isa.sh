STYLIZE_ISA=generic "$STYLIZE" -v --version | sed -n 3p
