"""deepq from Python, timed: `deepq.DQN` on the library's CartPole or Gymnasium's, or on an Atari game.

`--work native` and `gymnasium` are the textbook chapter's settings (preset chapter); `atari` is CleanRL's, as in
pytorch_atari.py, with the clock started when learning does.
"""

import argparse
import json
import time
from typing import Any

import deepq

CLEANRL: dict[str, Any] = {
    "agent.double": False,
    "agent.n_step": 1,
    "agent.loss": "mse",
    "optimizer.epsilon": 1e-8,
    "optimizer.max_grad_norm": 0,
    "target.sync_every_updates": 250,
    "replay.capacity": 10_000,
    "eval.every_env_steps": 0,
    "eval.final_episodes": 0,
    "exploration.epsilon_end": 0.01,
}


def make_model(work: str, seed: int, threads: int, warmup_steps: int) -> "deepq.DQN":
    no_eval = {"eval.every_env_steps": 0, "eval.final_episodes": 0}
    if work == "native":
        return deepq.DQN("CartPole-v1", preset="chapter", seed=seed, set=no_eval)
    if work == "gymnasium":
        import gymnasium

        return deepq.DQN(gymnasium.make("CartPole-v1"), preset="chapter", seed=seed, set=no_eval)
    warm = {"train.learning_starts_env_steps": warmup_steps - 1, "exploration.anneal_env_steps": warmup_steps}
    settings = CLEANRL | warm | {"network.threads": threads}
    return deepq.DQN("ALE/Pong-v5", preset="atari", seed=seed, set=settings)


def train(work: str, env_steps: int, warmup_steps: int, seed: int, threads: int) -> dict[str, Any]:
    model = make_model(work, seed, threads, warmup_steps)
    if warmup_steps:
        model.learn(warmup_steps)
    started = time.perf_counter()
    summary = model.learn(env_steps - warmup_steps).summary
    seconds = time.perf_counter() - started
    return {
        "program": "deepq_python",
        "work": work,
        "env_steps": summary["env_steps"],
        "updates": summary["updates"],
        "seconds": seconds,
        "warmup_steps": warmup_steps,
        "env_steps_per_second": (env_steps - warmup_steps) / seconds,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description="deepq from Python, timed.")
    parser.add_argument("--work", choices=("native", "gymnasium", "atari"), default="native")
    parser.add_argument("--env-steps", type=int, default=5000)
    parser.add_argument("--warmup-steps", type=int, default=0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=2, help="of the network, for atari")
    parser.add_argument("--json", action="store_true", help="print one JSON line")
    args = parser.parse_args()
    report = train(args.work, args.env_steps, args.warmup_steps, args.seed, args.threads)
    print(json.dumps(report) if args.json else "\n".join(f"{key}: {value}" for key, value in report.items()))


if __name__ == "__main__":
    main()
