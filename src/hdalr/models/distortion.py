"""Strong random distortions of a batch of pictures on the device, for nets that train for long."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch
    from torch import Tensor


@dataclass(frozen=True)
class Distortion:
    """How far each picture may be distorted; every amount is drawn anew for each picture.

    Amounts are drawn evenly from their range, either way, unless said.

    Parameters
    ----------
    rotation_degrees
        Turned by up to so many degrees.
    zoom
        Larger or smaller by up to this fraction, height and width each on its own.
    squeeze
        Narrower by up to this fraction, never wider.
    shear
        Slanted by up to this tangent.
    shift_px
        Moved by up to so many pixels along each axis; what enters is background.
    elastic_px
        Largest deviation of a smooth random displacement of each pixel, in pixels; each
        picture's own is drawn from 0 to this.
    elastic_sigma_px
        How smooth: the deviation of the Gaussian that the displacements are blurred with.
    stroke
        Strokes thicker or thinner by up to this share of a pixel on each side.
    erase_px
        Side of a square at a random place that is made background.

    References
    ----------
    Elastic: Simard, Steinkraus and Platt 2003, *Best Practices for Convolutional Neural Networks
    Applied to Visual Document Analysis*, section 2 (sigma 4, alpha 34, which is a deviation of
    1.4 pixels). Erased squares: DeVries and Taylor 2017.

    Examples
    --------
    >>> Distortion(rotation_degrees=10, shift_px=1).shift_px
    1
    """

    rotation_degrees: float = 0.0
    zoom: float = 0.0
    squeeze: float = 0.0
    shear: float = 0.0
    shift_px: float = 0.0
    elastic_px: float = 0.0
    elastic_sigma_px: float = 4.0
    stroke: float = 0.0
    erase_px: int = 0

    def __call__(self, images: Tensor) -> Tensor:
        """Distort float pictures (n, 1, height, width); same shape, by torch's random state."""
        images = self._warp(images)
        if self.stroke:
            images = _thicken(images, self.stroke)
        return _erase(images, self.erase_px) if self.erase_px else images

    def _warp(self, images: Tensor) -> Tensor:
        from torch.nn.functional import affine_grid, grid_sample

        grid = affine_grid(self._draw_affine(images), list(images.shape), align_corners=False)
        if self.elastic_px:
            grid = grid + self._draw_displacement(images)
        return grid_sample(images, grid, align_corners=False)

    def _draw_affine(self, images: Tensor) -> Tensor:
        """One affine matrix a picture, from output to input places: (n, 2, 3)."""
        import torch

        n, height, width = len(images), images.shape[2], images.shape[3]
        turn, wide, high, slant, right, down = torch.rand(6, n, device=images.device) * 2 - 1
        narrow = 1 - torch.rand(n, device=images.device) * self.squeeze
        angle = turn * math.radians(self.rotation_degrees)
        cos, sin, shear = torch.cos(angle), torch.sin(angle), slant * self.shear
        across, along = 1 / ((1 + wide * self.zoom) * narrow), 1 / (1 + high * self.zoom)
        rows = [
            torch.stack([cos * across, (shear * cos - sin) * across, right * self.shift_px], dim=1),
            torch.stack([sin * along, (shear * sin + cos) * along, down * self.shift_px], dim=1),
        ]
        matrix = torch.stack(rows, dim=1)
        matrix[:, :, 2] *= _pixel(height, width, images.device)
        return matrix

    def _draw_displacement(self, images: Tensor) -> Tensor:
        """What is added to the grid: (n, height, width, 2)."""
        import torch

        n, _, height, width = images.shape
        field = torch.randn(n, 2, height, width, device=images.device)
        field = _blur_matrix(height, self.elastic_sigma_px, images.device) @ field
        field = field @ _blur_matrix(width, self.elastic_sigma_px, images.device).T
        deviation_px = torch.rand(n, 1, 1, 1, device=images.device) * self.elastic_px
        pixel = _pixel(height, width, images.device)
        return (field * deviation_px).permute(0, 2, 3, 1) * pixel


@cache  # a copy to a GPU waits for all that it has to do, and a replayed step reads it there
def _pixel(height: int, width: int, device: torch.device) -> Tensor:
    """Width and height of a pixel on a grid that runs from -1 to 1."""
    import torch

    return torch.tensor([2 / width, 2 / height], device=device)


@cache
def _blur_matrix(side: int, sigma_px: float, device: torch.device) -> Tensor:
    """Gaussian blur along one axis as a matrix; noise of deviation 1 keeps its deviation."""
    import torch

    places = torch.arange(side, dtype=torch.float32)
    weights = torch.exp(-((places[:, None] - places) ** 2) / (2 * sigma_px**2))
    return (weights / weights.norm(dim=1, keepdim=True)).to(device)


def _thicken(images: Tensor, most: float) -> Tensor:
    """Mix each picture with its dilated or eroded self, by up to ``most``."""
    import torch
    from torch.nn.functional import max_pool2d

    share = (torch.rand(len(images), 1, 1, 1, device=images.device) * 2 - 1) * most
    thick = max_pool2d(images, 3, stride=1, padding=1)
    thin = -max_pool2d(-images, 3, stride=1, padding=1)
    return images + torch.where(share > 0, share * (thick - images), share * (images - thin))


def _erase(images: Tensor, side_px: int) -> Tensor:
    """A square of background at a random place in each picture."""
    import torch

    n, _, height, width = images.shape
    keep = []
    for size, shape in ((height, (1, 1, height, 1)), (width, (1, 1, 1, width))):
        first = torch.randint(max(size - side_px + 1, 1), (n, 1, 1, 1), device=images.device)
        places = torch.arange(size, device=images.device).view(shape)
        keep.append((places < first) | (places >= first + side_px))
    return images * (keep[0] | keep[1])
