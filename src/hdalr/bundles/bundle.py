"""A bundle: a net that was trained, and all that is needed to read with it."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from hdalr.bundles import folder as files
from hdalr.bundles.calibration import Calibration
from hdalr.bundles.graph_check import check_graph
from hdalr.bundles.manifest import Manifest, read_json
from hdalr.bundles.tensors import Tensors, read_tensors
from hdalr.bundles.together import Logits, Together
from hdalr.errors import DataError, ParameterError, UnknownNameError
from hdalr.images.batch import Images

WEIGHTS_FOLDER = Path(__file__).parent.parent / "weights"  # the bundles that ship
MAX_WIDTH_PX = 8192  # of a line
BATCH_PX = 2**17  # in one call of the net: what it computes on the way takes some 25 MB


class Bundle:
    """A trained net with its labels and its calibration; made by `load_bundle`.

    Safe to be used from several threads. ONNX Runtime is started at the first `run`.

    Attributes
    ----------
    manifest
        Every fact, see `hdalr.bundles.Manifest`.
    card
        The model card, Markdown with front matter.
    digest
        SHA-256 of the bundle's list of sums: names this very bundle.
    tensors
        The weights by their names in torch's ``state_dict``, float16 or float32.
    """

    def __init__(
        self,
        manifest: Manifest,
        graph: bytes,
        tensors: Tensors,
        *,
        card: str = "",
        digest: str = "",
        threads: int = 1,
        together: bool = False,
        where: str = "bundle",
    ) -> None:
        self.manifest = manifest
        self.card = card
        self.digest = digest
        self.tensors = tensors
        self._graph = graph
        self._threads = threads
        self._where = where
        self._session: Any = None
        self._lock = threading.Lock()
        self._compute = Together(self._run_net) if together else self._run_net

    def __repr__(self) -> str:
        return f"<Bundle {self.name!r}: {self.kind}, {len(self.labels)} labels>"

    @property
    def name(self) -> str:
        """The bundle's name."""
        return self.manifest.name

    @property
    def kind(self) -> str:
        """``"characters"`` or ``"lines"``."""
        return self.manifest.kind

    @property
    def labels(self) -> tuple[str, ...]:
        """What the outputs stand for; of lines, output 0 is the blank and the labels follow."""
        return self.manifest.labels

    @property
    def rejects(self) -> bool:
        """Whether the last output of a net for characters stands for what is none."""
        return self.manifest.rejects

    @property
    def merges(self) -> Mapping[str, tuple[str, ...]]:
        """Labels that stand for several characters: label to all of these."""
        return self.manifest.merges

    @property
    def calibration(self) -> Calibration:
        """How logits become probabilities, and what these promise."""
        return self.manifest.calibration

    def run(self, pictures: Images) -> Logits:
        """Compute the net's answers.

        Parameters
        ----------
        pictures
            uint8, shape (n, height, width), ink bright on dark, as the bundle's preprocessing
            makes them; n may be 0. Large batches are computed in pieces.

        Returns
        -------
        Logits
            float32: of characters (n, n_outputs), the labels and, if the bundle rejects, one
            for no character; of lines (n, n_frames, n_outputs), the blank and the labels.

        Raises
        ------
        DataError
            If the pictures are of another type or size, or the net is broken.
        """
        self._check_pictures(pictures)
        if not len(pictures):
            return self._check_logits(np.zeros((0, 0, self.manifest.n_outputs)[-self._n_axes :]))
        return self._compute(pictures)

    def _run_net(self, pictures: Images) -> Logits:
        session = self._session or self._open()
        n, height, width = pictures.shape
        step = max(1, BATCH_PX // (height * width))
        pieces = [self._call(session, pictures[at : at + step]) for at in range(0, n, step)]
        return pieces[0] if len(pieces) == 1 else np.concatenate(pieces)

    @property
    def _n_axes(self) -> int:
        return 3 if self.kind == "lines" else 2

    def _call(self, session: Any, pictures: Images) -> Logits:
        try:
            (logits,) = session.run(None, {"pictures": pictures})
        except Exception as error:  # ONNX Runtime's exceptions have no base of their own
            raise DataError(
                f"{self._where}: the net cannot compute pictures of shape {pictures.shape}: "
                f"{error!s:.150}"
            ) from error
        return self._check_logits(logits)

    def _check_pictures(self, pictures: Images) -> None:
        height, width = self.manifest.picture_shape
        if not isinstance(pictures, np.ndarray):
            raise DataError(f"pictures: got {type(pictures).__name__}; expected a numpy array")
        shape = pictures.shape
        if (
            pictures.dtype != np.uint8
            or len(shape) != 3
            or shape[1] != height
            or not (shape[2] == width if width else 0 < shape[2] <= MAX_WIDTH_PX)
        ):
            wide = width or f"1 to {MAX_WIDTH_PX}"
            raise DataError(
                f"pictures have shape {shape} and type {pictures.dtype}; {self.name} expects "
                f"uint8 (n, {height}, {wide})"
            )

    def _check_logits(self, logits: Any) -> Logits:
        n_outputs = self.manifest.n_outputs
        if logits.ndim != self._n_axes or logits.shape[-1] != n_outputs:
            raise DataError(
                f"{self._where}: the net gives an array of shape {logits.shape}; expected "
                f"{self._n_axes} axes, the last of {n_outputs} for {len(self.labels)} labels"
            )
        if not np.isfinite(logits).all():
            raise DataError(f"{self._where}: the net gives numbers that are not finite")
        return np.asarray(logits, np.float32)

    def _open(self) -> Any:
        with self._lock:
            if self._session is None:
                self._session = open_session(
                    self._graph, self.tensors, self._threads, self._where, self.kind == "lines"
                )
            return self._session


def load_bundle(name_or_path: str | Path, *, threads: int = 1, together: bool = False) -> Bundle:
    """Load a bundle that ships, by its name, or any other, by its folder.

    Parameters
    ----------
    name_or_path
        A name that `list_bundles` gives, or the path of a bundle's folder. A name wins over a
        folder of the same name in the working directory; ``./NAME`` means the folder.
    threads
        Threads that the net computes with, from 1.
    together
        Whether calls of several threads that meet are computed in one run of the net.

    Raises
    ------
    UnknownNameError
        If it is neither.
    DataError
        If a file is missing, damaged, or not what it should be.
    ParameterError
        If the number of threads is not allowed.
    """
    if type(threads) is not int or not 1 <= threads <= 256:
        raise ParameterError(f"threads={threads!r} is not allowed; choose an integer, 1 to 256")
    folder = _find_folder(name_or_path)
    contents, digest = files.read_folder(folder)
    manifest = Manifest.from_json(
        read_json(contents[files.MANIFEST], str(folder / files.MANIFEST)),
        str(folder / files.MANIFEST),
    )
    tensors = read_tensors(contents[files.WEIGHTS], str(folder / files.WEIGHTS))
    return Bundle(
        manifest,
        check_graph(contents[files.GRAPH], tensors, str(folder / files.GRAPH)),
        tensors,
        card=contents[files.CARD].decode("utf-8", errors="replace"),
        digest=digest,
        threads=threads,
        together=together,
        where=str(folder),
    )


def list_bundles() -> list[str]:
    """Names of the bundles that ship, in the order of the alphabet."""
    if not WEIGHTS_FOLDER.is_dir():
        return []
    return sorted(folder.name for folder in WEIGHTS_FOLDER.iterdir() if files.is_bundle(folder))


def open_session(
    graph: bytes, tensors: Tensors, threads: int, where: str, any_width: bool = False
) -> Any:
    """Start ONNX Runtime on a graph whose weights are handed over, never read from a file.

    All optimisations are on: they take some 15 ms once and save a third of each call. With
    ``any_width`` no plan of the memory is kept for each width that was seen.

    Raises
    ------
    DataError
        If ONNX Runtime refuses the graph.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.enable_mem_pattern = not any_width
    options.log_severity_level = 4  # its errors are raised, not printed
    values = [onnxruntime.OrtValue.ortvalue_from_numpy(tensor) for tensor in tensors.values()]
    options.add_external_initializers(list(tensors), values)
    try:
        return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # ONNX Runtime's exceptions have no base of their own
        raise DataError(f"{where}: no net that ONNX Runtime takes: {error!s:.200}") from error


def _find_folder(name_or_path: str | Path) -> Path:
    if isinstance(name_or_path, Path):
        return name_or_path
    if not isinstance(name_or_path, str) or "\0" in name_or_path:
        raise ParameterError(f"bundle {name_or_path!r:.80}; expected a name or a path")
    names = list_bundles()
    if name_or_path in names:
        return WEIGHTS_FOLDER / name_or_path
    folder = Path(name_or_path)
    if folder.is_dir() or folder.name != name_or_path:
        return folder
    raise UnknownNameError("bundle", name_or_path, names)
