"""Random streams that do not meet, as Python's environments see them: the seeds that reset() is given."""

import json
import subprocess
import sys

import gymnasium
import numpy as np
import pytest
import worlds

deepq = pytest.importorskip("deepq", reason="the Python package is not installed: its tests are SKIPPED")

SMALL = {"network_hidden_sizes": [16], "batch_size": 16}


def recording():
    """A world whose seeds are all kept, and that takes 31 bits as many simulators do."""

    class Simulator(worlds.Walk):
        seeds: list = []

        def reset(self, *, seed=None, options=None):
            if seed is not None:
                np.int32(seed)
                self.seeds.append(seed)
            return super().reset(seed=seed)

    return Simulator


@pytest.mark.parametrize("seed", [0, 7, 2**31 - 1, 2**31, 2**40])
def test_seeds_fit_into_31_bits_and_never_repeat_within_a_run(seed, tmp_path):
    world = recording()
    often = {"eval_every_env_steps": 50, "eval_episodes": 4, "eval_final_episodes": 5}
    model = deepq.DQN(world, seed=seed, n_envs=3, **often, **SMALL)
    model.learn(150).save(tmp_path / "agent")
    model.evaluate_policy(6, seed=0)
    model.evaluate_policy(6, seed=1)
    resumed = deepq.DQN.load(tmp_path / "agent", env=world)
    begun = len(world.seeds)
    resumed.learn(150)
    assert begun == 3 + 3 * 4 + 5 + 2 * 6 + 2 * 3  # copies, evaluations, chosen ones, copies of the loaded one twice
    first_copies, after_loading = world.seeds[:3], world.seeds[begun - 6 : begun]
    assert (first_copies[0] == seed) == (seed < 2**31)
    assert after_loading[:3] == first_copies  # before its state was restored
    played = first_copies + world.seeds[3 : begun - 6] + after_loading[3:] + world.seeds[begun:-5]
    assert len(set(played)) == len(played)
    assert all(0 <= s < 2**31 for s in played)


def test_runs_of_neighboring_seeds_share_no_copy():
    seeds = []
    for seed in range(4):
        world = recording()
        deepq.DQN(world, seed=seed, n_envs=8, **SMALL)
        seeds += world.seeds
    assert len(set(seeds)) == len(seeds) == 32


@pytest.mark.parametrize("refusal", [TypeError, ValueError, AssertionError, OverflowError, KeyError, RuntimeError])
@pytest.mark.parametrize("kind", ["list", "array", "number"])
def test_each_copy_of_a_vector_gets_a_seed_of_its_own(kind, refusal):
    given = []

    class Vector(gymnasium.vector.SyncVectorEnv):
        def reset(self, *, seed=None, options=None):
            if seed is not None:
                if type(seed) is not {"list": list, "array": np.ndarray, "number": int}[kind]:
                    raise refusal("unsupported seed")
                given.append(seed if kind == "number" else [int(s) for s in seed])
            return super().reset(seed=seed if kind == "number" or seed is None else given[-1], options=options)

    worlds_seeds = recording()
    deepq.DQN(worlds_seeds, seed=5, n_envs=3, **SMALL)
    deepq.DQN(Vector([worlds.Walk] * 3), seed=5, **SMALL).learn(50)
    assert given == [worlds_seeds.seeds[-1] if kind == "number" else worlds_seeds.seeds]


def test_a_vector_with_one_stream_for_all_copies_learns():
    env = gymnasium.make_vec("CartPole-v1", 3, "vector_entry_point")
    assert deepq.DQN(env, seed=1, **SMALL).learn(300).num_timesteps == 300


def test_an_error_of_a_vectors_own_reset_is_told_as_it_is():
    class Broken(gymnasium.vector.SyncVectorEnv):
        def reset(self, *, seed=None, options=None):
            raise RuntimeError("no licence left")

    with pytest.raises(deepq.Error, match="no licence left"):
        deepq.DQN(Broken([worlds.Walk] * 2), **SMALL)


def test_the_default_evaluation_is_the_runs_final_one(tmp_path):
    folder = tmp_path / "run"
    settings = {"eval_final_episodes": 7, "eval_epsilon": 0.3}
    model = deepq.DQN("CartPole-v1", seed=3, **settings, **SMALL).learn(400, folder=folder)
    final = model.summary["eval_mean_return"]
    assert model.evaluate_policy().mean_return == deepq.DQN.load(folder).evaluate_policy().mean_return == final
    assert model.evaluate_policy().episodes == 7
    done = subprocess.run([sys.executable, "-m", "deepq", "eval", str(folder), "--json"], capture_output=True, text=True)
    report = json.loads(done.stdout)
    assert (report["mean_return"], report["episodes"], report["epsilon"], report["seed"]) == (final, 7, 0.3, None)
    others = [model.evaluate_policy(seed=0), model.evaluate_policy(epsilon=0), model.evaluate_policy(seed=1)]
    assert len({record.mean_return for record in others} | {final}) == 4


@pytest.mark.parametrize("wrong", [{"seed": -1}, {"seed": 2**64}, {"epsilon": 1.5}, {"episodes": 0}])
def test_what_is_no_evaluation_is_refused(wrong):
    with pytest.raises(deepq.Error, match=f"{next(iter(wrong))} is .*; allowed: "):
        deepq.DQN("CartPole-v1", **SMALL).evaluate_policy(**wrong)
