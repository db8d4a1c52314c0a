"""The program `deepq` with Gymnasium's environments added to the library's own."""

import sys

from . import _deepq, _environments


def main() -> None:
    arguments = ["deepq", *sys.argv[1:]]
    sys.stdout.flush()
    source = (_environments.describe_id, _environments.describe_vector_id, _environments.other_ids)
    sys.exit(_deepq.run_program(arguments, *source))
