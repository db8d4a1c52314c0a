"""Times gymnasium.make_vec of deepq's environments, Gymnasium's own and EnvPool, where it is installed: steps a second, all copies together.

    python bench/compare/vector_envs.py [--copies 16] [--rounds 7] [--json]

Interleaved: a reading of each program, one after another, in each round; the median and the range of the rounds are told. One thread,
the same random actions for all, observations as they come. Gymnasium's CartPole is its vector in NumPy, the others its SyncVectorEnv.
"""

import argparse
import json
import statistics
import time

import gymnasium
import numpy as np

import deepq.envs  # noqa: F401

IDS = ["CartPole-v1", "MountainCar-v0", "Acrobot-v1", "FrozenLake-v1", "CliffWalking-v1", "Taxi-v4"]
ENVPOOL = {"Taxi-v4": "Taxi-v3"}  # what it calls them, where that is something else
LEAST_SECONDS = 0.3


def envpool_of(id, copies):
    try:
        import envpool
    except ImportError:
        return None
    names = [name for name in (ENVPOOL.get(id, id), id.rpartition("-")[0] + "-v0") if name in envpool.list_all_envs()]
    return envpool.make(names[0], env_type="gymnasium", num_envs=copies, num_threads=1) if names else None


def steps_a_second(env, actions):
    taken, begun = 0, time.perf_counter()
    while (seconds := time.perf_counter() - begun) < LEAST_SECONDS:
        for chosen in actions:
            env.step(chosen)
        taken += len(actions) * len(actions[0])
    return taken / seconds


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--copies", type=int, default=16)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    results = {}
    for id in IDS:
        made = {
            "deepq": gymnasium.make_vec(f"deepq/{id}", num_envs=options.copies),
            "Gymnasium": gymnasium.make_vec(id, num_envs=options.copies) if id in gymnasium.registry else None,
            "EnvPool": envpool_of(id, options.copies),
        }
        programs = {name: env for name, env in made.items() if env is not None}
        count = programs["deepq"].single_action_space.n
        actions = list(np.random.default_rng(0).integers(count, size=(1_000, options.copies)))
        readings = {name: [] for name in programs}
        for env in programs.values():
            env.reset()
        for _ in range(options.rounds):
            for name, env in programs.items():
                readings[name].append(steps_a_second(env, actions))
        results[id] = {name: {"median": statistics.median(r), "least": min(r), "most": max(r)} for name, r in readings.items()}
        if not options.json:
            print(id, "  ".join(f"{name} {r['median']:,.0f} ({r['least']:,.0f} to {r['most']:,.0f})" for name, r in results[id].items()), flush=True)
    if options.json:
        print(json.dumps({"copies": options.copies, "rounds": options.rounds, "steps_a_second": results}, indent=1))


if __name__ == "__main__":
    main()
