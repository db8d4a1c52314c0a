"""After `load`, and for the program: a run goes on and is evaluated in its own world, or says what is missing."""

import copy
import subprocess
import sys
import tomllib

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces, wrappers
from test_evaluation_worlds import SMALL, Flip, World, box, mean

deepq = pytest.importorskip("deepq", reason="the Python package is not installed: its tests are SKIPPED")

ICE = {"agent_algorithm": "q_learning", "env_count": 1}


class Mine(World):
    pass


def run(*arguments, status=0):
    done = subprocess.run([sys.executable, "-m", "deepq", *map(str, arguments)], capture_output=True, text=True)
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout + done.stderr


def config_of(folder):
    return tomllib.loads((folder / "config.toml").read_text())


# ---- Worlds that no id makes.


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (lambda: Flip(gymnasium.make("CartPole-v1")), "Flip(CartPole-v1)"),
        (
            lambda: wrappers.TransformReward(Flip(gymnasium.make("CartPole-v1")), lambda r: -r),
            "TransformReward(Flip(CartPole-v1))",
        ),
        (lambda: wrappers.TimeLimit(Flip(gymnasium.make("CartPole-v1")), 20), "Flip(CartPole-v1)"),
        (lambda: gymnasium.make("FrozenLake-v1", desc=np.array([list("SF"), list("FG")])), "FrozenLake-v1(desc=...)"),
        (lambda: gymnasium.make_vec("CartPole-v1", 2, "sync", wrappers=[Flip]), "Flip(CartPole-v1)"),
        (lambda: wrappers.vector.ClipReward(gymnasium.make_vec("CartPole-v1", 2), 0, 1), "ClipReward(CartPole-v1)"),
        (Mine, "Mine"),
        (lambda: Flip(Mine()), "Flip(Mine)"),
        (lambda: gymnasium.vector.SyncVectorEnv([Mine, Mine]), "Mine"),
    ],
)
def test_a_world_that_no_id_makes_is_asked_for(make, name, tmp_path):
    model = deepq.DQN(make(), **SMALL).learn(60, folder=tmp_path / "run")
    assert model.summary["env"] == name == config_of(tmp_path / "run")["env"]["id"]
    loaded = deepq.DQN.load(tmp_path / "run")
    says = "unknown environment '.*': it was an object, which no id makes; give env= to load, or eval_env= to evaluate"
    for what in (lambda: loaded.evaluate_policy(1), lambda: loaded.learn(10)):
        with pytest.raises(deepq.Error, match=says) as refused:
            what()
        assert f"'{name}'" in str(refused.value)
    again = deepq.DQN.load(tmp_path / "run", env=make())
    assert again.evaluate_policy(2) == model.evaluate_policy(2)
    assert again.learn(20, folder=tmp_path / "run").num_timesteps >= 80


def test_statistics_that_are_in_no_file_are_asked_for(tmp_path):
    env = wrappers.NormalizeObservation(gymnasium.make("CartPole-v1"))
    model = deepq.DQN(env, **SMALL).learn(300)
    model.save(tmp_path / "agent")
    again = wrappers.NormalizeObservation(gymnasium.make("CartPole-v1"))
    says = "NormalizeObservation has seen nothing yet, .* in no checkpoint; set its obs_rms to what that was, or learn on first"
    loaded = deepq.DQN.load(tmp_path / "agent", env=again)
    with pytest.raises(deepq.Error, match=says):
        loaded.evaluate_policy(1)
    fresh = wrappers.NormalizeObservation(gymnasium.make("CartPole-v1"))
    with pytest.raises(deepq.Error, match=says):
        deepq.DQN.load(tmp_path / "agent", eval_env=fresh).evaluate_policy(1)
    assert loaded.learn(50).evaluate_policy(1).episodes == 1
    again = wrappers.NormalizeObservation(gymnasium.make("CartPole-v1"))
    again.obs_rms = copy.deepcopy(env.obs_rms)
    assert deepq.DQN.load(tmp_path / "agent", eval_env=again).evaluate_policy(5) == model.evaluate_policy(5)


@pytest.mark.parametrize("make", [Mine, lambda: Flip(gymnasium.make("CartPole-v1"))])
def test_the_program_says_where_such_a_run_goes_on(make, tmp_path):
    deepq.DQN(make(), **SMALL).learn(60, folder=tmp_path / "run")
    for command in ("eval", "watch", "resume"):
        said = run(command, tmp_path / "run", *(["--steps", 90] if command == "resume" else []), status=2)
        assert said.endswith("no id makes; there it is given again: deepq.DQN.load(PATH, env=...)\n")
        assert said.count("\n") == 1
    run("plot", tmp_path / "run", "--out", tmp_path / "page.html")
    run("export", tmp_path / "run", "--safetensors", tmp_path / "agent.safetensors")


