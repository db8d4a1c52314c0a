"""The `safetensors` package opens a checkpoint, and the checksums in it are right."""

import unittest

import numpy as np
import program
from safetensors import safe_open


def crc32c_table():
    table = []
    for value in range(256):
        for _ in range(8):
            value = (value >> 1) ^ (0x82F63B78 if value & 1 else 0)
        table.append(value)
    return table


TABLE = crc32c_table()


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = (crc >> 8) ^ TABLE[(crc ^ byte) & 255]
    return crc ^ 0xFFFFFFFF


class CheckpointTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        run = cls.enterClassContext(program.short_run())
        cls.path = sorted((run / "checkpoints").glob("checkpoint-*.safetensors"))[-1]
        with safe_open(cls.path, framework="numpy") as file:
            cls.metadata = file.metadata()
            cls.names = file.offset_keys()
            cls.tensors = {name: file.get_tensor(name) for name in cls.names}

    def test_metadata(self):
        self.assertEqual(self.metadata["format"], "deepq-checkpoint")
        self.assertEqual(self.metadata["version"], "1")

    def test_it_holds_numbers(self):
        floats = [t for t in self.tensors.values() if t.dtype == np.float32 and t.size > 0]
        self.assertTrue(floats)
        self.assertTrue(all(np.isfinite(t).all() for t in floats))

    def test_checksums(self):
        self.assertEqual(self.names[-1], "~checksums")
        content = self.path.read_bytes()
        header_size = 8 + int.from_bytes(content[:8], "little")
        parts = [content[:header_size]] + [self.tensors[name].tobytes() for name in self.names[:-1]]
        self.assertEqual(self.tensors["~checksums"].view(np.uint32).tolist(), [crc32c(part) for part in parts])


if __name__ == "__main__":
    unittest.main()
