"""The `tensorboard` package reads the event file of a run back, and it says what episodes.csv and config.toml say."""

import csv
import unittest

import program
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.util import tensor_util

SCALARS = {
    "train/return",
    "train/length",
    "train/epsilon",
    "train/loss",
    "train/mean_q",
    "train/max_abs_q",
    "train/grad_norm",
    "train/td_error_median",
    "train/td_error_p90",
    "train/learning_rate",
    "time/steps_per_second",
    "time/updates_per_second",
    "final_eval/mean_return",
    "final_eval/std_return",
    "final_eval/min_return",
    "final_eval/max_return",
    "final_eval/mean_length",
}


class TensorBoardTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        run = cls.enterClassContext(program.short_run())
        cls.event_files = list(run.glob("*tfevents*"))
        cls.events = EventAccumulator(str(run), size_guidance={"scalars": 0, "tensors": 0})
        cls.events.Reload()
        cls.config = (run / "config.toml").read_text()
        with open(run / "episodes.csv", newline="") as file:
            cls.episodes = list(csv.DictReader(file))

    def test_one_event_file(self):
        self.assertEqual(len(self.event_files), 1)

    def test_every_scalar_is_there(self):
        self.assertEqual(set(self.events.Tags()["scalars"]), SCALARS)

    def test_episodes_are_those_of_the_csv_file(self):
        self.assertEqual(len(self.episodes), 30)
        for tag, column in (("train/return", "return"), ("train/length", "length"), ("train/epsilon", "epsilon")):
            scalars = self.events.Scalars(tag)
            self.assertEqual([s.step for s in scalars], [int(e["env_steps"]) for e in self.episodes])
            for scalar, episode in zip(scalars, self.episodes):
                self.assertAlmostEqual(scalar.value, float(episode[column]), delta=1e-6 * abs(scalar.value))

    def test_wall_times_are_of_today(self):
        times = [s.wall_time for s in self.events.Scalars("train/return")]
        self.assertEqual(times, sorted(times))
        self.assertGreater(times[0], 1_700_000_000)

    def test_config_is_a_text(self):
        (text,) = self.events.Tensors("config/text_summary")
        (content,) = tensor_util.make_ndarray(text.tensor_proto).reshape(-1)
        lines = [line.removeprefix("    ") for line in content.decode().split("\n")]
        self.assertEqual("\n".join(lines), self.config)
        metadata = self.events.SummaryMetadata("config/text_summary")
        self.assertEqual(metadata.plugin_data.plugin_name, "text")


if __name__ == "__main__":
    unittest.main()