def test_what_an_agent_tells_takes_no_world(tmp_path):
    model = deepq.DQN(Mine(), exploration_fraction=0.5, exploration_final_eps=0.25, **SMALL).learn(100)
    model.save(tmp_path / "agent")
    loaded = deepq.DQN.load(tmp_path / "agent")
    assert loaded.num_timesteps == 100 and loaded.exploration_rate == model.exploration_rate
    loaded.save(tmp_path / "again")
    assert (tmp_path / "again").read_bytes() == (tmp_path / "agent").read_bytes()
    assert {loaded.predict(np.zeros(3), deterministic=False)[0] for _ in range(200)} == {0, 1}
    with pytest.raises(deepq.Error, match="nowhere/agent: No such file"):
        loaded.save(tmp_path / "nowhere" / "agent")
    with pytest.raises(deepq.Error, match="give env= to load"):
        loaded.evaluate_policy(1)
    assert deepq.DQN.load(tmp_path / "agent", eval_env=Mine(length=4)).evaluate_policy(2).mean_length == 4
    with pytest.raises(deepq.Error, match="to evaluate on, Mine, has observations of 5"):
        deepq.DQN.load(tmp_path / "agent", eval_env=Mine(box(5))).evaluate_policy(1)


def test_the_steps_of_a_run_are_not_those_of_its_best_agent(tmp_path):
    keys = {"eval.every_env_steps": 500, "eval.episodes": 2, "eval.keep_best": True}
    model = deepq.DQN("CartPole-v1", seed=1, set=keys, **SMALL).learn(1_700)
    model.save(tmp_path / "agent")
    loaded = deepq.DQN.load(tmp_path / "agent")
    record = loaded.evaluate_policy(3)
    assert loaded.num_timesteps == 1_700 and record.agent_env_steps % 500 == 0
    assert record == model.evaluate_policy(3)


# ---- Arguments of make().


def test_arguments_are_given_and_kept(tmp_path):
    for how, given in (
        ("gymnasium:FrozenLake-v1", {"env_kwargs": {"is_slippery": False}}),
        (gymnasium.make("FrozenLake-v1", is_slippery=False), {}),
    ):
        folder = tmp_path / str(bool(given))
        model = deepq.DQN(how, seed=0, **given, **ICE).learn(400, folder=folder)
        assert config_of(folder)["gymnasium"]["kwargs"] == '{"is_slippery": false}'
        world = deepq.DQN.load(folder)
        world.learn(10)
        assert world.config == world.config and '{\\"is_slippery\\": false}' in world.config
        # Greedy play on dry ice does the same in each episode; on slippery ice it does not.
        assert model.evaluate_policy(30).std_return == deepq.DQN.load(folder).evaluate_policy(30).std_return == 0
        assert "standard deviation 0.0" in run("eval", folder, "--episodes", 30)
        lengths = deepq.DQN.load(folder).evaluate_policy(30)
        assert lengths.mean_length == round(lengths.mean_length)


def test_the_program_takes_arguments_too(tmp_path):
    train = ["train", "--env", "gymnasium:FrozenLake-v1", "--steps", 300, "--quiet", "--set", "eval.final_episodes=1",
             "agent.algorithm=q_learning"]  # fmt: skip
    for i, text in enumerate(('{"is_slippery": false, "map_name": "8x8"}', "is_slippery=false, map_name=8x8")):
        folder = tmp_path / str(i)
        run(*train, f"gymnasium.kwargs={text}", "--out", folder)
        assert config_of(folder)["gymnasium"]["kwargs"] == text
        model = deepq.DQN.load(folder, env=None)
        assert model.q_values(63).shape == (4,)
        assert model.learn(20).num_timesteps == 320
        run("resume", folder, "--steps", 350)
    assert "gymnasium.kwargs is '5'; allowed: " in run(*train, "gymnasium.kwargs=5", "--out", tmp_path / "x", status=2)
    said = run(*train, "gymnasium.kwargs=ice=1", "--out", tmp_path / "x", status=2)
    assert "unexpected keyword argument 'ice'" in said and said.count("\n") == 1
    native = [*train[:2], "FrozenLake-v1", *train[3:]]
    assert "gymnasium.kwargs has no effect here" in run(*native, "gymnasium.kwargs=a=1", "--out", tmp_path / "x", status=2)


