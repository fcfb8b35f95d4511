# SPDX-License-Identifier: MIT
"""The pictures to train on and to measure with."""

import glob
import os

import numpy
import torch
import torch.nn.functional as F
from PIL import Image

HELD_OUT = 20  # every so-many-th picture is never trained on


class Pictures:
    """Random crops of the pictures in a folder; `held_out` for those that training does not see."""

    def __init__(self, folder, seed=1, held_out=False):
        paths = sorted(p for p in glob.glob(os.path.join(folder, "*")) if p.lower().endswith((".jpg", ".jpeg", ".png")))
        paths = [p for i, p in enumerate(paths) if (i % HELD_OUT == 0) == held_out]
        self.pictures = [torch.from_numpy(numpy.array(Image.open(p).convert("RGB"))).permute(2, 0, 1) for p in paths]
        self.art = [i for i, p in enumerate(paths) if os.path.basename(p).startswith("art")]
        self.random = torch.Generator().manual_seed(seed)

    def uniform(self, low, high):
        return low + (high - low) * torch.rand((), generator=self.random).item()

    def integer(self, count):
        return int(torch.randint(count, (), generator=self.random))

    def crop(self, side):
        """A square of a picture at some scale, mirrored half of the time, its colours sometimes shifted."""
        # Paintings are few in the folder, and are what the styles will be.
        pool = self.art if self.art and self.uniform(0, 1) < 0.3 else range(len(self.pictures))
        i = pool[self.integer(len(pool))]
        picture = self.pictures[i]
        short = min(picture.shape[1:])
        part = int(min(short, side / self.uniform(0.5, 1.6)))
        top = self.integer(picture.shape[1] - part + 1)
        left = self.integer(picture.shape[2] - part + 1)
        x = picture[None, :, top:top + part, left:left + part].float() / 255
        x = F.interpolate(x, (side, side), mode="bicubic", antialias=True, align_corners=False)[0].clamp(0, 1)
        if self.uniform(0, 1) < 0.5:
            x = x.flip(2)
        if self.uniform(0, 1) < 0.3:
            gain = 1 + 0.4 * (torch.rand(3, 1, 1, generator=self.random) - 0.5)
            x = (x * gain + self.uniform(-0.1, 0.1)).clamp(0, 1)
            if self.uniform(0, 1) < 0.3:
                x = x[torch.randperm(3, generator=self.random)]
        return x

    def start(self, side):
        """Where a chain starts: a crop, often with noise, sometimes little else than noise."""
        x = self.crop(side)
        kind = self.uniform(0, 1)
        noise = torch.rand(x.shape, generator=self.random)
        if kind < 0.1:
            return 0.4 * x + 0.6 * (0.5 + (noise - 0.5))
        if kind < 0.35:
            return (x + self.uniform(0, 0.3) * (noise - 0.5)).clamp(0, 1)
        return x

    def batch(self, count, side):
        return torch.stack([self.crop(side) for _ in range(count)])
