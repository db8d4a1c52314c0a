"""Golden model of Stable-Baselines3: a small DQN as its save() writes it, and what it chooses.

Run: python tools/golden/stable_baselines.py   (writes tests/golden/sb3_dqn.zip and sb3_dqn.json)
with the packages of tests/python/stable_baselines.txt.

Of its settings only those are kept that deepq.from_sb3 reads, and the optimiser's state is left out: the rest holds
pickled code with the paths of the machine that made it.
"""

import io
import json
import zipfile
from pathlib import Path

import gymnasium
import numpy as np
import torch
from stable_baselines3 import DQN

GOLDEN = Path(__file__).resolve().parents[2] / "tests" / "golden"
KEPT = (
    "learning_rate buffer_size learning_starts batch_size tau gamma train_freq gradient_steps target_update_interval "
    "exploration_initial_eps exploration_final_eps exploration_fraction max_grad_norm seed policy_kwargs"
).split()


def main() -> None:
    settings = {"learning_rate": 2e-3, "buffer_size": 5000, "learning_starts": 40, "batch_size": 16, "train_freq": (8, "step"), "seed": 3}
    model = DQN("MlpPolicy", gymnasium.make("CartPole-v1"), policy_kwargs={"net_arch": [8, 6]}, target_update_interval=50, **settings)
    model.learn(400)
    saved = io.BytesIO()
    model.save(saved)
    with zipfile.ZipFile(saved) as whole, zipfile.ZipFile(GOLDEN / "sb3_dqn.zip", "w") as kept:
        data = json.loads(whole.read("data"))
        for name, content in (("data", json.dumps({key: data[key] for key in KEPT})), ("policy.pth", whole.read("policy.pth"))):
            kept.writestr(zipfile.ZipInfo(name), content)
    # As many for each action, of many: a network that has hardly learnt nearly always does the same.
    many = np.random.default_rng(0).uniform(-3, 3, (20_000, 4)).astype(np.float32)
    chosen, _ = model.predict(many, deterministic=True)
    observations = np.concatenate([many[chosen == action][:20] for action in (0, 1)])
    with torch.no_grad():
        values = model.q_net(torch.from_numpy(observations)).numpy()
    actions, _ = model.predict(observations, deterministic=True)
    if actions.sum() != 20:
        raise ValueError("it nearly always does the same; choose another seed")
    told = {"observations": observations.tolist(), "q_values": values.tolist(), "actions": actions.tolist()}
    (GOLDEN / "sb3_dqn.json").write_text(json.dumps(told) + "\n")


if __name__ == "__main__":
    main()
