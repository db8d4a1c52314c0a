"""What an installed wheel does, away from the source: it learns, it finds the world again, and what goes wrong comes out as Python's exceptions."""

import sys
import tempfile

import deepq

model = deepq.DQN("CartPole-v1", learning_starts=100)
with tempfile.TemporaryDirectory() as folder:
    model.learn(2_000, folder=f"{folder}/run")
    mean = deepq.DQN.load(f"{folder}/run").evaluate_policy(5).mean_return
assert mean > 5, mean
for call, said in (
    (lambda: deepq.DQN("LunarLander-v3"), "ymnasium"),  # which comes with Gymnasium, and that is not installed
    (lambda: deepq.DQN("CartPole-v1", gamma=2.0), "gamma"),
    (lambda: deepq.DQN.load("nowhere"), "nowhere"),
):
    try:
        call()
    except Exception as error:
        assert said in str(error), error
    else:
        sys.exit(f"nothing was said of {said}")
print(f"Python {sys.version.split()[0]}: the wheel learns")
