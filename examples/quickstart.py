"""Trains an agent on CartPole, then loads it from its folder and lets it act. Where it is run again it learns on."""

import sys
from pathlib import Path

import numpy as np

import deepq

folder = Path(sys.argv[1] if len(sys.argv) > 1 else "runs/quickstart-python")
if folder.exists():
    model = deepq.DQN.load(folder)
else:
    model = deepq.DQN("CartPole-v1", preset="cartpole", seed=0, verbose=1)
model.learn(30_000, folder=folder)
print("mean return of 100 greedy episodes:", model.evaluate_policy(100).mean_return)

agent = deepq.DQN.load(folder)
action, _ = agent.predict(np.array([0.01, 0.0, 0.05, 0.0]))  # the pole leans to the right
print("action:", action)  # 1 pushes to the right
