"""Environments that say which actions are legal: the same runs, and none illegal, whoever says it and however they are stepped."""

import subprocess
import sys

import gymnasium
import numpy as np
import pytest
from gymnasium.vector import AsyncVectorEnv, AutoresetMode, SyncVectorEnv

deepq = pytest.importorskip("deepq", reason="the Python package is not installed: its tests are SKIPPED")

TABLE = {"algorithm": "q_learning", "seed": 3}
SMALL = {"network_hidden_sizes": [16], "batch_size": 16, "learning_starts": 32, "seed": 3}
ACTIONS = 3


class Doors(gymnasium.Env):
    """Eight rooms in a ring, three doors in each, of which one or two are open; a closed one cannot be taken.

    Episodes are cut off after four steps. The walk ends in room 7, where no door is open.
    """

    observation_space = gymnasium.spaces.Discrete(8)
    action_space = gymnasium.spaces.Discrete(ACTIONS)

    def open(self):
        if self.room == 7:
            return np.zeros(ACTIONS, np.int8)
        return np.array([(self.room + door) % 3 != 0 and (self.room % 2 == 0 or door > 0) for door in range(ACTIONS)], np.int8)

    def info(self):
        return {}

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.room, self.steps = int(self.np_random.integers(0, 7)), 0
        return self.room, self.info()

    def step(self, door):
        assert self.open()[door], f"door {door} is closed in room {self.room}"
        self.room, self.steps = (self.room + int(door) + 1) % 8, self.steps + 1
        return self.room, float(door), self.room == 7, self.steps == 4, self.info()


class Told(Doors):
    def info(self):
        return {"action_mask": self.open()}


class ToldUntilTheEnd(Doors):
    """Who has no doors left may say nothing."""

    def info(self):
        return {"action_mask": self.open().astype(bool)} if self.room != 7 else {}


class Asked(Doors):
    def action_masks(self):
        return self.open().tolist()


class Masker(gymnasium.Wrapper):
    def action_masks(self):
        return self.env.unwrapped.open()


WORLDS = {
    "info": Told,
    "info-until-the-end": ToldUntilTheEnd,
    "method": Asked,
    "wrapper": lambda: gymnasium.wrappers.OrderEnforcing(Masker(Doors())),
    "info-through-wrappers": lambda: gymnasium.wrappers.RecordEpisodeStatistics(gymnasium.wrappers.OrderEnforcing(Told())),
}


def weights(env, settings=SMALL, steps=200, **more):
    model = deepq.DQN(env, **settings | more).learn(steps)
    return model.summary["weights_sha256"]


@pytest.mark.parametrize("make", WORLDS.values(), ids=WORLDS.keys())
def test_it_does_not_matter_who_says_it(make):
    assert weights(make()) == weights(Told())
    assert weights(make, n_envs=2) == weights(Told, n_envs=2)


def vectors(make):
    for mode in AutoresetMode:
        yield SyncVectorEnv([make] * 2, autoreset_mode=mode)


@pytest.mark.parametrize("settings", [{}, {"n_step": 3}, {"noisy": True}, {"representation": "quantile"}], ids=str)
@pytest.mark.parametrize("make", [Told, ToldUntilTheEnd], ids=["info", "info-until-the-end"])
def test_a_vector_is_the_same_in_every_autoreset_mode(make, settings):
    hashes = {weights(vector, **settings) for vector in vectors(make)}
    assert len(hashes) == 1


def test_a_table_is_the_same_in_every_autoreset_mode():
    assert len({weights(vector, TABLE) for vector in vectors(Told)}) == 1


def test_copies_in_other_processes_are_asked_through_their_infos():
    assert weights(AsyncVectorEnv([Told] * 2)) == weights(SyncVectorEnv([Told] * 2))


def test_a_vector_of_methods():
    for mode in (AutoresetMode.NEXT_STEP, AutoresetMode.DISABLED):
        asked = weights(SyncVectorEnv([Asked] * 2, autoreset_mode=mode))
        assert asked == weights(SyncVectorEnv([Told] * 2, autoreset_mode=mode))
    with pytest.raises(deepq.Error, match="nobody says which actions were legal in its last state"):
        weights(SyncVectorEnv([Asked] * 2, autoreset_mode=AutoresetMode.SAME_STEP))


def values_of(env, **settings):
    """Of a table: what it comes to where the maximum is over the legal alone."""
    model = deepq.DQN(env, algorithm="q_learning", gamma=0.9, seed=1, **settings).learn(30_000)
    return model.q_values(np.arange(8)), model


