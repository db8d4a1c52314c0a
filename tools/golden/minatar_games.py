"""Golden trajectories of MinAtar's five games, for the native ones.

Run: python tools/golden/minatar_games.py [game...]   (writes tests/golden/minatar_<game>.safetensors)

Without games all five are made, which takes about 20 minutes.

The package runs as it is; only its source of random numbers is replaced, by one that the library has
too. `random`: random actions. `planned`: actions found by trying them out on copies of the game, so
that later waves, levels and the refilled wall are met. `calm`: the same with neither sticky actions nor
rising difficulty. Episodes follow each other until a case has its number of steps.
"""

import copy
import sys
from collections.abc import Callable

import gymnasium
import numpy as np
from numpy.typing import NDArray

import minatar
import minatar.gym
from common import Tensors, save

SEEDS = 20
RANDOM_STEPS = 300
PLANNED_STEPS = {
    "asterix": 1200,
    "breakout": 600,
    "freeway": 600,
    "seaquest": 1500,
    "space_invaders": 1200,
}
WHOLE_FREEWAY_STEPS = 2600  # one episode of 2501 steps and the start of the next
CALM_SEEDS = 2
CALM_STEPS = 600
FULL_SEEDS = 2  # with whole observations
FULL_STEPS = 150
ACTIONS = 6
FUTURES = {"space_invaders": 24}  # the slowest game

FNV_BASIS, FNV_PRIME, MASK = 0xCBF29CE484222325, 0x100000001B3, (1 << 64) - 1

Policy = Callable[[minatar.Environment], int]


class PcgRandom:
    """What MinAtar asks of numpy.random.RandomState, answered by Generator(PCG64(seed))."""

    def __init__(self, seed: int) -> None:
        self.generator = np.random.Generator(np.random.PCG64(seed))

    def rand(self, *shape: int) -> float | NDArray:
        return self.generator.random(shape) if shape else self.generator.random()

    def randint(self, low: int, high: int | None = None, size: int | None = None) -> int | NDArray:
        return self.generator.integers(low, high, size)


def new_game(name: str, seed: int, sticky: float = 0.1, ramping: bool = True) -> minatar.Environment:
    game = minatar.Environment(name, sticky_action_prob=sticky, difficulty_ramping=ramping)
    game.random = game.env.random = PcgRandom(seed)
    game.reset()
    return game


def random_policy(seed: int) -> Policy:
    rng = np.random.default_rng(seed)
    return lambda _: int(rng.integers(ACTIONS))


def seaquest_prospect(game: object) -> float:
    """Divers are worth fetching, and air in time."""
    wants_up = game.oxygen < 70 or game.diver_count == 6
    distances = [abs(d[0] - game.sub_x) + abs(d[1] - game.sub_y) for d in game.divers]
    value = 0.5 * game.diver_count + 0.03 * min(game.oxygen, 60)
    return value - (0.2 * game.sub_y if wants_up else 0.03 * min(distances, default=0))


PROSPECTS: dict[str, Callable[[object], float]] = {
    "asterix": lambda game: 0.0,
    "breakout": lambda game: -0.5 * abs(game.ball_x - game.pos),
    "freeway": lambda game: -0.3 * game.pos,
    "seaquest": seaquest_prospect,
    "space_invaders": lambda game: 0.0,
}


