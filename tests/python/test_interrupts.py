"""Ctrl-C: KeyboardInterrupt after the present step, at the first one, wherever C++ works; a user's own handler is asked."""

import json
import signal
import subprocess
import sys
import threading

import pytest

deepq = pytest.importorskip("deepq", reason="the Python package is not installed: its tests are SKIPPED")

PROGRAM = """
import os, signal, sys, threading, time
import gymnasium, numpy as np
import deepq

ready = threading.Event()
def ctrl_c():
    ready.wait()
    time.sleep(0.3)
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(8)
    os.write(1, b"still running")
    os._exit(1)
threading.Thread(target=ctrl_c, daemon=True).start()

SMALL = {"network_hidden_sizes": [16], "batch_size": 16, "seed": 0}
NATIVE, PYTHON = "MountainCar-v0", gymnasium.make("MountainCar-v0")
def native(): return deepq.DQN(NATIVE, **SMALL).learn(100)
def python(): return deepq.DQN(PYTHON, **SMALL).learn(100)
# Values of ten million observations take such a network far longer than the 0.3 s before the signal, on any machine.
def wide(): return deepq.DQN(NATIVE, network_hidden_sizes=[512, 512], batch_size=16, seed=0).learn(20)
try:
    WORK
except KeyboardInterrupt:
    print("interrupted")
"""

WORK = {
    "learning": "m = native(); ready.set(); m.learn(10**9)",
    "learning in Python's world": "m = python(); ready.set(); m.learn(10**9)",
    "evaluating": "m = native(); ready.set(); m.evaluate_policy(10**8)",
    "evaluating in Python's world": "m = python(); ready.set(); m.evaluate_policy(10**8)",
    "an evaluation of learning": (
        "m = deepq.DQN(NATIVE, eval_every_env_steps=500, eval_episodes=10**8, **SMALL); ready.set(); m.learn(10**9)"
    ),
    "an evaluation of learning in Python's world": (
        "m = deepq.DQN(PYTHON, eval_every_env_steps=500, eval_episodes=10**8, **SMALL); ready.set(); m.learn(10**9)"
    ),
    "the final evaluation": (
        "m = deepq.DQN(NATIVE, eval_final_episodes=10**8, set={'eval.final_max_env_steps': 10**12}, **SMALL); ready.set(); m.learn(400)"
    ),
    "evaluating in a callback": (
        "m = native(); ready.set(); m.learn(10**6, callback=lambda kind, record: m.evaluate_policy(10**8) and None)"
    ),
    "values of many observations": "m = wide(); x = np.zeros((10**7, 2)); ready.set(); m.q_values(x)",
    "actions for many observations": "m = wide(); x = np.zeros((10**7, 2)); ready.set(); m.predict(x)",
    "values of a loaded agent": (
        "wide().save('SAVED'); m = deepq.DQN.load('SAVED'); x = np.zeros((10**7, 2)); ready.set(); m.q_values(x)"
    ),
    "a loaded agent's evaluation": (
        "native().save('SAVED'); m = deepq.DQN.load('SAVED'); ready.set(); m.evaluate_policy(10**8)"
    ),
}


def outcome(work, tmp_path):
    program = PROGRAM.replace("WORK", work).replace("SAVED", str(tmp_path / "agent"))
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    return done.stdout.strip(), done.stderr


@pytest.mark.parametrize("work", WORK.values(), ids=WORK.keys())
def test_the_first_one_ends_it(work, tmp_path):
    assert outcome(work, tmp_path)[0] == "interrupted"


def test_an_interrupted_evaluation_is_none_and_learning_goes_on(tmp_path):
    """After an interrupted evaluation the model is whole."""
    work = "m = native(); ready.set()\n    try: m.evaluate_policy(10**8)\n    except KeyboardInterrupt: print(m.learn(100).num_timesteps)"
    assert outcome(work, tmp_path)[0] == "200"


def test_a_handler_of_ones_own_says_what_comes_of_it(tmp_path):
    """It is called at the next step; where it raises nothing, learning goes on, and a second one is asked again."""
    work = """
    hits = []
    def handler(number, frame):
        hits.append(number)
        if len(hits) == 2: raise RuntimeError("twice")
    signal.signal(signal.SIGINT, handler)
    again = lambda kind, record: os.kill(os.getpid(), signal.SIGINT) if hits and len(hits) < 2 and record["env_steps"] % 3 == 0 else None
    m = native(); ready.set()
    try: m.learn(10**8, callback=again)
    except RuntimeError as error: print(error, len(hits), signal.getsignal(signal.SIGINT) is handler)
    """
    assert outcome(work, tmp_path)[0] == "twice 2 True"


def test_in_another_thread_nothing_breaks():
    before, errors = signal.getsignal(signal.SIGINT), []

    def work():
        try:
            model = deepq.DQN("CartPole-v1", network_hidden_sizes=[16], batch_size=16).learn(500)
            model.evaluate_policy(3)
            model.q_values([[0.0] * 4] * 1000)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == [] and signal.getsignal(signal.SIGINT) is before


def test_an_interrupted_run_goes_on_as_the_unbroken_one(tmp_path):
    """The evaluation that was interrupted is played then."""
    work = (
        "m = deepq.DQN('CartPole-v1', eval_every_env_steps=500, eval_episodes=3, **SMALL)\n"
        "    e = []\n"
        "    threading.Timer(0.05, lambda: os.kill(os.getpid(), signal.SIGINT)).start()\n"
        f"    try: m.learn(40_000, folder={str(tmp_path / 'run')!r})\n"
        "    except KeyboardInterrupt: pass\n"
        "    if m.num_timesteps < 40_000: m.learn(40_000 - m.num_timesteps)\n"
        "    import json; print(json.dumps([m.num_timesteps, m.summary['weights_sha256']]))"
    )
    steps, weights = json.loads(outcome(work, tmp_path)[0])
    usual = deepq.DQN("CartPole-v1", eval_every_env_steps=500, eval_episodes=3, network_hidden_sizes=[16], batch_size=16, seed=0)
    assert steps == 40_000 and weights == usual.learn(40_000).summary["weights_sha256"]
