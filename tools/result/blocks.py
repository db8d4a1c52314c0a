"""The blocks of README, docs/results.md and docs/chapter.md that are made of stored results: each is a function of them."""

import statistics

from result.data import Results, interval
from result.lab import capital, paragraph

EARLIER = "†"


def score(value: float) -> str:
    """One decimal, and three significant digits of what is small."""
    return f"{value:.3g}" if 0 < abs(value) < 0.1 else f"{value:.1f}"


def whole(value: float) -> str:
    return f"{value:,.0f}"


def with_interval(part: dict | tuple, text=score) -> str:
    value, low, high = (part[key] for key in ("value", "low", "high")) if isinstance(part, dict) else part
    return f"{text(value)} [{text(low)}, {text(high)}]"


def listed(head: list[str], rows: list[list[str]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)] + ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines).replace("|  |", "| |")


def of(row: dict, key: str) -> list[float]:
    return [run[key] for run in row["runs"] if run[key] is not None]


def seeds(row: dict) -> str:
    numbers = [run["seed"] for run in row["runs"]]
    return f"{numbers[0]} to {numbers[-1]}" if len(numbers) > 1 else str(numbers[0])


def made(row: dict) -> str:
    """Of a build that is no more, where nothing was made again since."""
    if row.get("earlier"):
        return f"{row['date']} {EARLIER}"
    return f"{row['date']}, {row['commit']}, {row['engine']}"


def where(row: dict) -> str:
    return f"{row['machine'][0].upper()}{row['machine'][1:]}, {row['date']}, commit {row['commit']}, {row['engine']} kernels"


def note_of(rows: list[dict]) -> str:
    reasons = sorted({row["earlier"] for row in rows if row.get("earlier")})
    return "".join("\n\n" + paragraph(f"{EARLIER} {reason}") for reason in reasons)


def fraction(row: dict, reached: float) -> str:
    return f"{sum(value >= reached for value in of(row, 'final'))} of {len(row['runs'])}"


def chapter(results: Results) -> str:
    row, other = results.group("chapter"), results.group("chapter-pytorch")

    def line(title: str, key: str, with_range: bool = False) -> list[str]:
        values = of(row, key)
        least = f", {whole(min(values))} to {whole(max(values))}" if with_range else ""
        return [title, with_interval(interval(values), whole) + least, other[key]]

    rows = [line("first episode past a mean of 195", "solved", True), line("best mean of 100 episodes", "best_100"),
            line("mean of the last 100 episodes", "last_100"),
            [f"greedy evaluation afterwards, {row['final_episodes']:.0f} episodes", with_interval(row["mean"], whole), "not measured"],
            ["seconds of training", with_interval(interval(of(row, "seconds"))), other["seconds"]]]
    head = [f"{row['runs'][0]['episodes']} episodes", f"deepq, seeds {seeds(row)}", f"the chapter's PyTorch program, seeds {other['seeds']}"]
    text = f"deepq: {where(row)}. {len(of(row, 'solved'))} of {len(row['runs'])} seeds solve the task. PyTorch: {other['source']}"
    return listed(head, rows) + "\n\n" + paragraph(text)


def cartpole(results: Results) -> str:
    row = results.group("cartpole")
    steps, episode, seconds = of(row, "steps"), of(row, "solved"), of(row, "seconds")
    text = (f"{len(episode)} of {len(row['runs'])} seeds ({seeds(row)}) pass a mean of 195 over 100 episodes, at episode "
            f"{with_interval(interval(episode), whole)} ({min(episode)} to {max(episode)}), and {fraction(row, 500)} score 500.0 in each of "
            f"{row['final_episodes']:.0f} greedy evaluation episodes, which are not among the 500 that ended training. Training took "
            f"{with_interval(interval(steps), whole)} environment steps ({min(steps):,} to {max(steps):,}) and "
            f"{with_interval(interval(seconds))} seconds ({min(seconds)} to {max(seconds)}) without evaluations. {where(row)}. "
            f"The settings were chosen on seeds 1000 to 1029, not on these.")
    return paragraph(text)


