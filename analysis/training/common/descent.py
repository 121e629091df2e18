"""Gradient descent as networks here are trained: a rate that falls as a cosine, and the running mean of the weights."""

import copy
from typing import Generic, TypeVar

import numpy as np
import torch
from torch import Tensor, nn

N = TypeVar("N", bound=nn.Module)

WARM_STEPS = 200
WEIGHT_DECAY = 1e-3
MAX_GRADIENT_NORM = 1.0
# Share of the running mean that stays at each step.
MEAN_OVER = 0.998


class Descent(Generic[N]):
    """Trains a network step by step; `mean` is what to keep: the mean of the weights over the last few hundred steps.

    Parameters
    ----------
    net : nn.Module
    steps : int
        How many there will be.
    rate, min_rate : float
        The learning rate after warming up, and at the end.
    """

    def __init__(self, net: N, *, steps: int, rate: float, min_rate: float) -> None:
        self.net, self.mean = net, copy.deepcopy(net)
        self._optimizer = torch.optim.AdamW(net.parameters(), lr=rate, weight_decay=WEIGHT_DECAY)
        self._steps, self._rate, self._min_rate = steps, rate, min_rate
        self._step = 0

    def step(self, loss: Tensor) -> None:
        """Go one step down."""
        warm = min(1.0, (self._step + 1) / WARM_STEPS)
        rate = self._rate * warm * 0.5 * (1 + np.cos(np.pi * self._step / self._steps))
        for group in self._optimizer.param_groups:
            group["lr"] = max(float(rate), self._min_rate)
        self._optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.net.parameters(), MAX_GRADIENT_NORM)
        self._optimizer.step()
        self._step += 1
        share = min(MEAN_OVER, 1 - 1 / (self._step + 1))
        with torch.no_grad():
            for kept, new in zip(self.mean.parameters(), self.net.parameters(), strict=True):
                kept.lerp_(new, 1 - share)
