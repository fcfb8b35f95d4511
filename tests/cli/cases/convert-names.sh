# The summary commands no terminal, whatever OUT and the licence are called.
[ -x "$CONVERT" ] || { echo "no stylize-convert"; exit 77; }
name=$(printf 'o\033[2J\302\233\n\303\244\233')
"$CONVERT" --raw --f32 --licence "$(printf 'free\033[0m\r\302\205')" "$TESTS/networks/keras-model.h5" "$name.safetensors" 2>err &&
    ls | grep -a -c safetensors
sed 's/ to conv.*//' err
