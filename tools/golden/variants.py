"""Golden updates of the variants of DQN: ten whole ones in PyTorch, float32, for each of CASES.

Run: python tools/golden/variants.py   (writes tests/golden/variants.safetensors)

Each case is run in float64 as well, and refused if any result comes out further apart than its
bound. (Adam enlarges the rounding of gradients near 0; another seed helps.) Seeds where a choice
that the case is about is never met are refused too.
"""

import copy
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.utils import clip_grad_norm_

from common import Tensors, refuse_rounding, save
from mlp import chosen_q, random_actions, random_normal, to_array
from qnetwork import NoiseStream, QNetwork, Shape, make_qnetwork, parameters_of
from values import categorical_loss, midpoints, project, quantile_loss, scalar_loss, support

UPDATES = 10
KEPT_UPDATES = (0, 4, 9)
BATCH = 16
SYNC_EVERY_UPDATES = 4
GAMMA = 0.99
ATOMS, V_MIN, V_MAX = 11, -2.0, 2.0
QUANTILES = 7
SAMPLES, TARGET_SAMPLES, ACTION_SAMPLES = 5, 6, 8
MUNCHAUSEN_TAU, MUNCHAUSEN_ALPHA, MUNCHAUSEN_CLIP = 0.03, 0.9, -1.0
MUNCHAUSEN_SCALE = 6.0  # of the output layers' weights, so that some log policies get clipped
DEMONSTRATED = 6  # rows of a batch, the first ones
MARGIN, MARGIN_WEIGHT, CQL_ALPHA = 0.1, 0.7, 0.5
ROUNDING = 4e-7
MUNCHAUSEN_ROUNDING = 1e-6  # its softmax divides the rounding of q by .03
SMALLEST_ARGMAX_GAP = 1e-4  # a closer choice could fall differently in other arithmetic

WIDTHS = {"scalar": 1, "categorical": ATOMS, "quantile": QUANTILES, "implicit": 1}


@dataclass(frozen=True)
class Case:
    seed: int
    value: str = "scalar"
    loss: str = "mse"  # of scalars
    dueling: bool = False
    layer_norm: bool = False
    noisy: bool = False
    double: bool = False
    munchausen: bool = False
    weighted: bool = False
    n_step: bool = False
    margin: bool = False
    cql: bool = False
    optimizer: Callable[..., torch.optim.Optimizer] = torch.optim.Adam
    learning_rate: float = 1e-3
    max_grad_norm: float = float("inf")

    @property
    def shape(self) -> Shape:
        flags = {name: getattr(self, name) for name in ("dueling", "layer_norm", "noisy")}
        implicit = self.value == "implicit"
        return Shape((5,), (24, 16), 3, WIDTHS[self.value], implicit=implicit, **flags)


CASES = {
    "double": Case(22, double=True, learning_rate=1e-2),
    "dueling": Case(11, dueling=True),
    "per": Case(22, loss="huber", weighted=True),
    "nstep": Case(5, n_step=True),
    "noisy": Case(5, noisy=True),
    "c51": Case(8, "categorical"),
    "qr": Case(10, "quantile"),
    "iqn": Case(9, "implicit"),
    "munchausen": Case(12, loss="huber", munchausen=True),
    "layer_norm": Case(0, layer_norm=True),
    "radam": Case(23, optimizer=torch.optim.RAdam, max_grad_norm=0.5),
    "rainbow": Case(
        7,
        "categorical",
        dueling=True,
        noisy=True,
        double=True,
        weighted=True,
        n_step=True,
        max_grad_norm=0.1,
    ),
    "dueling_qr_double": Case(0, "quantile", dueling=True, double=True, learning_rate=1e-2),
    "dueling_iqn_munchausen": Case(7, "implicit", dueling=True, munchausen=True),
    "noisy_qr": Case(22, "quantile", noisy=True),
    "noisy_iqn_double": Case(0, "implicit", noisy=True, double=True),
    "munchausen_c51": Case(6, "categorical", munchausen=True),
    "munchausen_qr": Case(6, "quantile", munchausen=True),
    "margin": Case(0, margin=True),
    "cql": Case(0, loss="huber", cql=True),
    "margin_per_nstep_c51": Case(1, "categorical", margin=True, weighted=True, n_step=True),
    "cql_dueling_qr_double": Case(
        0, "quantile", cql=True, dueling=True, double=True, learning_rate=1e-2
    ),
    "margin_cql_iqn": Case(0, "implicit", margin=True, cql=True),
}