def test_what_is_learnt_is_the_best_of_what_is_legal():
    world, wanted = Doors(), np.zeros((8, ACTIONS))
    for _ in range(200):
        for world.room in range(7):
            for door in np.flatnonzero(world.open()):
                following = (world.room + door + 1) % 8
                legal = [wanted[following, a] for a in range(ACTIONS) if _is_open(following, a)]
                wanted[world.room, door] = door + 0.9 * max(legal, default=0)
    # Values of what is never done are above all others: who looked at them would learn something else.
    for env in (Told(), SyncVectorEnv([Told] * 2, autoreset_mode=AutoresetMode.SAME_STEP)):
        learnt, _ = values_of(env, tabular_initial_value=50, set={"exploration.epsilon_end": 0.5})
        for room in range(7):
            for door in range(ACTIONS):
                if _is_open(room, door):
                    assert learnt[room, door] == pytest.approx(wanted[room, door], abs=1e-2)


def _is_open(room, door):
    world = Doors()
    world.room = room
    return bool(world.open()[door])


def test_no_environment_begins_more_episodes_than_it_would():
    class Counted(Told):
        seeds = []

        def reset(self, *, seed=None, options=None):
            self.seeds.append(seed)
            return super().reset(seed=seed)

    deepq.DQN(Counted(), **SMALL)
    assert len(Counted.seeds) == 1
    assert Counted.seeds[0] is not None


def test_what_a_first_reset_raises_is_told_where_it_is():
    class Broken(Told):
        def reset(self, **keywords):
            raise RuntimeError("the arm is stuck")

    with pytest.raises(deepq.Error, match="environment 'Broken', copy 0, reset after step 0: RuntimeError: the arm is stuck"):
        deepq.DQN(Broken(), **SMALL)


def test_who_says_nothing_is_kept_to_nothing():
    model = deepq.DQN("CartPole-v1", **SMALL)
    assert model.predict(np.zeros(4), action_masks=None) == model.predict(np.zeros(4))


class Open(Doors):
    """No door is ever closed."""

    def open(self):
        return np.ones(ACTIONS, np.int8)


class ToldOpen(Open):
    def info(self):
        return {"action_mask": self.open()}


PQN = {"preset": "pqn", "set": {"pqn.rollout_steps": 8, "pqn.minibatches": 4, "env.count": 4}, "seed": 3}
EVERY_KIND = [SMALL, PQN, *(SMALL | more for more in ({"munchausen": True}, {"noisy": True}, {"representation": "categorical"}))]


@pytest.mark.parametrize("settings", EVERY_KIND, ids=["dqn", "pqn", "munchausen", "noisy", "categorical"])
def test_where_all_is_legal_nothing_changes(settings):
    assert weights(ToldOpen, settings) == weights(Open, settings)


def test_masks_may_be_left_alone():
    with pytest.raises(deepq.Error, match="AssertionError: door . is closed in room"):
        deepq.DQN(Told(), gymnasium_action_masks=False, **SMALL).learn(100)


# ---- Copies that end at different steps, and infos that say nothing at the end.


def of_length(kind, length):
    """Who is cut off after so many steps, and truly ends in room 7."""

    class Lengthy(kind):
        def step(self, door):
            observation, reward, terminated, _, info = super().step(door)
            return observation, reward, terminated, self.steps >= length, info

    return Lengthy


@pytest.mark.parametrize("kind", [Told, ToldUntilTheEnd, Asked], ids=["info", "info-until-the-end", "method"])
def test_copies_that_end_at_different_steps(kind):
    for mode in AutoresetMode:
        if kind is Asked and mode == AutoresetMode.SAME_STEP:
            continue
        vector = SyncVectorEnv([of_length(kind, 3), of_length(kind, 5)], autoreset_mode=mode)
        model = deepq.DQN(vector, **SMALL, eval_every_env_steps=100, eval_episodes=2).learn(300)
        assert model.evaluate_policy(episodes=3).episodes == 3


class Silent(Told):
    """Says nothing at any true end: a vector of one has no masks in its infos then."""

    def info(self):
        return {"action_mask": self.open()} if self.room != 7 else {}


@pytest.mark.parametrize("mode", AutoresetMode)
def test_infos_without_any_mask(mode):
    deepq.DQN(SyncVectorEnv([Silent], autoreset_mode=mode), **SMALL).learn(300)


def test_methods_of_copies_in_other_processes():
    asked = weights(AsyncVectorEnv([Asked] * 2))
    assert asked == weights(SyncVectorEnv([Told] * 2))


def test_a_vector_s_own_method():
    class Own(SyncVectorEnv):
        def action_masks(self):
            return np.stack([env.unwrapped.open() for env in self.envs])

    model = deepq.DQN(Own([Doors] * 2), **SMALL, eval_every_env_steps=100, eval_episodes=2).learn(200)
    assert model.evaluate_policy(episodes=2).episodes == 2


