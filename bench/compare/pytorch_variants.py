"""One whole update of each variant of deep Q-learning in PyTorch, on one thread: median and least time.

The sizes and settings are those of `deepq bench --variants`: 4 observations, 2 actions, 64-64 and 256-256, batch 64,
10000 stored transitions, squared error. Timed together, as one update: drawing the batch, fresh noise and fractions,
the target, the loss, its gradient, the optimiser's step, and the new priorities. Copying the target network is not
timed (it comes once in 100 updates). Each variant is timed with every form of its optimiser that the CPU has,
interleaved reading by reading: Adam and fused Adam, RAdam and foreach RAdam. The best is what to compare with.

Written for speed as far as eager PyTorch goes: no loop over samples; one pass of a network over all that it is asked;
both streams of a dueling network as one wide layer; all of a network's noise in one draw; batches drawn with
replacement. Priorities are one tensor, drawn from by torch.multinomial: with 10000 of them that took 17 us, the
running sum and searchsorted 25 us, a sum tree in NumPy 41 us and as much again for new priorities.

Sources: van Hasselt et al. 2016; Wang et al. 2016; Schaul et al. 2016; Fortunato et al. 2018; Bellemare et al. 2017;
Dabney et al. 2018 (both); Vieillard et al. 2020; Hessel et al. 2018.
"""

import argparse
import json
import math
import statistics
import time
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

STATE_SIZE, ACTION_COUNT, CAPACITY, BATCH_SIZE, GAMMA = 4, 2, 10_000, 64, 0.99
HIDDEN_SIZES = ([64, 64], [256, 256])
ATOMS, V_MIN, V_MAX = 51, -10.0, 10.0
ATOM_STEP = (V_MAX - V_MIN) / (ATOMS - 1)
QUANTILES = 50
SAMPLES, TARGET_SAMPLES, ACTION_SAMPLES, COSINES = 8, 8, 32, 64  # N, N', K and the embedding's size
NOISY_SIGMA = 0.5
TEMPERATURE, MUNCHAUSEN_ALPHA, LOG_POLICY_MIN = 0.03, 0.9, -1.0
PRIORITY_ALPHA, PRIORITY_EPSILON, IMPORTANCE_BETA = 0.6, 1e-6, 0.5
WIDTHS = {"scalar": 1, "categorical": ATOMS, "quantile": QUANTILES, "implicit": 1}
OPTIMIZERS: dict[str, tuple[type[torch.optim.Optimizer], dict[str, Any]]] = {
    "Adam": (torch.optim.Adam, {}),
    "fused Adam": (torch.optim.Adam, {"fused": True}),
    "RAdam": (torch.optim.RAdam, {}),
    "foreach RAdam": (torch.optim.RAdam, {"foreach": True}),
}


@dataclass(frozen=True)
class Variant:
    value: str = "scalar"
    double: bool = False
    dueling: bool = False
    prioritized: bool = False
    noisy: bool = False
    layer_norm: bool = False
    munchausen: bool = False
    optimizers: tuple[str, ...] = ("Adam", "fused Adam")


VARIANTS = {
    "double": Variant(double=True),
    "dueling": Variant(dueling=True),
    "prioritized": Variant(prioritized=True),
    "noisy": Variant(noisy=True),
    "layer_norm": Variant(layer_norm=True),
    "radam": Variant(optimizers=("RAdam", "foreach RAdam")),
    "munchausen": Variant(munchausen=True),
    "categorical": Variant("categorical"),
    "quantile": Variant("quantile"),
    "implicit": Variant("implicit"),
    "rainbow": Variant("categorical", double=True, dueling=True, prioritized=True, noisy=True),
}


