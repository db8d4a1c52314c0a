"""Golden passes of recurrent layers (nn.GRU, nn.LSTM) and whole updates of recurrent DQN, float32.

Run: python tools/golden/recurrent.py   (writes tests/golden/recurrent.safetensors and
tests/golden/recurrent_updates.safetensors)

The network is hidden layers, the recurrent layer before the last of them, and a head. Inputs are
[steps, sequences, numbers], as PyTorch's recurrent layers take them. What is remembered of a
sequence is the state and, of an LSTM, the cell behind it.
"""

import copy
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils import clip_grad_norm_

from common import Tensors, refuse_rounding, save
from mlp import random_normal, to_array

ROUNDING = 5e-7
UPDATES, KEPT_UPDATES, SYNC_EVERY_UPDATES = 10, (0, 4, 9), 4
GAMMA, RESCALE_EPSILON, ETA = 0.97, 1e-3, 0.9
SMALLEST_ARGMAX_GAP = 1e-4


@dataclass(frozen=True)
class Shape:
    kind: str  # gru, lstm
    inputs: int
    hidden: tuple[int, ...]
    units: int
    actions: int
    dueling: bool = False


class RecurrentNetwork(nn.Module):
    """`layers` under the names that they have in the files."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.layers = nn.ModuleDict()
        features = shape.inputs
        *before, last = shape.hidden or (0,)
        for i, outputs in enumerate(before):
            self.layers[str(i)] = nn.Linear(features, outputs)
            features = outputs
        layer = {"gru": nn.GRU, "lstm": nn.LSTM}[shape.kind]
        self.layers["recurrent"] = layer(features, shape.units)
        features = shape.units
        if last:
            blocks = 2 if shape.dueling else 1
            self.layers[str(len(before))] = nn.Linear(features, blocks * last)
            features = last
        if shape.dueling:
            self.layers["value"] = nn.Linear(features, 1)
            self.layers["advantage"] = nn.Linear(features, shape.actions)
        else:
            self.layers[str(len(shape.hidden))] = nn.Linear(features, shape.actions)

    def forward(self, x: Tensor, before: Tensor) -> tuple[Tensor, Tensor]:
        """[steps, sequences, inputs], [sequences, memory] -> q [.., actions], memory after."""
        shape = self.shape
        for i in range(len(shape.hidden) - 1):
            x = functional.relu(self.layers[str(i)](x))
        x, after = self.remember(x, before)
        if shape.hidden:
            x = functional.relu(self.layers[str(len(shape.hidden) - 1)](x))
        if not shape.dueling:
            return self.layers[str(len(shape.hidden))](x), after
        value_features, advantage_features = x.chunk(2, dim=-1)
        advantage = self.layers["advantage"](advantage_features)
        value = self.layers["value"](value_features)
        return value + advantage - advantage.mean(dim=-1, keepdim=True), after

    def remember(self, x: Tensor, before: Tensor) -> tuple[Tensor, Tensor]:
        layer, state = self.layers["recurrent"], before.unsqueeze(0)
        if self.shape.kind == "gru":
            x, after = layer(x, state.contiguous())
            return x, after[0]
        parts = [part.contiguous() for part in state.chunk(2, dim=-1)]
        x, after = layer(x, tuple(parts))
        return x, torch.cat([part[0] for part in after], dim=-1)


def file_name(name: str) -> str:
    return name.replace("_l0", "")


def parameters_of(network: RecurrentNetwork, prefix: str) -> Tensors:
    named = network.layers.named_parameters()
    return {f"{prefix}.{file_name(name)}": to_array(parameter) for name, parameter in named}


def make_network(rng: np.random.Generator, shape: Shape) -> RecurrentNetwork:
    network = RecurrentNetwork(shape)
    for layer in network.layers.values():
        for parameter in layer.parameters():
            bound = parameter.shape[-1] ** -0.5
            parameter.data.copy_(torch.from_numpy(rng.uniform(-bound, bound, tuple(parameter.shape))))
    return network


def memory_size(shape: Shape) -> int:
    return shape.units * (2 if shape.kind == "lstm" else 1)


# A pass forwards and backwards: the loss is the sum of output * coefficients.
PASSES = {
    f"{kind}{suffix}": (steps, sequences, Shape(kind, *rest))
    for kind in ("gru", "lstm")
    for suffix, (steps, sequences, *rest) in {
        "": (6, 5, 4, (10,), 16, 3),
        "_odd": (5, 3, 3, (), 13, 2),
        "_double": (4, 7, 5, (9, 8), 33, 4),
        "_dueling": (6, 4, 4, (12, 10), 20, 3, True),
    }.items()
}


def run_pass(name: str, steps: int, sequences: int, shape: Shape, dtype: torch.dtype) -> Tensors:
    rng = np.random.default_rng(sum(map(ord, name)))
    network = make_network(rng, shape).to(dtype)
    x = random_normal(rng, steps, sequences, shape.inputs)
    before = torch.from_numpy(rng.uniform(-1, 1, (sequences, memory_size(shape)))).float()
    coefficients = random_normal(rng, steps, sequences, shape.actions) / (steps * sequences)
    output, after = network(x.to(dtype), before.to(dtype))
    (output * coefficients.to(dtype)).sum().backward()
    tensors = parameters_of(network, name)
    for key, parameter in network.layers.named_parameters():
        tensors[f"{name}.{file_name(key)}_grad"] = to_array(parameter.grad)
    meta = [steps, sequences, shape.inputs, shape.units, shape.actions, int(shape.dueling)]
    return tensors | {
        f"{name}.meta": np.array(meta, np.int64),
        f"{name}.hidden": np.array(shape.hidden or (0,), np.int64),
        f"{name}.input": to_array(x.flatten(0, 1)),
        f"{name}.before": to_array(before.flatten()),
        f"{name}.coefficients": to_array(coefficients.flatten(0, 1)),
        f"{name}.output": to_array(output.flatten(0, 1)),
        f"{name}.after": to_array(after.flatten()),
    }


@dataclass(frozen=True)
class Case:
    """Whole updates of sequences: `burn_in` steps, `length` to learn from, `n_step` behind."""

    seed: int
    kind: str
    double: bool = False
    dueling: bool = False
    rescale: bool = False
    weighted: bool = False
    n_step: int = 1
    learning_rate: float = 5e-3
    max_grad_norm: float = float("inf")
    burn_in: int = 3
    length: int = 6
    sequences: int = 4

    @property
    def steps(self) -> int:
        return self.burn_in + self.length + self.n_step

    @property
    def shape(self) -> Shape:
        return Shape(self.kind, 4, (9, 8), 12, 3, self.dueling)


CASES = {
    "gru": Case(1, "gru"),
    "lstm": Case(2, "lstm"),
    "gru_double_nstep": Case(3, "gru", double=True, n_step=3),
    "lstm_r2d2": Case(
        4,
        "lstm",
        double=True,
        dueling=True,
        rescale=True,
        weighted=True,
        n_step=5,
        learning_rate=2e-2,
        max_grad_norm=0.05,
    ),
}


def rescale(x: Tensor) -> Tensor:
    """h(x) of Pohlen et al. 2018, proposition A.2; in float64, for single precision cancels here."""
    return x.sign() * ((x.abs() + 1).sqrt() - 1) + RESCALE_EPSILON * x


def unscale(x: Tensor) -> Tensor:
    root = (1 + 4 * RESCALE_EPSILON * (x.abs() + 1 + RESCALE_EPSILON)).sqrt()
    return x.sign() * (((root - 1) / (2 * RESCALE_EPSILON)) ** 2 - 1)


def make_batch(case: Case, rng: np.random.Generator) -> dict[str, Tensor]:
    """Some sequences begin an episode and have no burn-in, some end early; rows lie step by step.

    What lies behind a sequence's end is noise that must not count.
    """
    shape, sequences = case.shape, case.sequences
    burn_in = np.where(rng.random(sequences) < 0.4, 0, case.burn_in)
    length = np.where(rng.random(sequences) < 0.4, rng.integers(1, case.length, sequences), case.length)
    rows, next_rows, of_sequence, discounts = [], [], [], []
    for s in range(sequences):
        end = burn_in[s] + length[s]
        ends_truly = rng.random() < 0.5
        whole = length[s] == case.length
        for t in range(burn_in[s], end):
            # An episode that goes on has the n steps behind its sequence; one that ends has its last state.
            after = t + case.n_step if whole else min(t + case.n_step, end)
            done = not whole and ends_truly and t + case.n_step >= end
            rows.append(t * sequences + s)
            next_rows.append(after * sequences + s)
            of_sequence.append(s)
            discounts.append(0.0 if done else GAMMA ** (after - t))
    count = len(rows)
    return {
        "observations": random_normal(rng, case.steps * sequences, shape.inputs),
        "before": torch.from_numpy(rng.uniform(-1, 1, (sequences, memory_size(shape)))).float(),
        "burn_in": torch.from_numpy(burn_in.astype(np.int64)),
        "rows": torch.tensor(rows),
        "next_rows": torch.tensor(next_rows),
        "of_sequence": torch.tensor(of_sequence),
        "actions": torch.from_numpy(rng.integers(0, shape.actions, count)),
        "rewards": random_normal(rng, count) * 3,
        "discounts": torch.tensor(discounts, dtype=torch.float32),
        "weights": torch.from_numpy(
            rng.uniform(0.1, 1, sequences) if case.weighted else np.ones(sequences)
        ).float(),
    }


def unroll(network: RecurrentNetwork, case: Case, batch: dict[str, Tensor]) -> Tensor:
    """-> q [steps * sequences, actions]. The burn-in of each sequence is passed without a gradient."""
    x = batch["observations"].unflatten(0, (case.steps, case.sequences))
    outputs: list[Tensor] = []
    for s in range(case.sequences):
        burn_in = int(batch["burn_in"][s])
        state, parts = batch["before"][s : s + 1], []
        if burn_in > 0:
            with torch.no_grad():
                part, state = network(x[:burn_in, s : s + 1], state)
            parts.append(part)
        part, _ = network(x[burn_in:, s : s + 1], state)
        outputs.append(torch.cat([*parts, part]))
    return torch.cat(outputs, dim=1).flatten(0, 1)


def run_updates(name: str, case: Case, dtype: torch.dtype) -> Tensors:
    rng = np.random.default_rng(case.seed)
    online = make_network(rng, case.shape).to(dtype)
    target = copy.deepcopy(online)
    tensors = parameters_of(online, f"{name}.initial")
    optimizer = torch.optim.Adam(online.parameters(), lr=case.learning_rate)
    differed = False
    for update in range(UPDATES):
        prefix = f"{name}.{update}"
        batch = make_batch(case, rng)
        tensors |= {f"{prefix}.{key}": to_array(tensor) for key, tensor in batch.items()}
        batch = {
            key: tensor.to(dtype) if tensor.is_floating_point() else tensor
            for key, tensor in batch.items()
        }
        rows, next_rows, of_sequence = batch["rows"], batch["next_rows"], batch["of_sequence"]
        q = unroll(online, case, batch)
        with torch.no_grad():
            q_target = unroll(target, case, batch)[next_rows]
            chooses = q.detach()[next_rows] if case.double else q_target
            best = chooses.topk(2, dim=1).values
            if (best[:, 0] - best[:, 1]).min() < SMALLEST_ARGMAX_GAP:
                raise ValueError(f"{name}: an argmax is too close to call; choose another seed")
            differed |= bool((chooses.argmax(dim=1) != q_target.argmax(dim=1)).any())
            value = q_target.gather(1, chooses.argmax(dim=1, keepdim=True)).squeeze(1)
            value = unscale(value.double()) if case.rescale else value
            wanted = batch["rewards"] + batch["discounts"] * value
            wanted = (rescale(wanted) if case.rescale else wanted).to(dtype)
        predicted = q[rows, batch["actions"]]
        errors = (predicted - wanted).abs()
        loss = (batch["weights"][of_sequence] * (predicted - wanted).square()).mean()
        optimizer.zero_grad()
        loss.backward()
        grad_norm = clip_grad_norm_(online.parameters(), case.max_grad_norm)
        optimizer.step()
        of = [errors[of_sequence == s].detach() for s in range(case.sequences)]
        priorities = torch.stack([ETA * e.max() + (1 - ETA) * e.mean() for e in of])
        stats = {
            "loss": loss,
            "mean_q": predicted.mean(),
            "grad_norm": grad_norm,
            "errors": errors,
            "priorities": priorities,
        }
        tensors |= {f"{prefix}.{key}": to_array(tensor) for key, tensor in stats.items()}
        if (update + 1) % SYNC_EVERY_UPDATES == 0:
            target.load_state_dict(online.state_dict())
        if update in KEPT_UPDATES:
            tensors |= parameters_of(online, f"{prefix}.online")
    if case.double and not differed:
        raise ValueError(f"{name}: online and target never choose differently; choose another seed")
    return tensors | parameters_of(target, f"{name}.{UPDATES - 1}.target")


def main() -> None:
    torch.set_num_threads(1)
    passes: Tensors = {}
    for name, (steps, sequences, shape) in PASSES.items():
        single, double = (
            run_pass(name, steps, sequences, shape, dtype) for dtype in (torch.float32, torch.float64)
        )
        refuse_rounding(name, single, double, ROUNDING)
        passes |= single
    save("recurrent", passes)
    updates: Tensors = {}
    for name, case in CASES.items():
        single, double = (run_updates(name, case, dtype) for dtype in (torch.float32, torch.float64))
        refuse_rounding(name, single, double, 2 * ROUNDING)
        updates |= single
    save("recurrent_updates", updates)


if __name__ == "__main__":
    main()