class Vec:
    """In the manner of Stable-Baselines3: dones, infos of dictionaries, reset_infos."""

    metadata = {"render_modes": []}

    def __init__(self, make, count=2):
        self.envs, self.num_envs = [make() for _ in range(count)], count
        self.observation_space, self.action_space = Doors.observation_space, Doors.action_space
        self.seeds = [None] * count

    def seed(self, seed=None):
        self.seeds = [seed + i for i in range(self.num_envs)]

    def reset(self):
        begun = [env.reset(seed=seed) for env, seed in zip(self.envs, self.seeds)]
        self.reset_infos = [info for _, info in begun]
        return np.array([observation for observation, _ in begun])

    def step_async(self, actions):
        self.actions = actions

    def step_wait(self):
        observations, rewards, dones, infos = [], [], [], []
        for i, (env, action) in enumerate(zip(self.envs, self.actions)):
            observation, reward, terminated, truncated, info = env.step(int(action))
            info = dict(info) | {"TimeLimit.truncated": truncated and not terminated}
            if terminated or truncated:
                info["terminal_observation"] = observation
                observation, self.reset_infos[i] = env.reset()
            observations.append(observation), rewards.append(reward), dones.append(terminated or truncated), infos.append(info)
        return np.array(observations), np.array(rewards, np.float32), np.array(dones), infos

    def step(self, actions):
        self.step_async(actions)
        return self.step_wait()

    def close(self):
        pass


@pytest.mark.parametrize("kind", [Told, Silent], ids=["info", "info-until-the-end"])
def test_vectors_of_the_other_manner(kind):
    assert deepq.DQN(Vec(kind), **SMALL).learn(300).num_timesteps == 300


def test_a_game_is_watched(tmp_path):
    program = [sys.executable, "-m", "deepq"]
    short = ["--set", "network.hidden_sizes=8", "--set", "eval.final_episodes=0", "--quiet", "--out", tmp_path / "run"]
    subprocess.run([*program, "train", "--env", "TicTacToe-v0", "--steps", "300", *short], check=True)
    shown = subprocess.run([*program, "watch", tmp_path / "run", "--episodes", "5"], check=True, capture_output=True, text=True)
    assert shown.stdout.count("terminated") == 5


# ---- What is wrong with a mask is said, with environment, copy and step.

WRONG = {
    "no-door-is-open": (lambda self: np.zeros(3, bool), "no action is legal; allowed: at a true end alone"),
    "of-two": (lambda self: np.ones(2, bool), r"the action mask has the shape \(2,\); allowed: an array of shape \(3,\)"),
    "a-two": (lambda self: np.array([2, 1, 0]), "the action mask holds other numbers than 0 and 1"),
    "text": (lambda self: np.array(["a", "b", "c"]), "the action mask has the dtype <U1; allowed: bool, or 0 and 1"),
    "none": (lambda self: None, r"there is no action mask; allowed: info\['action_mask'\] of every state but a true end"),
}


@pytest.mark.parametrize(("wrong", "message"), WRONG.values(), ids=WRONG.keys())
@pytest.mark.parametrize("vector", [False, True], ids=["one", "vector"])
def test_what_is_no_mask_is_refused(wrong, message, vector):
    class Wrong(Told):
        def info(self):
            return {"action_mask": wrong(self) if self.steps == 2 and self.room != 7 else self.open()}

        def reset(self, **keywords):
            self.steps = 0
            return super().reset(**keywords)

    class Long(Wrong):
        def step(self, door):
            observation, reward, terminated, _, info = super().step(door)
            return observation, reward, terminated, False, info

    with pytest.raises(deepq.Error, match=r"environment 'Long', copy \d, step \d.*" + message):
        deepq.DQN(SyncVectorEnv([Long] * 2) if vector else Long(), **SMALL).learn(100)


def test_a_first_copy_alone_that_says_it_is_not_enough():
    class Sometimes(Told):
        made = 0

        def __init__(self):
            Sometimes.made += 1
            self.says = Sometimes.made == 1

        def info(self):
            return super().info() if self.says else {}

    with pytest.raises(deepq.Error, match="copy 1, reset after step 0: there is no action mask"):
        deepq.DQN(Sometimes, n_envs=2, **SMALL)


# ---- Acting.