def planning_policy(seed: int, name: str) -> Policy:
    """The action with the best random futures; these have other random streams than the game's own."""
    rng = np.random.default_rng(seed)
    depth, futures = 16, FUTURES.get(name, 48)

    def future(game: minatar.Environment, first: int, draws: NDArray) -> float:
        inner = copy.deepcopy(game.env, {id(game.random): PcgRandom(int(draws[-1]))})
        action, value = first, 0.0
        for step in range(depth):
            if step and draws[step] < 4 * ACTIONS:  # otherwise the action stays: one change in four steps
                action = int(draws[step]) % ACTIONS
            reward, over = inner.act(action)
            value += float(reward) * 0.97**step
            if over:
                return value - 20 + step
        return value + PROSPECTS[name](inner)

    def act(game: minatar.Environment) -> int:
        draws = rng.integers(0, 16 * ACTIONS, (futures, depth + 1))
        values = np.array([future(game, i % ACTIONS, draws[i]) for i in range(futures)]).reshape(-1, ACTIONS)
        best_half = np.sort(values, axis=0)[len(values) // 2 :]
        return int(np.argmax(best_half.mean(0)))

    return act


def record(game: minatar.Environment, policy: Policy, steps: int, full_steps: int = 0) -> Tensors:
    """One case; tests/golden/README.md says what the tensors hold."""
    digest = FNV_BASIS

    def absorb(data: bytes) -> None:
        nonlocal digest
        for byte in data:
            digest = ((digest ^ byte) * FNV_PRIME) & MASK

    played, digests, observations = bytearray(), bytearray(), []
    absorb(np.packbits(game.state()).tobytes())
    for step in range(steps):
        action = policy(game)
        reward, over = game.act(action)
        assert 0 <= reward < 16
        packed = np.packbits(game.state())
        absorb(packed.tobytes() + bytes([reward, over]))
        played.append(action | int(reward) << 3 | int(over) << 7)
        digests += (digest & 0xFFFF).to_bytes(2, "little")
        if step < full_steps:
            observations.append(packed)
        if over:
            game.reset()
            absorb(np.packbits(game.state()).tobytes())
    tensors: Tensors = {
        "steps": np.frombuffer(bytes(played), np.uint8),
        "digests": np.frombuffer(bytes(digests), np.uint8),
    }
    if observations:
        tensors["observations"] = np.array(observations)
    return tensors


def check_registration(name: str) -> None:
    """What the native specs take over from the package's registration with Gymnasium."""
    for version, actions in (("v0", list(range(ACTIONS))), ("v1", minatar.Environment(name).minimal_action_set())):
        spec = gymnasium.spec(f"MinAtar/{name.title().replace('_', '')}-{version}")
        assert spec.max_episode_steps is None
        assert minatar.gym.BaseEnv(**spec.kwargs).action_set == actions


def main() -> None:
    minatar.gym.register_envs()
    for name in sys.argv[1:] or PLANNED_STEPS:
        check_registration(name)
        minimal = minatar.Environment(name).minimal_action_set()
        tensors: Tensors = {"minimal_actions": np.array(minimal, np.int32)}
        runs: dict[str, tuple[minatar.Environment, Policy, int, int]] = {}
        for seed in range(SEEDS):
            full = FULL_STEPS if seed < FULL_SEEDS else 0
            runs[f"random.{seed}"] = (new_game(name, seed), random_policy(1000 + seed), RANDOM_STEPS, full)
            steps = WHOLE_FREEWAY_STEPS if name == "freeway" and seed == 0 else PLANNED_STEPS[name]
            runs[f"planned.{seed}"] = (new_game(name, seed), planning_policy(2000 + seed, name), steps, 0)
        for seed in range(CALM_SEEDS):
            game = new_game(name, seed, sticky=0.0, ramping=False)
            runs[f"calm.{seed}"] = (game, planning_policy(3000 + seed, name), CALM_STEPS, 0)
        levels = []
        rewards = {"random": 0, "planned": 0, "calm": 0}
        for case, (game, policy, steps, full) in runs.items():
            recorded = record(game, policy, steps, full)
            rewards[case.split(".")[0]] += int((recorded["steps"] >> 3 & 15).sum())
            levels.append(game.env.difficulty_ramp() or 0)
            tensors |= {f"{case}.{key}": tensor for key, tensor in recorded.items()}
        print(f"{name}: rewards in all {rewards}, highest last level {max(levels)}")
        save(f"minatar_{name}", tensors)


if __name__ == "__main__":
    main()
