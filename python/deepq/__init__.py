"""Deep Q-learning in C++, from Python.

    import deepq

    model = deepq.DQN("CartPole-v1", seed=0).learn(50_000)
    action, _ = model.predict(observation)
"""

from ._deepq import Error, version
from ._demonstrations import from_minari, record
from ._from_sb3 import from_sb3
from ._hooks import Callback
from .dqn import DQN, Evaluation

__version__ = version()
__all__ = ["Callback", "DQN", "Error", "Evaluation", "__version__", "from_minari", "from_sb3", "record"]
