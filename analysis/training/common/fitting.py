"""Ways of fitting: logistic regression, conditional logit, thresholds, and ranges with a known coverage.

References
----------
.. [1] McFadden, "Conditional logit analysis of qualitative choice behavior", in Frontiers in Econometrics, 1974.
.. [2] Youden, "Index for rating diagnostic tests", Cancer 3, 1950.
.. [3] Vovk, Gammerman & Shafer, "Algorithmic Learning in a Random World", Springer 2005 (conformal prediction).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import logsumexp

from riffscope.arrays import Floats, Mask

COVERAGE = 0.9
"""How often a range is to hold the truth: every range of riffscope is one of nine in ten."""


class CannotFit(Exception):
    """The songs that were given cannot tell: too few, or all alike."""


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One choice among several: the features of each option (m, k), and which was right."""

    options: Floats
    chosen: int


def logistic(features: Floats, is_true: Mask, *, weights: Floats | None = None) -> tuple[Floats, float]:
    """Fit log odds that are linear in features (n, k): the slopes (k,) and the intercept.

    Features are brought to one scale first, so that the ridge (sklearn's C = 1) weighs on all alike.

    Raises
    ------
    CannotFit
        All cases are true, or none is.
    """
    from sklearn.linear_model import LogisticRegression

    if is_true.all() or not is_true.any():
        raise CannotFit(f"all {is_true.size} cases are {'true' if is_true.size and is_true.all() else 'false'}")
    scale = _spread(features)
    model = LogisticRegression(max_iter=1000).fit(features / scale, is_true, sample_weight=weights)
    return np.asarray(model.coef_[0] / scale, np.float64), float(model.intercept_[0])


def conditional_logit(choices: Sequence[Choice], *, ridge: float = 0.1) -> Floats:
    """Fit the weights (k,) of features under which the options that were chosen are likely [1]_.

    Features are brought to one scale first; `ridge` is half the inverse variance of the weights' prior on that scale:
    without one, a few songs that are all told rightly would ask for endless weights.

    Raises
    ------
    CannotFit
        There is no choice.
    """
    if not choices:
        raise CannotFit("no song offers a choice")
    scale = _spread(np.concatenate([choice.options - choice.options.mean(axis=0) for choice in choices]))

    def loss(weights: Floats) -> tuple[float, Floats]:
        total, slope = ridge * float(weights @ weights), 2 * ridge * weights
        for choice in choices:
            scaled = choice.options / scale
            odds = scaled @ weights
            total += float(logsumexp(odds) - odds[choice.chosen])
            slope = slope + np.exp(odds - logsumexp(odds)) @ scaled - scaled[choice.chosen]
        return total, slope

    found = minimize(loss, np.zeros(scale.size), jac=True, method="L-BFGS-B")
    fitted: Floats = found.x / scale
    return fitted


def _spread(features: Floats) -> Floats:
    """Return how much each feature (n, k) varies, 1 where it does not: (k,)."""
    deviation = features.std(axis=0)
    spread: Floats = np.where(deviation > 1e-9, deviation, 1.0)
    return spread


def best_threshold(values: Floats, is_true: Mask, *, weights: Floats | None = None) -> float:
    """Return the value above which cases are best called true: the share of true ones and of others told right [2]_.

    Raises
    ------
    CannotFit
        All cases are true, or none is.
    """
    if is_true.all() or not is_true.any():
        raise CannotFit(f"all {is_true.size} cases are alike")
    each = np.ones(values.size) if weights is None else weights
    order = np.argsort(values)
    ranked, true, weight = values[order], is_true[order], each[order]
    # Called true is what lies above: all true ones but those up to here, and the others up to here are told right.
    kept = 1 - np.cumsum(weight * true) / (weight * true).sum()
    refused = np.cumsum(weight * ~true) / (weight * ~true).sum()
    between = np.flatnonzero(np.diff(ranked) > 0)
    if not between.size:
        raise CannotFit("all values are the same")
    best = int(between[(kept + refused)[between].argmax()])
    return float((ranked[best] + ranked[best + 1]) / 2)


def conformal_margin(misses: Floats, *, coverage: float = COVERAGE) -> float:
    """Return how far ranges must be widened to hold so much of the truth, for songs not seen as well [3]_.

    Parameters
    ----------
    misses : float64 array, shape (n,)
        How far outside its range each truth lies; negative inside.

    Raises
    ------
    CannotFit
        With fewer than `coverage` / (1 - `coverage`) truths no margin is wide enough for certain.
    """
    rank = int(np.ceil((misses.size + 1) * coverage - 1e-9))
    if rank > misses.size:
        raise CannotFit(f"{misses.size} truths are too few for a coverage of {coverage:g}")
    return float(np.sort(misses)[rank - 1])


def conformal_offsets(errors: Floats, *, coverage: float = COVERAGE) -> tuple[float, float, float]:
    """Return how far below, in the middle and above what is measured the truth lies (n errors: truth - measured).

    As much is left out below the range as above it.

    Raises
    ------
    CannotFit
        From `conformal_margin`, at half of what is left out.
    """
    one_side = (1 + coverage) / 2
    low, high = -conformal_margin(-errors, coverage=one_side), conformal_margin(errors, coverage=one_side)
    return low, float(np.median(errors)), high


def log_loss(probability: float | Floats, is_true: bool | Mask) -> float:
    """Return the mean surprise at what came true, in nats; .69 knows nothing of a case of two."""
    likely = np.clip(np.where(is_true, probability, 1 - np.asarray(probability)), 1e-6, 1.0)
    return float(-np.log(likely).mean())


def area_under_curve(values: Floats, is_true: Mask) -> float:
    """Return how often a true case has the higher value than another one; NaN where all are alike."""
    from sklearn.metrics import roc_auc_score

    return float("nan") if is_true.all() or not is_true.any() else float(roc_auc_score(is_true, values))