def make_batch(case: Case, rng: np.random.Generator) -> dict[str, Tensor]:
    inputs, actions = case.shape.inputs[0], case.shape.actions
    steps = rng.integers(1, 4, BATCH) if case.n_step else np.ones(BATCH)
    discounts = GAMMA**steps * (rng.random(BATCH) > 0.15)
    batch = {
        "observations": random_normal(rng, BATCH, inputs),
        "actions": random_actions(rng, actions, BATCH).int(),
        "rewards": random_normal(rng, BATCH),
        "discounts": torch.from_numpy(discounts).float(),
        "next_observations": random_normal(rng, BATCH, inputs),
    }
    if case.weighted:
        batch["weights"] = torch.from_numpy(rng.uniform(0.1, 1, BATCH)).float()
    return batch


class Learner:
    def __init__(self, case: Case, network: QNetwork, noise: NoiseStream) -> None:
        self.case, self.noise = case, noise
        self.online, self.target = network, copy.deepcopy(network)
        self.optimizer = case.optimizer(network.parameters(), lr=case.learning_rate)
        self.met = {"online and target choose differently": not case.double}
        if case.munchausen:
            self.met |= {"log policy clipped": False, "policy mixed": False}
        if case.margin:
            self.met |= {"a demonstrated action is too low": False, "none is": False}

    def atoms(self, network: QNetwork, observations: Tensor, taus: Tensor | None) -> Tensor:
        """What the network says of each action, [batch, actions, width]; implicit: one per tau."""
        output = network(observations, taus)
        return output if taus is None else output.squeeze(-1).transpose(1, 2)

    def expectation(self, output: Tensor) -> Tensor:
        """[batch, actions, width] -> q [batch, actions]."""
        if self.case.value == "categorical":
            return output.softmax(dim=2) @ support(V_MIN, V_MAX, ATOMS).to(output.dtype)
        return output.mean(dim=2)

    def taus(self, samples: int) -> Tensor | None:
        return self.noise.taus(BATCH, samples) if self.case.value == "implicit" else None

    def policy(self, next_observations: Tensor) -> tuple[Tensor, Tensor]:
        """Probabilities of the next actions, and tau log of them for Munchausen (else 0)."""
        taus = self.taus(ACTION_SAMPLES)
        q_of = {
            name: self.expectation(self.atoms(network, next_observations, taus))
            for name, network in (("online", self.online), ("target", self.target))
        }
        q = q_of["online" if self.case.double else "target"]
        if self.case.munchausen:
            log_policy = scaled_log_policy(q)
            policy = (log_policy / MUNCHAUSEN_TAU).exp()
            self.met["policy mixed"] |= bool((policy.max(dim=1).values < 0.8).any())
            return policy, log_policy
        best = q.topk(2, dim=1).values
        if (best[:, 0] - best[:, 1]).min() < SMALLEST_ARGMAX_GAP:
            raise ValueError("an argmax is too close to call; choose another seed")
        if (q.argmax(dim=1) != q_of["target"].argmax(dim=1)).any():
            self.met["online and target choose differently"] = True
        return nn.functional.one_hot(q.argmax(dim=1), q.shape[1]).to(q.dtype), torch.zeros_like(q)

    def rewards(self, batch: dict[str, Tensor], actions: Tensor) -> Tensor:
        if not self.case.munchausen:
            return batch["rewards"]
        taus = self.taus(ACTION_SAMPLES)
        q = self.expectation(self.atoms(self.target, batch["observations"], taus))
        log_policy = chosen_q(scaled_log_policy(q), actions)
        self.met["log policy clipped"] |= bool((log_policy < MUNCHAUSEN_CLIP).any())
        return batch["rewards"] + MUNCHAUSEN_ALPHA * log_policy.clamp(MUNCHAUSEN_CLIP, 0)

    @torch.no_grad()
    def wanted(self, batch: dict[str, Tensor], actions: Tensor) -> Tensor:
        """What the taken action's value should be: [batch, atoms]; categorical: masses of them."""
        next_observations = batch["next_observations"]
        rewards = self.rewards(batch, actions).unsqueeze(1)
        policy, log_policy = self.policy(next_observations)
        output = self.atoms(self.target, next_observations, self.taus(TARGET_SAMPLES))
        discounts = batch["discounts"].unsqueeze(1)
        policy, log_policy = policy.unsqueeze(2), log_policy.unsqueeze(2)
        if self.case.value != "categorical":
            return rewards + discounts * (policy * (output - log_policy)).sum(dim=1)
        masses = policy * output.softmax(dim=2)
        atoms = support(V_MIN, V_MAX, ATOMS).to(output.dtype) - log_policy
        atoms = rewards.unsqueeze(2) + discounts.unsqueeze(2) * atoms
        return project(atoms.flatten(1), masses.flatten(1), V_MIN, V_MAX, ATOMS)

    def losses(
        self, predicted: Tensor, taus: Tensor | None, wanted: Tensor
    ) -> tuple[Tensor, Tensor]:
        """[batch, n] of the taken action, wanted [batch, m] -> losses and errors [batch]."""
        if self.case.value == "scalar":
            losses = scalar_loss(predicted, wanted, self.case.loss).squeeze(1)
            return losses, (predicted - wanted).squeeze(1).abs()
        if self.case.value == "categorical":
            losses = categorical_loss(predicted, wanted)
        else:
            taus = midpoints(QUANTILES).unsqueeze(0) if taus is None else taus
            losses = quantile_loss(predicted, taus.to(predicted.dtype), wanted)
        return losses, losses

    def action_losses(self, q: Tensor, actions: Tensor) -> Tensor:
        """DQfD's large-margin loss of the demonstrated rows, and CQL(H)'s penalty of all: [batch]."""
        losses, taken = torch.zeros_like(q[:, 0]), chosen_q(q, actions)
        if self.case.margin:
            others = MARGIN * (1 - nn.functional.one_hot(actions, q.shape[1]).to(q.dtype))
            best = (q + others).topk(2, dim=1).values[:DEMONSTRATED]
            if (best[:, 0] - best[:, 1]).min() < SMALLEST_ARGMAX_GAP:
                raise ValueError("a margin's argmax is too close to call; choose another seed")
            margins = best[:, 0] - taken[:DEMONSTRATED]
            self.met["a demonstrated action is too low"] |= bool((margins > 0).any())
            self.met["none is"] |= bool((margins == 0).any())
            losses = losses + nn.functional.pad(MARGIN_WEIGHT * margins, (0, BATCH - DEMONSTRATED))
        if self.case.cql:
            losses = losses + CQL_ALPHA * (q.logsumexp(dim=1) - taken)
        return losses

    def update(self, batch: dict[str, Tensor], actions: Tensor) -> dict[str, Tensor]:
        for network in (self.online, self.target):
            network.draw_noise(self.noise)
        wanted = self.wanted(batch, actions)
        taus = self.taus(SAMPLES)
        output = self.atoms(self.online, batch["observations"], taus)
        predicted = output[torch.arange(BATCH), actions]
        losses, errors = self.losses(predicted, taus, wanted)
        losses = losses + self.action_losses(self.expectation(output), actions)
        loss = (batch["weights"] * losses).mean() if self.case.weighted else losses.mean()
        self.optimizer.zero_grad()
        loss.backward()
        grad_norm = clip_grad_norm_(self.online.parameters(), self.case.max_grad_norm)
        self.optimizer.step()
        mean_q = chosen_q(self.expectation(output), actions).mean()
        return {"loss": loss, "mean_q": mean_q, "grad_norm": grad_norm, "errors": errors}


