#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes a weights file of a checkpoint of train.py, each channel scaled to mean activation 1.

    export.py --start FILE --checkpoint FILE --pictures DIR OUT.safetensors
"""

import argparse

import torch

from network import Vgg
from pictures import Pictures

LICENSE = ("CC-BY-4.0; distilled from VGG-19 (Simonyan and Zisserman) and the 16x smaller VGG-19 of "
           "Wang et al. 2020 (MIT)")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--start", required=True, help="the weights file that training started from")
    parser.add_argument("--checkpoint", required=True)
    parser.add_argument("--pictures", required=True)
    parser.add_argument("out")
    args = parser.parse_args()
    network = Vgg.load(args.start)
    network.load_state_dict(torch.load(args.checkpoint, map_location="cpu")["student"])
    pictures = Pictures(args.pictures, seed=7)
    network.normalise(pictures.batch(8, 224) for _ in range(15))
    network.save(args.out, {"normalized": "mean activation 1 per channel", "license": LICENSE,
                            "source": "trained for the stylize project by distillation"})


if __name__ == "__main__":
    main()