def cartpole_in_short(results: Results) -> str:
    row = results.group("cartpole")
    return paragraph(f"{len(of(row, 'solved'))} of {len(row['runs'])} seeds do, and {fraction(row, 500)} then score 500.0 in each of "
                     f"{row['final_episodes']:.0f} greedy episodes ([results](results.md#cartpole-that-stays-solved)).")


FAMILY = [("pqn", "`pqn`", "488.7 +- 16.1 (CleanRL DQN), 500.0 (RL Zoo DQN)"),
          ("acrobot", "`acrobot`", "-91.5 +- 7.2 (CleanRL), -76.6 +- 11.8 (RL Zoo DQN), -69.1 +- 10.0 (RL Zoo QR-DQN)"),
          ("mountaincar", "`mountaincar`", "-195 +- 8.5 (CleanRL), -100.8 +- 9.9 (RL Zoo DQN), -106.0 +- 15.5 (RL Zoo QR-DQN)"),
          ("minatar-pqn", "`minatar-pqn`", ""),
          ("minatar-pqn-si", "`minatar-pqn --env MinAtar/SpaceInvaders-v1`", ""),
          ("minatar", "`minatar` (DQN)", ""),
          ("minatar-si", "`minatar --env MinAtar/SpaceInvaders-v1`", ""),
          ("minatar-rainbow", "`minatar-rainbow`", ""),
          ("minatar-rainbow-si", "`minatar-rainbow --env MinAtar/SpaceInvaders-v1`", "")]
CURVES = ["minatar-pqn", "minatar-pqn-si", "minatar", "minatar-si", "minatar-rainbow", "minatar-rainbow-si"]


def family(results: Results) -> str:
    rows, found = [], []
    for name, preset, published in FAMILY:
        row = results.group(name)
        found.append(row)
        if row["runs"]:
            final, seconds = of(row, "final"), of(row, "seconds")
            worst, best, count, steps = min(final), max(final), len(final), whole(statistics.median(of(row, "steps")))
            time = f"{statistics.median(seconds):.3g} (at most {max(seconds):.3g})"
        else:
            worst, best, count, steps, time = row["worst"], row["best"], row["seeds"], whole(row["steps"]), row["seconds"]
        rows.append([row["env"], preset, str(count), with_interval(row["iqm"]),
                     f"{score(row['mean']['value'])}, {score(worst)} to {score(best)}", steps, time, published, made(row)])
    head = ["task", "preset", "seeds", "IQM [95%]", "mean, worst to best", "steps", "seconds a seed, median", "published", "made"]
    return listed(head, rows) + note_of(found)


def family_curves(results: Results) -> str:
    rows, found = [], []
    for name in CURVES:
        row = results.group(name)
        found.append(row)
        curve = [statistics.fmean(values) for values in zip(*[run["curve"]["returns"] for run in row["runs"]])] or row["curve_mean"]
        count = len(row["runs"]) or row["seeds"]
        rows.append([f"{row['env'].split('/')[1].removesuffix('-v1')}, `{row['preset']}`, {count} seeds{' ' + EARLIER if row.get('earlier') else ''}"]
                    + [score(value) for value in curve])
    return listed(["steps, in 100,000"] + [str(i) for i in range(1, 11)], rows) + note_of(found)


def axes(results: Results) -> str:
    data = results.training("axes")
    rows = [[f"`{row['name']}`", with_interval(row["iqm"], whole), with_interval(row["mean"], whole), f"{len(of(row, 'solved'))} of {len(row['runs'])}"]
            for row in data["groups"]]
    decided, pairs = data["compared"]["decided"], data["compared"]["pairs"]
    told = "; ".join(f"{pair['verdict'].partition(' (')[0]} (adjusted p {pair['adjusted_p']})" for pair in decided) or "none"
    count = len(data["groups"][0]["runs"])
    text = (f"{where(data | data['groups'][0])}. Greedy evaluation of {data['groups'][0]['final_episodes']:.0f} episodes of the last network, none picked. "
            f"The permutation test tells {len(decided)} of the {pairs} pairs apart: {told}. About the others {count} seeds decide nothing.")
    return paragraph(text) + "\n\n" + listed(["preset", "IQM [95%]", "mean [95%]", "seeds that passed 195"], rows)


