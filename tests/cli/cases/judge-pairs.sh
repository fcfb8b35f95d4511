# A list gives the lines that its pictures give by themselves, and their mean; another network, which
# stops early, has no figures for what it lacks.
tiny=$TESTS/networks/tiny.safetensors
cp style.png "a style.png"
printf 'content.png style.png style.png\n# and back\nstyle.png\ta style.png\tcontent.png\n' >list
"$JUDGE" -w "$tiny" --pairs list >table || exit 1
"$JUDGE" -w "$tiny" content.png style.png style.png | tail -n 1 >one
"$JUDGE" -w "$tiny" style.png "a style.png" content.png | tail -n 1 >two
sed -n 2p table | cmp - one
sed -n 3p table | cmp - two
awk 'NR == 2 { for (i = 1; i <= 10; i++) a[i] = $i }
    NR == 3 { for (i = 1; i <= 10; i++) b[i] = $i }
    NR == 4 {
        print $NF
        for (i = 8; i <= 9; i++)
            if ((sqrt(a[i] * b[i]) - $i) ^ 2 > 1e-5)
                print "column " i ": " $i
        sum = (a[10] < 0 ? -a[10] : a[10]) + (b[10] < 0 ? -b[10] : b[10])
        if ((sum / 2 - $10) ^ 2 > 1e-3)
            print "border: " $10
    }' table
