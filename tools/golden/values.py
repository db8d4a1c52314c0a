"""Value representations of losses.py and variants.py: what outputs mean, and their losses.

A next state's value is a distribution over `atoms` [batch, actions, n] with `masses`; only the
categorical one has a support given beforehand (Bellemare et al. 2017), the quantiles of QR-DQN and
IQN (Dabney et al. 2018) are atoms of equal mass, and a scalar is one atom.
"""

import torch
from torch import Tensor
from torch.nn import functional


def support(v_min: float, v_max: float, atoms: int) -> Tensor:
    """z_j = v_min + j (v_max - v_min) / (atoms - 1), float64."""
    return v_min + torch.arange(atoms, dtype=torch.float64) * ((v_max - v_min) / (atoms - 1))


def midpoints(quantiles: int) -> Tensor:
    """tau_i = (2 i + 1) / (2 quantiles), float64."""
    return (2 * torch.arange(quantiles, dtype=torch.float64) + 1) / (2 * quantiles)


def project(atoms: Tensor, masses: Tensor, v_min: float, v_max: float, bins: int) -> Tensor:
    """Atoms and masses [batch, n] -> masses [batch, bins] on the support.

    An atom gives each bin 1 - its distance in bins, if positive: all of it to a bin it lies on.
    """
    step = (v_max - v_min) / (bins - 1)
    positions = (atoms.clamp(v_min, v_max) - v_min) / step
    distances = (positions.unsqueeze(1) - torch.arange(bins).unsqueeze(1)).abs()
    return ((1 - distances).clamp(min=0) * masses.unsqueeze(1)).sum(dim=2)


def scalar_loss(predicted: Tensor, wanted: Tensor, loss: str) -> Tensor:
    """[batch] each -> [batch]: e^2 for `mse`; for `huber` e^2 / 2, or |e| - 1/2 beyond 1."""
    functions = {"mse": functional.mse_loss, "huber": functional.huber_loss}
    return functions[loss](predicted, wanted, reduction="none")


def categorical_loss(logits: Tensor, wanted: Tensor) -> Tensor:
    """Cross-entropy of logits and masses, [batch, atoms] each -> [batch]."""
    return -(wanted * logits.log_softmax(dim=1)).sum(dim=1)


def quantile_loss(quantiles: Tensor, taus: Tensor, wanted: Tensor) -> Tensor:
    """[batch, n], [batch or 1, n], [batch, m] -> [batch]: sum over n of the mean over m."""
    errors = wanted.unsqueeze(1) - quantiles.unsqueeze(2)
    huber = functional.huber_loss(errors, torch.zeros_like(errors), reduction="none")
    weights = (taus.unsqueeze(2) - (errors < 0).to(errors.dtype)).abs()
    return (weights * huber).mean(dim=2).sum(dim=1)
