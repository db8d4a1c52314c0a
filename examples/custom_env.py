"""A user's own environment in Python: a Gymnasium environment. Here: stop a sliding puck by pushing it left or right."""

import gymnasium
import numpy as np

import deepq


class StopThePuck(gymnasium.Env):
    observation_space = gymnasium.spaces.Box(-5, 5, (2,), np.float32)  # position, speed
    action_space = gymnasium.spaces.Discrete(3)  # push left, not at all, right

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.state = np.array([self.np_random.uniform(-1, 1), 0], np.float32)
        return self.state.copy(), {}

    def step(self, action):
        self.state[1] += (action - 1) * 0.05
        self.state[0] += self.state[1]
        position = float(abs(self.state[0]))
        return self.state.copy(), -50.0 if position > 2 else -position, position > 2, False, {}


model = deepq.DQN(StopThePuck, env_max_episode_steps=100, epsilon_end=0.05, sync_every_updates=500).learn(20_000)
trained = model.evaluate_policy(20).mean_return
print(f"mean return: first episodes about -50, trained {trained:.1f}")
assert trained > -10
