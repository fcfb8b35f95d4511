# With several stages the line says which, at what size; iterations count over all of them.
"$STYLIZE" --progress --precision fp32 --scales 24,48 -n 300,100 content.png style.png out.png 2>found || exit
grep -E '^stage 1/2 24x19  (resizing|analysing|optimising)' found | head -1
grep -Eq '^stage [12]/2 (24x19|48x38)  iteration [0-9]+/400  cost [0-9.e+-]+(  [0-9.e-]+ s/iteration  ([0-9]+ min )?[0-9]+ s left)?$' found && echo live
grep -cv -E '^(stage [12]/2 |reading |saving |out.png: 48x38, 400 iterations, )' found
exit 0
