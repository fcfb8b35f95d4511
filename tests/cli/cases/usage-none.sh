"$STYLIZE" 
status=$?
[ ! -e out.png ] && exit $status