def lander(results: Results) -> str:
    row = results.group("lander")
    rows = []
    for first in range(0, len(row["runs"]), 10):
        part = row["runs"][first:first + 10]
        rows.append([f"{part[0]['seed']} to {part[-1]['seed']}", ", ".join(score(run["final"]) for run in part),
                     f"{sum(run['final'] > 200 for run in part)} of {len(part)}"])
    text = (f"**Mean of the {len(row['runs'])}: {with_interval(row['mean'])}, IQM {with_interval(row['iqm'])}**; the aim is 200 by eight of ten. "
            f"{where(row)}.")
    return listed(["seeds", "returns", "above 200"], rows) + "\n\n" + paragraph(text)


def readme_family(results: Results) -> str:
    parts = []
    for name in ("cartpole", "pqn"):
        row = results.group(name)
        parts.append(f"`{name}` ends at 500.0 on {fraction(row, 500)} seeds, after {statistics.median(of(row, 'steps')):,.0f} steps in "
                     f"{statistics.median(of(row, 'seconds')):.1f} seconds")
    return paragraph(f"{'; '.join(parts)} (medians over the seeds, on a machine with other load).")


def connect_four(results: Results) -> str:
    row = results.group("connect-four")
    games = row["games"]

    def line(title: str, key: str) -> list[str]:
        found = [run[key] for run in row["runs"]]
        return [title] + [f"{won} won, {drawn} drawn, {lost} lost" for won, drawn, lost in found] + [
            with_interval(interval([100 * won / games for won, _, _ in found])) + "%"]

    head = ["opponent"] + [f"seed {run['seed']}" for run in row["runs"]] + ["won [95%]"]
    text = (f"{where(row)}; {row['steps']:,} steps took {min(of(row, 'seconds')):.0f} to {max(of(row, 'seconds')):.0f} seconds on a core that other "
            f"work shared. The settings were chosen on seed {row['chosen_on']}.")
    return listed(head, [line("moves at random", "random"), line("minimax, four moves ahead", "minimax")]) + "\n\n" + paragraph(text)


MEMORY = [("t-maze", "TMaze-v0, 50 steps", "preset `t-maze`: GRU", 3.9), ("t-maze-blind", "the same", "without memory", 3.9),
          ("r2d2", "CartPole-v1 without velocities", "preset `r2d2`: LSTM", 450)]


def memory(results: Results) -> str:
    rows, found = [], []
    for name, task, agent, wanted in MEMORY:
        row = results.group(name)
        found.append(row)
        steps = of(row, "steps")
        rows.append([task, agent, with_interval(row["mean"]), f"{score(min(of(row, 'final')))} to {score(max(of(row, 'final')))}",
                     f"{fraction(row, wanted)} at {wanted} or more", f"{whole(statistics.median(steps))} (at most {max(steps):,})"])
    head = ["task", "agent", "mean return of ten seeds [95%]", "worst to best", "aim", "steps, median"]
    return listed(head, rows) + "\n\n" + paragraph(f"{where(found[0])}. Evaluations of {found[0]['final_episodes']:.0f} greedy episodes.")


def games(row: dict) -> str:
    mean, *ends = row["runs"][0]["games"]
    return score(mean) + (f", {ends[0]} to {ends[1]}" if ends else "")


def pong_pqn(results: Results) -> str:
    data = results.training("pong-pqn")
    rows = [[row["name"]] + [score(value) for value in row["runs"][0]["curve"]["returns"]] + [games(row), made(row)] for row in data["groups"]]
    at = data["groups"][0]["runs"][0]["curve"]["at"]
    return listed(["seed"] + [f"{x:,} steps" for x in at] + ["30 games", "made"], rows) + note_of(data["groups"])


