"""The pictures in docs/images: what each shows, as plain data of the stored results, and how it is drawn.

`check` needs no matplotlib: a picture ends in a digest of what it shows and of drawing.py, and one of its own text.
"""

import hashlib
import json
import re
from pathlib import Path

from result.data import Results, Wrong
from result.lab import PICTURED

MATPLOTLIB = "3.11.2"
END = re.compile(r"<!-- shows ([0-9a-f]{64}), drawn as ([0-9a-f]{64}) -->\n\Z")
AXES = {"double": "double", "dueling": "dueling", "per": "prioritised replay", "n-step": "3-step returns", "noisy": "noisy", "c51": "C51",
        "qr-dqn": "QR-DQN", "iqn": "IQN", "munchausen": "Munchausen", "rainbow": "Rainbow"}


def line(row: dict, label: str) -> dict:
    """The curve of each run, at the points that all of them have."""
    curves = [dict(zip(run["curve"]["at"], run["curve"]["returns"])) for run in row["runs"]]
    at = [x for x in curves[0] if all(x in curve for curve in curves)]
    return {"label": label, "at": at, "runs": [[curve[x] for x in at] for curve in curves]}


def curve(row: dict, label: str, x: str, beside: dict | None = None) -> dict:
    title = f"{row['env']}: mean over {len(row['runs'])} seeds, and its 95% interval"
    return {"kind": "curve", "title": title, "x": x, "y": row["curve"], "lines": ([beside] if beside else []) + [line(row, label)],
            "gray": bool(beside), "level": row["solved_return"], "top": 510 if row["env"] == "CartPole-v1" else None}


def tables(data: dict) -> dict:
    rows = [data | row for row in data["groups"]]
    names = {"q_learning": "Q-learning", "sarsa": "Sarsa", "expected_sarsa": "expected Sarsa", "double_q_learning": "double Q-learning"}
    picture = curve(rows[0], names[rows[0]["name"]], "environment steps")
    return picture | {"lines": [line(row, names[row["name"]]) for row in rows]}


def forest(report: dict) -> dict:
    """A panel for the statements of one quantity and bound, but not of sizes twenty times apart: the small ones would be dots."""
    panels: list[dict] = []
    for check in report["checks"]:
        head = {"x": check["quantity"], "threshold": check["threshold"], "claimed": check["claimed"]}
        size = max(abs(check[name] - check["threshold"]) for name in ("low", "high"))
        fits = [panel for panel in panels if all(panel[key] == head[key] for key in head) and 0.05 < size / panel["size"] < 20]
        if not fits:
            panels.append(head | {"size": size, "rows": []})
        (fits or panels)[-1]["rows"].append([check[name] for name in ("statement", "value", "low", "high", "answer")])
    return {"kind": "forest", "panels": panels}


def shown(results: Results) -> dict[str, dict]:
    """By file name, all that a picture shows, of the results that are there."""
    found = {f"lab-{name}.svg": forest(results.lab[name]) for name in PICTURED if name in results.lab}
    if "chapter" in results.trainings:
        found["chapter.svg"] = curve(results.group("chapter"), "the chapter's agent", "episodes")
    if "pqn" in results.trainings:
        found["axis-pqn.svg"] = curve(results.group("pqn"), "PQN", "environment steps")
    if "tabular" in results.trainings:
        found["tabular.svg"] = tables(results.training("tabular"))
    if "axes" in results.trainings:
        dqn = line(results.group("axes/dqn"), "DQN")
        found["axis-dqn.svg"] = curve(results.group("axes/dqn"), "DQN", "environment steps")
        found |= {f"axis-{name}.svg": curve(results.group(f"axes/{name}"), label, "environment steps", dqn) for name, label in AXES.items()}
    return found


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def digest_of(picture: dict) -> str:
    return digest(json.dumps(picture, sort_keys=True) + Path(__file__).with_name("drawing.py").read_text())


def check(root: Path, results: Results) -> list[str]:
    wrong, folder = [], root / "docs" / "images"
    pictures = shown(results)
    for name, picture in pictures.items():
        path = folder / name
        text = path.read_text() if path.exists() else ""
        end = END.search(text)
        if not end or end[1] != digest_of(picture):
            wrong.append(f"docs/images/{name}: is not drawn from docs/data as it is")
        elif end[2] != digest(text[:end.start()]):
            wrong.append(f"docs/images/{name}: was changed by hand")
    wrong += [f"docs/images/{path.name}: no stored result makes it" for path in folder.glob("*.svg") if path.name not in pictures]
    return [line + ": tools/results.py write" for line in wrong]


def write(root: Path, results: Results) -> list[str]:
    """Draws what is not as it should be."""
    wrong = check(root, results)
    if not wrong:
        return []
    try:
        from result import drawing
    except ImportError:
        raise Wrong("pictures are to be drawn, which needs matplotlib: pip install matplotlib==" + MATPLOTLIB) from None
    for name, picture in shown(results).items():
        if any(f"/{name}: " in line for line in wrong):
            text = drawing.draw(picture)
            (root / "docs" / "images" / name).write_text(text + f"<!-- shows {digest_of(picture)}, drawn as {digest(text)} -->\n")
    return [line for line in check(root, results)]
