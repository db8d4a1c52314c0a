"""`deepq compare` reads what NumPy and TensorBoard themselves write."""

import json
import subprocess
import sys

import numpy as np
import pytest

deepq = pytest.importorskip("deepq", reason="the Python package is not installed: its tests are SKIPPED")


def compare(*arguments):
    done = subprocess.run([sys.executable, "-m", "deepq", "compare", *map(str, arguments), "--json"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def evaluations(folder, save, level):
    folder.mkdir(parents=True)
    results = level + np.arange(40, dtype=np.float64).reshape(8, 5)
    save(folder / "evaluations.npz", timesteps=np.arange(1, 9) * 500, results=results, ep_lengths=np.full((8, 5), 9))


def test_evaluations_of_stable_baselines3(tmp_path):
    for run in range(4):
        evaluations(tmp_path / f"logs/DQN_{run + 1}", np.savez, run)
    group = compare(tmp_path / "logs")["groups"][0]
    assert group["runs"] == {"": 4}
    assert group["returns"][""] == [19.5, 20.5, 21.5, 22.5]
    evaluations(tmp_path / "packed/DQN_1", np.savez_compressed, 0)
    done = subprocess.run([sys.executable, "-m", "deepq", "compare", tmp_path / "packed"], capture_output=True, text=True)
    assert done.returncode == 2 and "evaluations.npz is compressed" in done.stderr


def write_events(folder, tag, values):
    proto = pytest.importorskip("tensorboard.compat.proto.event_pb2", reason="TensorBoard is not installed")
    from tensorboard.compat.proto.summary_pb2 import Summary
    from tensorboard.summary.writer.event_file_writer import EventFileWriter

    writer = EventFileWriter(str(folder))
    for step, value in enumerate(values):
        summary = Summary(value=[Summary.Value(tag="losses/td_loss", simple_value=9), Summary.Value(tag=tag, simple_value=value)])
        writer.add_event(proto.Event(step=10 * step, summary=summary))
    writer.close()


@pytest.mark.parametrize("tag, name", [("charts/episodic_return", "CartPole-v1__dqn__{0}__170000000{0}"), ("rollout/ep_rew_mean", "DQN_{0}")])
def test_event_files(tmp_path, tag, name):
    for run in range(3):
        write_events(tmp_path / "runs" / name.format(run), tag, [run, run + 1, run + 2])
    result = compare(f"CleanRL={tmp_path / 'runs'}")
    task = "CartPole-v1" if "CartPole" in name else ""
    assert result["tasks"] == [task]
    assert result["groups"][0]["name"] == "CleanRL"
    assert result["groups"][0]["returns"][task] == [1, 2, 3]


def test_tags_and_settings_as_tensorboard_reads_them(tmp_path):
    accumulator = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator", reason="TensorBoard is not installed")
    from tensorboard.plugins.hparams.plugin_data_pb2 import HParamsPluginData

    for tags, expected in (("sb3", "rollout/ep_rew_mean"), ("cleanrl", "charts/episodic_return"), ("deepq", "train/return")):
        folder = tmp_path / tags
        model = deepq.DQN("CartPole-v1", learning_starts=50, buffer_size=500, log_tensorboard_tags=tags, set={"network.hidden_sizes": [8]})
        model.learn(600, folder=folder)
        events = accumulator.EventAccumulator(str(folder))
        events.Reload()
        assert expected in events.Tags()["scalars"]
        plugin = events.SummaryMetadata("_hparams_/session_start_info").plugin_data
        settings = HParamsPluginData.FromString(plugin.content).session_start_info.hparams
        assert plugin.plugin_name == "hparams"
        assert settings["agent.gamma"].number_value == 0.99
        assert settings["env.id"].string_value.strip("'\"") == "CartPole-v1"
        assert settings["agent.double"].bool_value is False


def test_our_own_event_files_are_read_like_our_tables(tmp_path):
    for seed in range(2):
        model = deepq.DQN("CartPole-v1", seed=seed, learning_starts=50, buffer_size=500, set={"network.hidden_sizes": [8]})
        model.learn(300, folder=tmp_path / f"ours/seed-{seed}")
        to = tmp_path / f"events/seed-{seed}"
        to.mkdir(parents=True)
        for path in (tmp_path / f"ours/seed-{seed}").glob("events*"):
            path.rename(to / path.name)
    ours, events = (compare(tmp_path / name, "--score", "last100")["groups"][0]["returns"] for name in ("ours", "events"))
    assert list(events.values()) == [pytest.approx(list(ours.values())[0], rel=1e-6)]