class NoisyLinear(nn.Module):
    """Factorised noise, drawn for each block of outputs on its own."""

    def __init__(self, inputs: int, outputs: int, blocks: int = 1) -> None:
        super().__init__()
        self.blocks, self.inputs, self.block_size = blocks, inputs, outputs // blocks
        self.factor_count = blocks * inputs + outputs
        bound = inputs**-0.5
        self.weight = nn.Parameter(torch.empty(outputs, inputs).uniform_(-bound, bound))
        self.bias = nn.Parameter(torch.empty(outputs).uniform_(-bound, bound))
        self.weight_sigma = nn.Parameter(torch.full((outputs, inputs), NOISY_SIGMA * bound))
        self.bias_sigma = nn.Parameter(torch.full((outputs,), NOISY_SIGMA * bound))

    def set_noise(self, factors: Tensor) -> None:
        in_factors, self.bias_noise = factors.tensor_split((self.blocks * self.inputs,))
        out_factors = self.bias_noise.view(self.blocks, self.block_size, 1)
        self.weight_noise = (out_factors * in_factors.view(self.blocks, 1, self.inputs)).flatten(0, 1)

    def forward(self, x: Tensor) -> Tensor:
        weight = torch.addcmul(self.weight, self.weight_sigma, self.weight_noise)
        return functional.linear(x, weight, torch.addcmul(self.bias, self.bias_sigma, self.bias_noise))


class QNetwork(nn.Module):
    """States in, [batch, actions, width] out; implicit, with fractions [batch, n]: [batch, actions, n]."""

    def __init__(self, variant: Variant, hidden_sizes: list[int]) -> None:
        super().__init__()
        first, last = hidden_sizes
        linear = NoisyLinear if variant.noisy else nn.Linear
        self.implicit, self.width = variant.value == "implicit", WIDTHS[variant.value]
        body: list[nn.Module] = [linear(STATE_SIZE, first), nn.ReLU()]
        wide: list[nn.Module] = [linear(first, last), nn.ReLU()]
        if variant.layer_norm:
            body.insert(1, nn.LayerNorm(first))
            wide.insert(1, nn.LayerNorm(last))
        self.value: nn.Module | None = None
        if variant.dueling:
            wide[0] = NoisyLinear(first, 2 * last, blocks=2) if variant.noisy else nn.Linear(first, 2 * last)
            self.value = linear(last, self.width)
        if self.implicit:
            self.embedding = nn.Sequential(nn.Linear(COSINES, first), nn.ReLU())
            self.register_buffer("frequencies", math.pi * torch.arange(COSINES))
        self.body, self.wide = nn.Sequential(*body), nn.Sequential(*wide)
        self.output = linear(last, ACTION_COUNT * self.width)
        self.noisy_layers = [layer for layer in self.modules() if isinstance(layer, NoisyLinear)]

    @torch.no_grad()
    def draw_noise(self) -> None:
        counts = [layer.factor_count for layer in self.noisy_layers]
        normals = torch.randn(sum(counts))
        factors = normals.sign().mul_(normals.abs_().sqrt_())
        for layer, own in zip(self.noisy_layers, factors.split(counts)):
            layer.set_noise(own)

    def forward(self, state: Tensor, fractions: Tensor | None = None) -> Tensor:
        x = self.body(state)
        if fractions is not None:
            x = x.unsqueeze(1) * self.embedding(torch.cos(fractions.unsqueeze(2) * self.frequencies))
            return self.output(self.wide(x)).transpose(1, 2)
        x = self.wide(x)
        if self.value is None:
            return self.output(x).unflatten(1, (ACTION_COUNT, self.width))
        value_features, advantage_features = x.chunk(2, dim=1)
        advantage = self.output(advantage_features).unflatten(1, (ACTION_COUNT, self.width))
        return advantage + (self.value(value_features).unsqueeze(1) - advantage.mean(dim=1, keepdim=True))


