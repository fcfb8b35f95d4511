# So would threads, whose stacks OpenMP makes as it is told.
OMP_STACKSIZE=64k "$STYLIZE" -w vgg19-slim -s 48 -n 1 -q -j 4 content.png style.png out.png && [ -s out.png ] && echo painted
OMP_STACKSIZE=16k "$JUDGE" content.png style.png out.png
OMP_STACKSIZE=16k exec "$STYLIZE" -w vgg19-slim -s 48 -n 1 -q -j 4 content.png style.png out.png
