"""What docs/tracking.md shows of MLflow and Weights & Biases, run as it stands there and read back: MLflow's by its own API, wandb's offline
folder by its own records.

tools/test_tracking.sh runs these.
"""

import csv
import importlib.util
import json
import os
import struct
import subprocess
import sys
from pathlib import Path

import program
import pytest

mlflow = pytest.importorskip("mlflow", reason="MLflow is not installed: tools/test_tracking.sh tests with it")
pytest.importorskip("wandb", reason="wandb is not installed: tools/test_tracking.sh tests with it")

from wandb.proto import wandb_internal_pb2  # noqa: E402

ROOT = Path(__file__).parents[2]


def page_blocks() -> list:
    spec = importlib.util.spec_from_file_location("run_docs", ROOT / "tools" / "run_docs.py")
    run_docs = importlib.util.module_from_spec(spec)
    sys.modules["run_docs"] = run_docs  # dataclasses look there
    spec.loader.exec_module(run_docs)
    return [block for block in run_docs.blocks_of(ROOT / "docs" / "tracking.md") if block.language == "python"]


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    """The folder in which the page's snippets have run."""
    folder = tmp_path_factory.mktemp("tracking")
    run = ["train", "--preset", "dqn", "--steps", "3000", "--set", "eval.every_env_steps=1500", "eval.final_episodes=3", "--quiet"]
    program.deepq(*run, "--out", folder / "runs" / "followed")
    file, *scripts = page_blocks()
    (folder / file.file).write_text(file.text)
    assert len(scripts) == 4
    for script in scripts:
        done = subprocess.run([sys.executable, "-c", script.text], cwd=folder, capture_output=True, text=True, timeout=300, env=os.environ | {"WANDB_SILENT": "true"})
        assert done.returncode == 0, done.stderr
    return folder


def column(folder: Path, file: str, name: str) -> list[tuple[int, float]]:
    with open(folder / "runs" / "followed" / file, newline="") as rows:
        return [(int(row["env_steps"]), float(row[name])) for row in csv.DictReader(rows) if row.get("final", "0") == "0"]


def summary_of(folder: Path) -> dict:
    return json.loads((folder / "runs" / "followed" / "summary.json").read_text())


CURVES = {"episode/return": ("episodes.csv", "return"), "metrics/loss": ("metrics.csv", "loss"), "evaluation/mean_return": ("evaluations.csv", "mean_return")}


class TestMlflow:
    @pytest.fixture
    def find(self, shown, monkeypatch):
        monkeypatch.chdir(shown)  # the paths of its artifacts are relative
        mlflow.set_tracking_uri(f"sqlite:///{shown}/runs/mlflow.db")
        client = mlflow.MlflowClient()
        runs = client.search_runs([client.get_experiment_by_name("deepq").experiment_id])
        return client, {run.info.run_name: run for run in runs}

    def test_the_run_folder_is_there_whole(self, shown, find):
        client, runs = find
        run = runs["followed"]
        assert run.info.status == "FINISHED"
        assert run.data.params["agent.gamma"] == "0.99"
        assert run.data.params["train.env_steps"] == "3000"
        assert run.data.metrics["summary/eval_mean_return"] == summary_of(shown)["eval_mean_return"]
        assert run.data.metrics["final_evaluation/mean_return"] == summary_of(shown)["eval_mean_return"]
        for metric, (file, name) in CURVES.items():
            points = [(point.step, point.value) for point in client.get_metric_history(run.info.run_id, metric)]
            assert sorted(points) == column(shown, file, name)
            assert points
        assert [file.path for file in client.list_artifacts(run.info.run_id)] == ["report.html"]

    def test_so_is_what_the_callback_was_told(self, find):
        client, runs = find
        run = runs["callback"]
        for metric in ("episode/return", "metrics/loss"):
            steps = [point.step for point in client.get_metric_history(run.info.run_id, metric)]
            assert len(steps) > 10
            assert 4_000 < max(steps) <= 5_000


def records(file: Path) -> list:
    """Of an offline run: seven bytes, then LevelDB's log, blocks of 32 KiB of pieces with a checksum, a length and a kind (1 whole, 4 last)."""
    data, at, part, found = file.read_bytes(), 7, b"", []
    while at < len(data):
        if (left := 32768 - at % 32768) < 7:
            at += left
            continue
        _, length, kind = struct.unpack_from("<IHB", data, at)
        part += data[at + 7 : at + 7 + length]
        at += 7 + length
        if kind in (1, 4):
            found.append(wandb_internal_pb2.Record.FromString(part))
            part = b""
    return found


class TestWandb:
    @pytest.fixture
    def found(self, shown):
        runs = {}
        for file in shown.glob("wandb/offline-run-*/*.wandb"):
            of_file = records(file)
            (name,) = [record.run.display_name for record in of_file if record.HasField("run")]
            runs[name] = of_file
        return runs

    @staticmethod
    def curve(of_file: list, name: str) -> list[tuple[int, float]]:
        points = []
        for record in of_file:
            if record.HasField("history"):
                items = {"/".join(item.nested_key) or item.key: json.loads(item.value_json) for item in record.history.item}
                if name in items:
                    points.append((items["_step"], items[name]))
        return points

    def test_the_run_folder_is_there_whole(self, shown, found):
        of_file = found["followed"]
        for metric, (file, name) in CURVES.items():
            assert self.curve(of_file, metric) == column(shown, file, name)
        (run,) = [record.run for record in of_file if record.HasField("run")]
        assert {item.key or item.nested_key[0]: item.value_json for item in run.config.update}["agent.gamma"] == "0.99"
        summaries = [item for record in of_file if record.HasField("summary") for item in record.summary.update]
        told = {item.key or item.nested_key[0]: json.loads(item.value_json) for item in summaries}
        assert told["summary/eval_mean_return"] == summary_of(shown)["eval_mean_return"]

    def test_so_is_what_the_callback_was_told(self, found):
        steps = [step for step, _ in self.curve(found["callback"], "episode/return")]
        assert len(steps) > 10
        assert steps == sorted(steps)
        assert 4_000 < steps[-1] <= 5_000
