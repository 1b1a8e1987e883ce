"""Corrections that people gave with their consent, in SQLite or PostgreSQL.

A `Store` keeps them, `export_corrections` makes a folder of them that ``hdalr evaluate`` reads.
Needs the extra ``serve``.
"""

from hdalr.service.database.address import default_url
from hdalr.service.database.correction import Correction, NewCorrection
from hdalr.service.database.export import export_corrections
from hdalr.service.database.store import Store

__all__ = ["Correction", "NewCorrection", "Store", "default_url", "export_corrections"]