@pytest.mark.parametrize(
    ("env", "kwargs", "says"),
    [
        ("FrozenLake-v1", {"desc": ["SG"]}, "'FrozenLake-v1' has no 'desc'; .*is_slippery.*'gymnasium:FrozenLake-v1'"),
        ("CartPole-v1", {"gravity": 1}, "'CartPole-v1' has no 'gravity'; allowed: hide_velocities, or .*'gymnasium:CartPole-v1'"),
        ("gymnasium:FrozenLake-v1", {"desc": np.zeros(3)}, "desc is a ndarray, which no text holds; give the environment"),
        ("gymnasium:FrozenLake-v1", {"ice": 1}, "cannot be made: TypeError: .*unexpected keyword argument 'ice'"),
        (Mine, {"length": 2}, "env_kwargs is given beside an environment"),
    ],
)
def test_arguments_that_cannot_be_taken_are_refused(env, kwargs, says):
    with pytest.raises(deepq.Error, match=says):
        deepq.DQN(env, env_kwargs=kwargs, **SMALL)


def test_arguments_of_the_librarys_own_are_its_settings():
    model = deepq.DQN("FrozenLake-v1", env_kwargs={"is_slippery": False}, **SMALL)
    assert "is_slippery = false" in model.config
    with pytest.raises(deepq.Error, match="frozen_lake.is_slippery has no effect here"):
        deepq.DQN("gymnasium:FrozenLake-v1", frozen_lake_is_slippery=False, **SMALL)


def test_a_limit_that_make_was_given_lasts(tmp_path):
    env = gymnasium.make("MountainCar-v0", max_episode_steps=30)
    deepq.DQN(env, **SMALL).learn(100, folder=tmp_path / "run")
    assert deepq.DQN.load(tmp_path / "run").evaluate_policy(1).mean_length == 30
    assert "Mean length   30.0 steps" in run("eval", tmp_path / "run", "--episodes", 1)


# ---- Another world of the same spaces.


@pytest.mark.parametrize("how", [{}, {"render_mode": "rgb_array"}])
def test_an_environment_of_the_same_spaces_is_taken(how, tmp_path, capsys):
    deepq.DQN("CartPole-v1", **SMALL).learn(200, folder=tmp_path / "run")
    env = gymnasium.make("CartPole-v1", **how)
    model = deepq.DQN.load(tmp_path / "run", env=env, verbose=1)
    assert model.evaluate_policy(1).world == "gymnasium:CartPole-v1"
    assert model.learn(100, folder=tmp_path / "run").num_timesteps == 300
    note = "note: the run was in CartPole-v1 and goes on in gymnasium:CartPole-v1, with fresh episodes"
    assert note in capsys.readouterr().out
    change = {"env_steps": 200, "key": "env.id", "from": "CartPole-v1", "to": "gymnasium:CartPole-v1"}
    assert change in model.summary["changes"]
    assert deepq.DQN.load(tmp_path / "run", env="CartPole-v1").learn(50).num_timesteps == 350


def test_other_arguments_of_the_same_id_are_part_of_the_history(tmp_path):
    first = deepq.DQN("gymnasium:FrozenLake-v1", env_kwargs={"is_slippery": False}, **SMALL)
    first.learn(60, folder=tmp_path / "run")
    model = deepq.DQN.load(tmp_path / "run", env=gymnasium.make("FrozenLake-v1"))
    model.learn(60, folder=tmp_path / "run")
    change = {"env_steps": 60, "key": "gymnasium.kwargs", "from": '{"is_slippery": false}', "to": ""}
    assert change in model.summary["changes"]
    model.learn(60, folder=tmp_path / "run")
    assert [one["key"] for one in model.summary["changes"]].count("gymnasium.kwargs") == 1


def test_the_arguments_of_an_id_are_none_of_another(tmp_path):
    first = deepq.DQN("gymnasium:FrozenLake-v1", env_kwargs={"is_slippery": False}, **SMALL)
    first.learn(60, folder=tmp_path / "run")
    for env, kwargs in (("FrozenLake-v1", ""), ("gymnasium:FrozenLake-v1", '{"is_slippery": false}')):
        model = deepq.DQN.load(tmp_path / "run", env=env).learn(20)
        assert tomllib.loads(model.config)["gymnasium"]["kwargs"] == kwargs
    goal = deepq.DQN("gymnasium:MountainCar-v0", env_kwargs={"goal_velocity": 0.01}, **SMALL).learn(60)
    goal.save(tmp_path / "goal")
    gymnasium.register("Plain-v0", entry_point=lambda: gymnasium.make("MountainCar-v0").unwrapped)
    try:
        model = deepq.DQN.load(tmp_path / "goal", env="Plain-v0").learn(20)  # takes no goal_velocity
    finally:
        del gymnasium.registry["Plain-v0"]
    change = {"env_steps": 60, "key": "gymnasium.kwargs", "from": '{"goal_velocity": 0.01}', "to": ""}
    assert change in model.summary["changes"]


