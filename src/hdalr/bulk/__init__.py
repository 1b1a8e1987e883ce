"""Reading more pictures than fit anywhere at once: from any storage, over workers, into Parquet.

`read_in_bulk` lists the pictures one at a time (`inputs`), sends them in chunks to workers
(`work`), and keeps the rows in a folder that a killed run goes on from (`store`, `parts`).
"""

from hdalr.bulk.inputs import Input, list_inputs
from hdalr.bulk.run import Bulk, BulkProgress, read_in_bulk

__all__ = ["Bulk", "BulkProgress", "Input", "list_inputs", "read_in_bulk"]
