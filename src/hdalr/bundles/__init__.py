"""Bundles: the form in which trained nets ship, are loaded to read, and are trained on."""

from hdalr.bundles.bundle import Bundle, list_bundles, load_bundle
from hdalr.bundles.calibration import Calibration
from hdalr.bundles.export import load_net, save_bundle, update_bundle
from hdalr.bundles.manifest import Manifest

__all__ = [
    "Bundle",
    "Calibration",
    "Manifest",
    "list_bundles",
    "load_bundle",
    "load_net",
    "save_bundle",
    "update_bundle",
]
