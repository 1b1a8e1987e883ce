"""Training: a recipe and its data to a bundle that reads."""

from hdalr.training.bundling import train_bundle

__all__ = ["train_bundle"]
