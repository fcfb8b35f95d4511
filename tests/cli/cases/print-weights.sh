# The names that -w takes, each once, and nothing else.
mkdir -p data/stylize
touch data/stylize/mine.safetensors data/stylize/other.txt data/stylize/.safetensors
touch data/stylize/vgg16.safetensors data/stylize/vgg19-slim.safetensors
mkdir data/stylize/folder.safetensors
XDG_DATA_HOME=$PWD/data "$STYLIZE" --print weights | sort