def test_another_number_of_copies_is_said(tmp_path):
    deepq.DQN("CartPole-v1", **SMALL).learn(60).save(tmp_path / "agent")
    with pytest.raises(deepq.Error, match="^the environment has 3 copies; allowed: as in training, 1$"):
        deepq.DQN.load(tmp_path / "agent", env=gymnasium.make_vec("CartPole-v1", 3, "sync"))
    assert deepq.DQN.load(tmp_path / "agent", env=gymnasium.make_vec("CartPole-v1", 1, "sync")).learn(40).num_timesteps == 100


def test_an_environment_of_other_spaces_is_not(tmp_path):
    deepq.DQN("CartPole-v1", **SMALL).learn(50).save(tmp_path / "agent")
    says = "^the environment, .*, has .*; allowed: as in training, observations of 4 and 2 actions"
    for env in ("Acrobot-v1", World(), World(spaces.Discrete(4))):
        with pytest.raises(deepq.Error, match=says):
            deepq.DQN.load(tmp_path / "agent", env=env)


def test_derived_seeds_are_those_of_simulators(tmp_path):
    class Sim(Mine):
        def reset(self, *, seed=None, options=None):
            if seed is not None:
                np.int32(seed)
            return super().reset()

    deepq.DQN(Sim(), seed=0, eval_every_env_steps=50, eval_episodes=1, **SMALL).learn(200, folder=tmp_path / "run")
    deepq.DQN.load(tmp_path / "run", env=Sim()).learn(100)
    assert mean(deepq.DQN(Sim(), seed=2**40, **SMALL), 20, seed=2**63) == 1


# ---- The file that was loaded, and is read again when the agent learns on.


def test_an_agent_never_becomes_another_that_was_saved_under_its_name(tmp_path):
    file = tmp_path / "agent"
    deepq.DQN("CartPole-v1", **SMALL).learn(60).save(file)
    first, other = deepq.DQN.load(file), deepq.DQN.load(file)
    other.learn(90).save(file)
    for what in (lambda: first.save(tmp_path / "copy"), lambda: first.learn(10)):
        with pytest.raises(deepq.Error, match="agent was written anew since this agent was loaded from it"):
            what()
    assert first.num_timesteps == 60 and not (tmp_path / "copy").exists()
    first.predict(np.zeros(4, np.float32))
    assert deepq.DQN.load(file).num_timesteps == 150


def test_nor_one_whose_table_is_still_the_same(tmp_path):
    file = tmp_path / "agent"
    deepq.DQN("FrozenLake-v1", seed=0, **ICE).learn(3).save(file)
    loaded = deepq.DQN.load(file)
    deepq.DQN("FrozenLake-v1", seed=1, **ICE).learn(3).save(file)
    with pytest.raises(deepq.Error, match="agent was written anew since this agent was loaded from it"):
        loaded.learn(10)


def test_what_is_not_there_is_the_librarys_error(tmp_path):
    with pytest.raises(deepq.Error, match="there is no file or folder .*nowhere"):
        deepq.DQN.load(tmp_path / "nowhere")


@pytest.mark.parametrize("settings", [SMALL, {"agent_algorithm": "q_learning"}])
def test_a_run_that_went_on_is_still_gone_on_from_where_it_was_loaded(settings, tmp_path):
    env = "FrozenLake-v1" if "agent_algorithm" in settings else "CartPole-v1"
    deepq.DQN(env, **settings).learn(60, folder=tmp_path / "run")
    first, other = deepq.DQN.load(tmp_path / "run"), deepq.DQN.load(tmp_path / "run")
    other.learn(40, folder=tmp_path / "run")  # writes the checkpoint of step 60 anew
    with pytest.raises(deepq.Error, match="is at step 100 and this agent at step 60"):
        first.learn(40, folder=tmp_path / "run")
    assert first.learn(40, folder=tmp_path / "fork").num_timesteps == 100
    assert first.summary["weights_sha256"] == other.summary["weights_sha256"]