def readme_pong(results: Results) -> str:
    rows = results.training("pong-pqn")["groups"]
    before = [row["runs"][0]["games"][0] for row in rows if row.get("earlier")]
    now = [row["runs"][0]["games"][0] for row in rows if not row.get("earlier")]
    solved = [mean for mean in before if mean >= 18]
    return paragraph(f"Pong from pixels, no GPU: PQN's 1.5 million steps take [{rows[0]['minutes']} minutes on two cores]"
                     f"(docs/results.md#pong-from-pixels-in-minutes). On {rows[0]['date']} {len(solved)} of {len(before)} seeds then scored {min(solved)} to "
                     f"{max(solved)} over 30 whole games; since the worlds' random streams changed, {len(now)} seeds were run, which scored "
                     f"{' and '.join(score(mean) for mean in now)}.")


def evaluations(name: str):
    def block(results: Results) -> str:
        row = results.group(name)
        run = row["runs"][0]
        table = listed(["steps, in 100,000"] + [f"{x / 100_000:.0f}" for x in run["curve"]["at"]], [["mean score"] + [score(value) for value in run["curve"]["returns"]]])
        text = f"**30 whole games afterwards: mean {score(run['games'][0])}, {run['games'][1]} to {run['games'][2]}.** {row['machine']}, {made(row)}."
        return paragraph(text) + "\n\n" + table + note_of([row])
    return block


def time_limit_values(results: Results) -> str:
    names = {"terminal-100": "the chapter's rule", "bootstrap-100": "bootstrapped", "bootstrap-100-all-kept": "bootstrapped, replay keeps all",
             "bootstrap-100-double": "bootstrapped, double", "bootstrap-100-small-step": "bootstrapped, step size 0.0001",
             "bootstrap-100-slow-target": "bootstrapped, a copy every 250 updates", "bootstrap-500": "limit 500, bootstrapped"}
    table = results.lab["time-limits"]["tables"][0]
    cells = {row[0]: row[1:5] for row in table["rows"]}
    # Reports name the settings since 2026-11-29 as their pages do: "limit 100, bootstrapped".
    found = [next(cells[key] for key in (name, title, f"limit 100, {title}") if key in cells) for name, title in names.items()]
    return listed(["setting"] + table["columns"][1:5], [[title] + row for title, row in zip(names.values(), found, strict=True)])


def copied_at_every_step(results: Results) -> str:
    """What a copy every 100 updates has over one at each: the second conceptual question."""
    checks = [check for check in results.lab["target-network"]["checks"] if check["statement"].startswith("with C = 100")]
    return "\n".join(paragraph(f"{capital(check['statement'])}: **{check['answer']}**.", "- ") for check in checks)


def null(results: Results) -> str:
    data = results.training("lab-null")
    text = f"Commit {data['commit']}, {data['date']}."
    return listed(data["columns"], [[row["name"]] + row["cells"] for row in data["groups"]]) + "\n\n" + text


def chapter_made(results: Results) -> str:
    """Of the lab's figures: one sentence for each build and day."""
    made_by: dict[str, list[str]] = {}
    for name, report in results.lab.items():
        key = f"commit {report['commit']}, {report['engine']} kernels: {report['machine']}, {report['date']}; {report['seeds']} seeds from {report['first_seed']} on"
        made_by.setdefault(key, []).append(name)
    if len(made_by) == 1:
        return paragraph(f"For each NAME: {next(iter(made_by))}.")
    return "\n".join(paragraph(f"{', '.join(names)}: {key}.", "- ") for key, names in made_by.items())


def speed(results: Results) -> str:
    data = results.training("speed")
    rows = [[row["name"]] + [f"{median} times ({low} to {high})" for median, low, high in row["ratios"]] for row in data["groups"]]
    return listed(["the work, and the other program"] + data["machines"], rows)


BLOCKS = {"chapter": chapter, "cartpole": cartpole, "cartpole-in-short": cartpole_in_short, "family": family, "family-curves": family_curves,
          "axes": axes, "lander": lander, "readme-family": readme_family, "time-limit-values": time_limit_values,
          "copied-at-every-step": copied_at_every_step, "null": null, "chapter-made": chapter_made, "speed": speed, "pong-pqn": pong_pqn, "connect-four": connect_four, "memory": memory,
          "readme-pong": readme_pong, "pong": evaluations("pong"), "breakout": evaluations("breakout")}
