"""One decision tree whose splits weigh two classes against each other."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils.validation import check_is_fitted

from hdalr.images.batch import Floats, Images, Labels
from hdalr.images.features import Features, Pixels
from hdalr.models.base import ImageClassifier, Probabilities, check_integer

CHUNK = 4096  # pictures at once


class DiscriminantTree(ImageClassifier):
    """Binary decision tree; each split asks how much likelier one class is than another.

    A linear discriminant analysis of the features, its covariance shrunk by Ledoit and Wolf's rule,
    gives the log odds of every pair of classes, and one CART is grown on these: each split
    compares the odds of one pair with a threshold.
    In the features, every split is oblique, as one weighs them all. How far a picture is from
    even odds counts too, and so the tree may ask after one pair more than once, or after two
    classes that the picture is neither of.

    Parameters
    ----------
    features
        What the discriminants weigh; None for the pixels.
    max_depth
        Number of splits above the deepest leaf, from 1 up; ``None`` sets no bound.
    min_samples_leaf
        Images that a split leaves on either side at least, from 1 up.
    random_state
        Order in which the pairs are looked at, which decides between equal splits.

    Attributes
    ----------
    weights_, offsets_
        The discriminants: float32, shapes (n_features, n_classes) and (n_classes,). The
        difference of two classes' scores is their log odds.
    pairs_
        Indices of the classes of each pair, shape (n_pairs, 2), the smaller one first.
    cart_
        The fitted ``sklearn.tree.DecisionTreeClassifier``, on the log odds of `pairs_`.

    References
    ----------
    Breiman et al. 1984, *Classification and Regression Trees*, section 5.2 (splits by linear
    combinations). There each node searches for its own combination; here all choose among those
    of the discriminant analysis (Fisher 1936), which is found once. Ledoit and Wolf 2004, *A
    well-conditioned estimator for large-dimensional covariance matrices*.

    Examples
    --------
    >>> images = np.repeat(np.array([[[0, 9]], [[200, 210]]], np.uint8), 10, axis=0)
    >>> images += np.arange(20, dtype=np.uint8)[:, None, None] % 7
    >>> tree = DiscriminantTree().fit(images, np.repeat([3, 8], 10))
    >>> tree.predict(images[::10])
    array([3, 8])
    >>> tree.drawn_tree()["pair"], int(tree.cart_.get_n_leaves())
    ((0, 1), 2)
    """

    weights_: Floats
    offsets_: Floats
    pairs_: NDArray[np.intp]
    cart_: DecisionTreeClassifier

    def __init__(
        self,
        *,
        features: Features | None = None,
        max_depth: int | None = None,
        min_samples_leaf: int = 1,
        random_state: int | None = None,
    ) -> None:
        self.features = features
        self.max_depth = max_depth
        self.min_samples_leaf = min_samples_leaf
        self.random_state = random_state

    def fit(self, images: Images, labels: Labels) -> Self:
        """Find the discriminants and grow the tree.

        Parameters
        ----------
        images
            uint8, shape (n_images, height, width).
        labels
            Integers, shape (n_images,).

        Raises
        ------
        DataError
            If images and labels are not of these shapes and types.
        ParameterError
            If a parameter is not allowed.
        """
        check_integer("min_samples_leaf", self.min_samples_leaf, at_least=1)
        if self.max_depth is not None:
            check_integer("max_depth", self.max_depth, at_least=1)
        indices = self._begin_fit(images, labels)
        self.pairs_ = np.stack(np.triu_indices(len(self.classes_), 1), axis=1)
        vectors = (self.features or Pixels())(images)
        self._find_discriminants(vectors, indices)
        self.cart_ = DecisionTreeClassifier(
            max_depth=self.max_depth,
            min_samples_leaf=self.min_samples_leaf,
            random_state=self.random_state,
        )
        self.cart_.fit(self._log_odds(vectors), indices)
        return self

    def _find_discriminants(self, vectors: Floats, indices: Labels) -> None:
        analysis = LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto")
        analysis.fit(vectors, indices)
        weights, offsets = analysis.coef_.T, analysis.intercept_
        if len(self.classes_) == 2:  # scikit-learn keeps the second class against the first alone
            weights, offsets = np.pad(weights, ((0, 0), (1, 0))), np.pad(offsets, (1, 0))
        self.weights_, self.offsets_ = weights.astype(np.float32), offsets.astype(np.float32)

    def _log_odds(self, vectors: Floats) -> Floats:
        """Of each pair's first class against its second: shape (n_images, n_pairs)."""
        scores: Floats = vectors @ self.weights_ + self.offsets_
        first, second = self.pairs_.T
        return scores[:, first] - scores[:, second]

    def predict_proba(self, images: Images) -> Probabilities:
        """Share of each class in the leaf that a picture reaches, (n_images, n_classes)."""
        images = self._check_pictures(images)
        features = self.features or Pixels()
        starts = range(0, len(images), CHUNK)
        odds = [self._log_odds(features(images[start : start + CHUNK])) for start in starts]
        return self.cart_.predict_proba(np.concatenate(odds))

    @property
    def n_parameters_(self) -> int:
        """Discriminants, two numbers a split (pair, threshold) and one a class in every leaf."""
        leaves = int(self.cart_.get_n_leaves())
        splits = int(self.cart_.tree_.node_count) - leaves
        discriminants = self.weights_.size + self.offsets_.size
        return discriminants + 2 * splits + leaves * len(self.classes_)

    def drawn_tree(self, depth: int = 3) -> dict[str, Any]:
        """Describe the top of the tree, for drawing it.

        Parameters
        ----------
        depth
            Number of splits to follow below the root, from 0 up.

        Returns
        -------
        dict
            As `hdalr.models.decision_tree.DecisionTree.drawn_tree`, but that a split looks at no
            pixel: ``row`` and ``column`` are None, and ``pair`` holds two indices into
            `classes_` (None where nothing follows). A picture goes to the first child if the
            log odds of the pair's first class against its second are at most ``threshold``.
        """
        check_is_fitted(self, "cart_")
        return self._drawn_node(0, depth)

    def _drawn_node(self, node: int, depth: int) -> dict[str, Any]:
        tree = self.cart_.tree_
        goes_on = depth > 0 and tree.children_left[node] >= 0
        below = (tree.children_left[node], tree.children_right[node]) if goes_on else ()
        first, second = self.pairs_[tree.feature[node]] if goes_on else (0, 0)
        return {
            "row": None,
            "column": None,
            "pair": (int(first), int(second)) if goes_on else None,
            "threshold": float(tree.threshold[node]) if goes_on else None,
            "n_images": int(tree.n_node_samples[node]),
            "label_index": int(np.argmax(tree.value[node, 0])),
            "share": float(tree.value[node, 0].max()),
            "children": [self._drawn_node(int(child), depth - 1) for child in below],
        }