def test_predict_chooses_among_the_legal():
    model = deepq.DQN(Told(), **SMALL).learn(100)
    for deterministic in (True, False):
        for door in range(ACTIONS):
            assert model.predict(2, action_masks=np.arange(3) == door, deterministic=deterministic)[0] == door
        masks = np.eye(3, dtype=int)[[0, 2, 1, 2] * 10]
        actions, _ = model.predict(np.arange(40) % 8, action_masks=masks, deterministic=deterministic)
        assert actions.tolist() == [0, 2, 1, 2] * 10


def test_predict_of_many_actions():
    class Wide(Told):
        action_space = gymnasium.spaces.Discrete(130)

        def open(self):
            return np.arange(130) < 2

        def step(self, door):
            return self.room, 0.0, False, False, self.info()

    model = deepq.DQN(Wide(), **SMALL)
    for action in (0, 63, 64, 127, 128, 129):
        assert model.predict(1, action_masks=np.arange(130) == action)[0] == action


def test_any_agent_takes_masks():
    model = deepq.DQN("CartPole-v1", **SMALL)
    for action in range(2):
        assert model.predict(np.zeros(4), action_masks=[action == 0, action == 1])[0] == action


@pytest.mark.parametrize(
    ("masks", "message"),
    [
        (None, r"action_masks is None, and the agent chooses among legal actions; allowed: info\['action_mask'\]"),
        ([1, 0], r"action_masks has the shape \(2,\); allowed: \(3,\)"),
        ([[1, 0, 1]], r"action_masks has the shape \(1, 3\); allowed: \(3,\)"),
        ([0, 0, 0], "action_masks allows nothing in row 0"),
        ([0, 2, 0], "action_masks holds other things than True and False, or 1 and 0"),
        (["a", "b", "c"], "action_masks holds other things"),
    ],
    ids=str,
)
def test_predict_refuses_what_is_no_mask(masks, message):
    model = deepq.DQN(Told(), **SMALL)
    with pytest.raises(deepq.Error, match=message):
        model.predict(2, action_masks=masks)


def test_it_is_saved_and_loaded(tmp_path):
    model = deepq.DQN(Told(), **SMALL).learn(100)
    model.save(tmp_path / "agent.safetensors")
    agent = deepq.DQN.load(tmp_path / "agent.safetensors")
    with pytest.raises(deepq.Error, match="action_masks is None"):
        agent.predict(1)
    assert agent.predict(1, action_masks=[0, 1, 0])[0] == 1
    agent = deepq.DQN.load(tmp_path / "agent.safetensors", env=Told())
    assert agent.evaluate_policy(episodes=5).episodes == 5
    agent.learn(50)
    with pytest.raises(deepq.Error, match="reset after step 0: there is no action mask"):
        deepq.DQN.load(tmp_path / "agent.safetensors", env=Doors()).learn(10)


def test_one_that_learnt_without_is_gone_on_with_without(tmp_path):
    class Open(Told):
        def open(self):
            return np.ones(3, np.int8)

    deepq.DQN(Open(), gymnasium_action_masks=False, **SMALL).learn(100).save(tmp_path / "agent.safetensors")
    agent = deepq.DQN.load(tmp_path / "agent.safetensors", env=Open())
    agent.learn(50)
    assert agent.predict(3)[0] in range(3)


# ---- Evaluations.


def test_evaluations_are_kept_to_it():
    for env in (Told(), SyncVectorEnv([Told] * 2), SyncVectorEnv([Told] * 2, autoreset_mode=AutoresetMode.SAME_STEP)):
        model = deepq.DQN(env, **SMALL).learn(100)
        assert model.evaluate_policy(episodes=10, epsilon=0.5).episodes == 10


def test_worlds_of_ones_own_say_it_as_gymnasiums_do():
    model = deepq.DQN("TicTacToe-v0", **SMALL)
    world = model.get_env()
    observations = world.reset()
    assert world.reset_infos[0]["action_mask"].sum() >= 8
    for _ in range(40):
        masks = np.stack(world.env_method("action_masks"))
        actions, _ = model.predict(observations, action_masks=masks)
        observations, _, dones, infos = world.step(actions)
        if not dones[0]:
            assert (infos[0]["action_mask"] == world.env_method("action_masks")[0]).all()


def test_the_program_goes_by_them(tmp_path):
    command = [sys.executable, "-m", "deepq", "train", "--env", "gymnasium:Taxi-v4", "--steps", "300", "--quiet"]
    for masked, actions in (("true", 6), ("false", 0)):
        folder = tmp_path / masked
        settings = [f"gymnasium.action_masks={masked}", "eval.final_episodes=2", "network.hidden_sizes=16"]
        subprocess.run([*command, "--out", folder, *(part for one in settings for part in ("--set", one))], check=True)
        assert deepq.DQN.load(folder)._agent.observation_space.legal_actions == actions