class Replay:
    """Transitions as tensors, and their priorities."""

    def __init__(self, prioritized: bool) -> None:
        self.prioritized = prioritized
        self.states, self.next_states = (torch.rand(CAPACITY, STATE_SIZE) * 2 - 1 for _ in range(2))
        self.actions = torch.randint(ACTION_COUNT, (CAPACITY,))
        self.rewards = torch.ones(CAPACITY)
        self.discounts = torch.where(torch.arange(CAPACITY) % 20 == 0, 0.0, GAMMA)  # 0 at a true end
        self.columns = (self.states, self.actions, self.rewards, self.discounts, self.next_states)
        self.priorities, self.max_priority = torch.ones(CAPACITY), torch.tensor(1.0)

    def draw(self) -> tuple[Tensor, Tensor | None]:
        """Indices of a batch, and its weights where they are not all 1."""
        if not self.prioritized:
            return torch.randint(CAPACITY, (BATCH_SIZE,)), None
        index = torch.multinomial(self.priorities, BATCH_SIZE, replacement=True)
        drawn = self.priorities[index]
        return index, (drawn.min() / drawn).pow_(IMPORTANCE_BETA)

    def gather(self, index: Tensor) -> list[Tensor]:
        return [column.index_select(0, index) for column in self.columns]

    def set_errors(self, index: Tensor, errors: Tensor) -> None:
        priorities = errors.abs().add_(PRIORITY_EPSILON).pow_(PRIORITY_ALPHA)
        self.priorities[index] = priorities
        self.max_priority = torch.maximum(self.max_priority, priorities.max())  # for the next transition


class Learner:
    def __init__(self, variant: Variant, hidden_sizes: list[int], optimizer: str) -> None:
        self.variant = variant
        self.online, self.target = QNetwork(variant, hidden_sizes), QNetwork(variant, hidden_sizes)
        self.target.load_state_dict(self.online.state_dict())
        kind, options = OPTIMIZERS[optimizer]
        self.optimizer = kind(self.online.parameters(), lr=1e-4, **options)
        self.replay = Replay(variant.prioritized)
        self.rows = torch.arange(BATCH_SIZE)
        self.support = torch.linspace(V_MIN, V_MAX, ATOMS)
        self.fractions = ((2 * torch.arange(QUANTILES) + 1) / (2 * QUANTILES)).unsqueeze(0)  # of the quantiles

    def expectation(self, output: Tensor) -> Tensor:
        """[batch, actions, width] -> [batch, actions]."""
        if self.variant.value == "categorical":
            return output.softmax(dim=2) @ self.support
        return output.squeeze(2) if self.variant.value == "scalar" else output.mean(dim=2)

    def next_outputs(self, next_states: Tensor) -> tuple[Tensor, Tensor]:
        """Values [batch, actions] to choose the next action by, and the target network's outputs."""
        if self.variant.value == "implicit":
            outputs = self.target(next_states, torch.rand(BATCH_SIZE, ACTION_SAMPLES + TARGET_SAMPLES))
            choosing, evaluating = outputs.split((ACTION_SAMPLES, TARGET_SAMPLES), dim=2)
            return self.expectation(choosing), evaluating
        output = self.target(next_states)
        return self.expectation(self.online(next_states) if self.variant.double else output), output

    @torch.no_grad()
    def wanted(
        self, states: Tensor, actions: Tensor, rewards: Tensor, discounts: Tensor, next_states: Tensor
    ) -> Tensor:
        """What the taken action's value should be, [batch, n]; categorical: masses of the atoms."""
        if self.variant.munchausen:
            q = self.target(torch.cat((states, next_states))).squeeze(2)
            log_policy, next_log_policy = (TEMPERATURE * (q / TEMPERATURE).log_softmax(dim=1)).chunk(2)
            rewards = rewards + MUNCHAUSEN_ALPHA * log_policy[self.rows, actions].clamp_(LOG_POLICY_MIN, 0)
            policy = (next_log_policy / TEMPERATURE).exp_()
            next_value = (policy * (q[BATCH_SIZE:] - next_log_policy)).sum(dim=1)
            return torch.addcmul(rewards, discounts, next_value).unsqueeze(1)
        choosing, output = self.next_outputs(next_states)
        chosen = output[self.rows, choosing.argmax(dim=1)]
        rewards, discounts = rewards.unsqueeze(1), discounts.unsqueeze(1)
        if self.variant.value != "categorical":
            return torch.addcmul(rewards, discounts, chosen)
        return project(torch.addcmul(rewards, discounts, self.support), chosen.softmax(dim=1))

    def losses(self, states: Tensor, actions: Tensor, wanted: Tensor) -> tuple[Tensor, Tensor]:
        """Losses and errors [batch]."""
        value = self.variant.value
        fractions = torch.rand(BATCH_SIZE, SAMPLES) if value == "implicit" else None
        predicted = self.online(states, fractions)[self.rows, actions]
        if value == "scalar":
            errors = (predicted - wanted).squeeze(1)
            return errors.square(), errors
        if value == "categorical":
            losses = -(wanted * predicted.log_softmax(dim=1)).sum(dim=1)
        else:
            losses = quantile_loss(predicted, self.fractions if fractions is None else fractions, wanted)
        return losses, losses

    def update(self) -> None:
        if self.variant.noisy:
            self.online.draw_noise()
            self.target.draw_noise()
        index, weights = self.replay.draw()
        states, actions, rewards, discounts, next_states = self.replay.gather(index)
        wanted = self.wanted(states, actions, rewards, discounts, next_states)
        losses, errors = self.losses(states, actions, wanted)
        loss = losses.mean() if weights is None else (weights * losses).mean()
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        if weights is not None:
            self.replay.set_errors(index, errors.detach())


