# A new file has the permissions of any new file, one that was there keeps its own.
umask 027
"$STYLIZE" -n 0 content.png style.png out.png && ls -l out.png | cut -c 1-10
chmod 604 out.png
"$STYLIZE" -n 0 content.png style.png out.png && ls -l out.png | cut -c 1-10
