"""One whole update of recurrent Q-learning in PyTorch, on one thread: median and least time.

The sizes are those of `deepq_micro --benchmark_filter=recurrent_update`: 4 observations, 64 units, 2 actions, batches of
32 sequences of 80 steps and one more to bootstrap from, each begun with the state that is stored with it. Timed
together: drawing the batch, the target network's pass, the online network's, the loss, its gradient, the optimiser's
step. Adam and fused Adam take turns; the better one is what to compare with. nn.GRU and nn.LSTM go through all steps in
one call, which is PyTorch's fastest way.
"""

import argparse
import statistics
import time

import torch
from torch import Tensor, nn
from torch.nn import functional

STEPS, BATCH_SIZE, UNITS, STATE_SIZE, ACTIONS, CAPACITY, GAMMA = 80, 32, 64, 4, 2, 256, 0.99


class Network(nn.Module):
    def __init__(self, kind: str) -> None:
        super().__init__()
        self.recurrent = {"gru": nn.GRU, "lstm": nn.LSTM}[kind](STATE_SIZE, UNITS)
        self.head = nn.Linear(UNITS, ACTIONS)

    def forward(self, x: Tensor, before: tuple[Tensor, ...]) -> Tensor:
        x, _ = self.recurrent(x, before[0] if len(before) == 1 else before)
        return self.head(x)


class Learner:
    def __init__(self, kind: str, fused: bool) -> None:
        self.online, self.target = Network(kind), Network(kind)
        self.target.load_state_dict(self.online.state_dict())
        self.optimizer = torch.optim.Adam(self.online.parameters(), lr=1e-4, fused=fused)
        self.observations = torch.rand(STEPS + 1, CAPACITY, STATE_SIZE) * 2 - 1
        self.actions = torch.randint(ACTIONS, (STEPS, CAPACITY, 1))
        self.rewards = torch.ones(STEPS, CAPACITY)
        self.discounts = torch.full((STEPS, CAPACITY), GAMMA)
        self.before = [torch.zeros(1, CAPACITY, UNITS) for _ in range(1 if kind == "gru" else 2)]

    def update(self) -> None:
        index = torch.randint(CAPACITY, (BATCH_SIZE,))
        observations, actions, rewards, discounts, *before = (
            column.index_select(1, index)
            for column in (self.observations, self.actions, self.rewards, self.discounts, *self.before)
        )
        with torch.no_grad():
            following = self.target(observations, tuple(before))[1:].amax(dim=2)
            wanted = torch.addcmul(rewards, discounts, following)
        predicted = self.online(observations, tuple(before))[:-1].gather(2, actions).squeeze(2)
        loss = functional.mse_loss(predicted, wanted)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()


def main() -> None:
    parser = argparse.ArgumentParser(description="One update of recurrent Q-learning in PyTorch, timed.")
    parser.add_argument("--seconds", type=float, default=3.0, help="for each kind and optimiser")
    args = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    for kind in ("gru", "lstm"):
        learners = {name: Learner(kind, name == "fused Adam") for name in ("Adam", "fused Adam")}
        times: dict[str, list[float]] = {name: [] for name in learners}
        for learner in learners.values():
            for _ in range(5):
                learner.update()
        deadline = time.perf_counter() + 2 * args.seconds
        while time.perf_counter() < deadline:
            for name, learner in learners.items():
                started = time.process_time_ns()
                learner.update()
                times[name].append((time.process_time_ns() - started) / 1000)
        for name, own in times.items():
            print(f"{kind} {name}: median {statistics.median(own):,.0f} us, least {min(own):,.0f} us", flush=True)


if __name__ == "__main__":
    main()
