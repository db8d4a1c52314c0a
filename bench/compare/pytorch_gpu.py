"""The same DQN updates in PyTorch on a GPU, and acting there: what a GPU is worth to networks of these sizes.

    python bench/compare/pytorch_gpu.py [--deepq build/release/cli/deepq] [--json]

Times are wall time for each, over a loop that waits for the GPU at its end only; acting, which must wait for the
action, waits each time, the state's way to the GPU included. "graph" is a captured CUDA graph of the same work, the
least that PyTorch can do. Everything lives on the GPU, replay too. With --deepq, its updates on one core of the same
machine are printed beside them.
"""

import argparse
import json
import subprocess
import time
from collections.abc import Callable, Iterator

import torch
from pytorch_pixels import make_works, nature_network
from pytorch_update import SHAPES, make_update, network

Work = Callable[[], None]


def captured(work: Work) -> Work:
    """The work as a CUDA graph, which one call launches whole."""
    beside = torch.cuda.Stream()
    beside.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(beside):
        for _ in range(3):
            work()
    torch.cuda.current_stream().wait_stream(beside)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        work()

    def replay(_owner: Work = work) -> None:  # the graph does not own the memory that it works on
        graph.replay()

    return replay


def microseconds(work: Work, seconds: float = 1.0) -> float:
    """The least mean of five loops."""
    means = []
    count = 20
    for attempt in range(6):  # the first warms up and finds the count
        torch.cuda.synchronize()
        started = time.perf_counter()
        for _ in range(count):
            work()
        torch.cuda.synchronize()
        mean = (time.perf_counter() - started) / count
        if attempt > 0:
            means.append(mean)
        else:
            count = max(20, int(seconds / 5 / mean))
    return round(1e6 * min(means), 1)


def acting(q_network: torch.nn.Module, state: torch.Tensor) -> Iterator[tuple[str, Work]]:
    """Choosing one action for a state in the host's memory."""
    there = state.cuda()

    def eager() -> None:
        with torch.inference_mode():
            q_network(state.to("cuda")).argmax().item()

    with torch.no_grad():
        action = torch.zeros((), dtype=torch.int64)

        def choose() -> None:
            with torch.no_grad():
                action.copy_(q_network(there).argmax())

        replay = captured(choose)

    def graph() -> None:
        there.copy_(state)
        replay()
        action.item()

    yield "eager", eager
    yield "graph", graph


def rows() -> Iterator[dict[str, object]]:
    for hidden_sizes, batch_size in SHAPES:
        what = "-".join(map(str, hidden_sizes)) + f" update, batch {batch_size}"
        for fused in (False, True):
            optimizer = "fused Adam" if fused else "Adam"
            eager = make_update(hidden_sizes, batch_size, fused, False)
            graph = captured(make_update(hidden_sizes, batch_size, fused, False, capturable=True))
            for how, work in (("eager", eager), ("graph", graph)):
                yield {"work": what, "how": f"{how}, {optimizer}", "us": microseconds(work)}
    for how, work in acting(network([64, 64]), torch.randn(1, 4, device="cpu")):
        yield {"work": "64-64 act", "how": how, "us": microseconds(work)}
    for memory_format in (torch.contiguous_format, torch.channels_last):
        form = str(memory_format).removeprefix("torch.")
        for fused in (False, True):
            optimizer = "fused Adam" if fused else "Adam"
            eager = dict(make_works(memory_format, fused))["update"]
            graph = captured(dict(make_works(memory_format, fused, capturable=True))["update"])
            for how, work in (("eager", eager), ("graph", graph)):
                yield {"work": "Nature update, batch 32", "how": f"{how}, {optimizer}, {form}", "us": microseconds(work)}
    frames = torch.randint(256, (1, 4, 84, 84), dtype=torch.uint8, device="cpu")
    for how, work in acting(nature_network(6), frames):
        yield {"work": "Nature act", "how": how, "us": microseconds(work)}


def main() -> None:
    parser = argparse.ArgumentParser(description="DQN updates and acting in PyTorch on a GPU, timed.")
    parser.add_argument("--deepq", help="the deepq program, whose own times on this machine are shown too")
    parser.add_argument("--json", action="store_true", help="print one JSON line")
    args = parser.parse_args()
    torch.manual_seed(0)
    torch.set_default_device("cuda")
    table = []
    for row in rows():
        table.append(row)
        if not args.json:
            print(f"{row['work']:28} {row['how']:40} {row['us']:10} us", flush=True)
    device = torch.cuda.get_device_name()
    if args.json:
        print(json.dumps({"program": "pytorch_gpu", "device": device, "torch": torch.__version__, "rows": table}))
        return
    print(f"{device}, PyTorch {torch.__version__}")
    for options in ([], ["--pixels"]) if args.deepq else ():
        print(subprocess.run([args.deepq, "bench", *options], check=True, capture_output=True, text=True).stdout)


if __name__ == "__main__":
    main()
