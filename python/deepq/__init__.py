"""Deep Q-learning in C++, from Python.

    import deepq

    model = deepq.DQN("CartPole-v1", seed=0).learn(50_000)
    action, _ = model.predict(observation)
"""

from ._deepq import Error, version
from .dqn import DQN, Evaluation

__version__ = version()
__all__ = ["DQN", "Error", "Evaluation", "__version__"]