def project(atoms: Tensor, masses: Tensor) -> Tensor:
    """Atoms and their masses -> masses on the support."""
    places = (atoms - V_MIN).div_(ATOM_STEP).clamp_(0, ATOMS - 1)
    below = places.floor()
    above_fraction = places - below
    below = below.long()
    on_support = torch.zeros_like(masses).scatter_add_(1, below, masses * (1 - above_fraction))
    return on_support.scatter_add_(1, (below + 1).clamp_(max=ATOMS - 1), masses * above_fraction)


def quantile_loss(predicted: Tensor, fractions: Tensor, wanted: Tensor) -> Tensor:
    """[batch, n], [batch or 1, n], [batch, m] -> [batch]: sum over n of the mean over m."""
    estimates, goals = torch.broadcast_tensors(predicted.unsqueeze(2), wanted.unsqueeze(1))
    weights = (fractions.unsqueeze(2) - (goals < estimates.detach()).float()).abs_()
    huber = functional.huber_loss(estimates, goals, reduction="none")
    return (weights * huber).sum(dim=(1, 2)) / wanted.shape[1]


def time_variant(variant: Variant, hidden_sizes: list[int], seconds: float) -> list[dict[str, Any]]:
    """Median and least microseconds of one update for each form of the optimiser, which take turns."""
    learners = {name: Learner(variant, hidden_sizes, name) for name in variant.optimizers}
    times: dict[str, list[float]] = {name: [] for name in learners}
    for learner in learners.values():
        for _ in range(20):
            learner.update()
    deadline = time.perf_counter() + seconds * len(learners)
    while time.perf_counter() < deadline:
        for name, learner in learners.items():
            for _ in range(10):
                started = time.perf_counter_ns()
                learner.update()
                times[name].append((time.perf_counter_ns() - started) / 1000.0)
    return [
        {"optimizer": name, "median_us": round(statistics.median(own), 2), "min_us": round(min(own), 2)}
        for name, own in times.items()
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description="One update of each variant of DQN in PyTorch, timed.")
    parser.add_argument("--seconds", type=float, default=0.7, help="for each variant, size and optimiser")
    parser.add_argument("--only", choices=VARIANTS, action="append", help="this variant only; may be given again")
    parser.add_argument("--json", action="store_true", help="print one JSON line")
    args = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    rows = []
    for name in args.only or VARIANTS:
        for hidden_sizes in HIDDEN_SIZES:
            for row in time_variant(VARIANTS[name], hidden_sizes, args.seconds):
                rows.append({"variant": name, "hidden_sizes": hidden_sizes, "batch_size": BATCH_SIZE} | row)
                if not args.json:
                    times = f"median {row['median_us']:.1f} us, least {row['min_us']:.1f} us"
                    print(f"{name} {hidden_sizes} {row['optimizer']}: {times}", flush=True)
    if args.json:
        print(json.dumps({"program": "pytorch_variants", "updates": rows}))


if __name__ == "__main__":
    main()