def scaled_log_policy(q: Tensor) -> Tensor:
    """tau log softmax(q / tau), [batch, actions]."""
    return q - MUNCHAUSEN_TAU * (q / MUNCHAUSEN_TAU).logsumexp(dim=1, keepdim=True)


def run(name: str, case: Case, dtype: torch.dtype) -> Tensors:
    rng = np.random.default_rng(case.seed)
    network = make_qnetwork(rng, case.shape).to(dtype)
    if case.munchausen:
        network.scale_outputs(MUNCHAUSEN_SCALE)
    tensors = parameters_of(network, f"{name}.initial")
    learner = Learner(case, network, NoiseStream(case.seed))
    if case.noisy or case.value == "implicit":
        tensors[f"{name}.noise_seed"] = np.array([case.seed], np.int64)
    for update in range(UPDATES):
        prefix = f"{name}.{update}"
        batch = make_batch(case, rng)
        tensors |= {f"{prefix}.{key}": to_array(tensor) for key, tensor in batch.items()}
        actions = batch.pop("actions").long()
        stats = learner.update({key: value.to(dtype) for key, value in batch.items()}, actions)
        tensors |= {f"{prefix}.{key}": to_array(tensor) for key, tensor in stats.items()}
        if (update + 1) % SYNC_EVERY_UPDATES == 0:
            learner.target.load_state_dict(learner.online.state_dict())
        if update in KEPT_UPDATES:
            tensors |= parameters_of(learner.online, f"{prefix}.online")
    missing = [what for what, met in learner.met.items() if not met]
    if missing:
        raise ValueError(f"{name}: never met: {missing}; choose another seed")
    return tensors | parameters_of(learner.target, f"{name}.{UPDATES - 1}.target")


def main() -> None:
    torch.set_num_threads(1)
    tensors: Tensors = {}
    for name, case in CASES.items():
        single, double = (run(name, case, dtype) for dtype in (torch.float32, torch.float64))
        limit = MUNCHAUSEN_ROUNDING if case.munchausen else ROUNDING
        refuse_rounding(name, single, double, limit)
        tensors |= single
    save("variants", tensors)


if __name__ == "__main__":
    main()
