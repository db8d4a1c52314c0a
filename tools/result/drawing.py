"""Draws a picture with matplotlib: no ground, text in a gray that reads on light and dark, Okabe-Ito colors, labels at line ends."""

import io
import textwrap

import matplotlib
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from result.data import interval

TEXT, GRID, GRAY = "#7d7d7d", "#8c8c8c", "#8c8c8c"
LINES = [("#d55e00", "-"), ("#0072b2", (0, (6, 2))), ("#009e73", (0, (2, 1.5))), ("#cc79a7", (0, (5, 1.5, 1, 1.5)))]
ANSWERS = {"holds": ("#009e73", "o"), "not decided": ("#8c8c8c", "D"), "does not hold": ("#d55e00", "X")}
STYLE = {"svg.hashsalt": "deepq", "svg.fonttype": "none", "font.family": "sans-serif", "font.sans-serif": ["DejaVu Sans"], "font.size": 10,
         "text.color": TEXT, "axes.labelcolor": TEXT, "axes.edgecolor": GRID, "xtick.color": TEXT, "ytick.color": TEXT,
         "axes.spines.top": False, "axes.spines.right": False, "axes.titlesize": 10, "axes.titlelocation": "left"}


def svg(figure: Figure) -> str:
    file = io.StringIO()
    FigureCanvasSVG(figure).print_svg(file, metadata={"Date": None, "Creator": None})
    return file.getvalue()


def plain(figure: Figure, *axes) -> None:
    figure.patch.set_alpha(0)
    for one in axes:
        one.patch.set_alpha(0)
        one.grid(True, color=GRID, alpha=0.25, linewidth=0.6)


def draw_curve(picture: dict) -> Figure:
    figure = Figure(figsize=(7.6, 3.4))
    figure.subplots_adjust(left=0.1, right=0.82, top=0.92, bottom=0.15)
    axes = figure.add_subplot()
    plain(figure, axes)
    ends = []
    for number, line in enumerate(picture["lines"]):
        gray = picture["gray"] and number == 0
        color, dash = (GRAY, (0, (4, 2))) if gray else LINES[number - picture["gray"]]
        means, lows, highs = zip(*[interval([run[i] for run in line["runs"]]) for i in range(len(line["at"]))])
        axes.fill_between(line["at"], lows, highs, color=color, alpha=0.15 if gray else 0.25, linewidth=0)
        axes.plot(line["at"], means, color=color, linewidth=1.6 if gray else 2.2, linestyle=dash)
        ends.append((means[-1], line["label"], TEXT if gray else color))
    if picture["level"] is not None:
        axes.axhline(picture["level"], color=TEXT, linewidth=0.8, linestyle=":")
        ends.append((picture["level"], f"solved: {picture['level']:g}", TEXT))
    low, high = axes.get_ylim()
    axes.set_ylim(min(0, low), max(high, picture["top"] or high))
    apart(axes, ends, picture["lines"][-1]["at"][-1])
    axes.set(title=picture["title"], xlabel=picture["x"], ylabel=textwrap.fill(picture["y"], 40))
    axes.set_xlim(0, picture["lines"][-1]["at"][-1])
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    return figure


def apart(axes, ends: list, x: float) -> None:
    """Labels at the lines' ends, not over each other: those that would be share the room around their middle."""
    low, high = axes.get_ylim()
    gap, clusters = (high - low) * 0.07, []

    def span(cluster: list) -> tuple[float, float]:
        middle, half = sum(end[0] for end in cluster) / len(cluster), gap * (len(cluster) - 1) / 2
        return middle - half, middle + half

    for end in sorted(ends):
        clusters.append([end])
        while len(clusters) > 1 and span(clusters[-1])[0] - span(clusters[-2])[1] < gap:
            clusters[-2:] = [clusters[-2] + clusters[-1]]
    for cluster in clusters:
        for number, (_, label, color) in enumerate(cluster):
            axes.annotate(textwrap.fill(label, 18), (x, span(cluster)[0] + number * gap), xytext=(6, 0), textcoords="offset points", color=color,
                          va="center", annotation_clip=False)


def draw_forest(picture: dict) -> Figure:
    panels = picture["panels"]
    texts = [[textwrap.wrap(row[0][0].upper() + row[0][1:], 46) for row in panel["rows"]] for panel in panels]
    heights = [0.2 * sum(0.6 + 0.8 * len(lines) for lines in panel) for panel in texts]  # inches
    below = 0.55
    tall = sum(heights) + below * len(panels) + 0.1
    figure = Figure(figsize=(9.0, tall))
    grid = figure.add_gridspec(len(panels), 1, height_ratios=heights, hspace=below / (sum(heights) / len(panels)),
                               left=0.39, right=0.87, top=1 - 0.1 / tall, bottom=below / tall)
    for number, (panel, lines) in enumerate(zip(panels, texts)):
        axes = figure.add_subplot(grid[number])
        plain(figure, axes)
        draw_panel(axes, panel, lines)
    return figure


def draw_panel(axes, panel: dict, texts: list[list[str]]) -> None:
    rows = panel["rows"]
    for y, (_, value, low, high, answer) in enumerate(rows):
        color, marker = ANSWERS[answer]
        axes.plot([low, high], [y, y], color=color, linewidth=2.2, solid_capstyle="butt")
        axes.plot([value], [y], color=color, marker=marker, markersize=7)
        axes.annotate(answer, (1, y), xycoords=("axes fraction", "data"), xytext=(8, 0), textcoords="offset points", color=color if answer != "not decided" else TEXT, va="center")
    ends = [panel["threshold"]] + [row[i] for row in rows for i in (2, 3)]
    room = (max(ends) - min(ends)) * 0.08 or 0.1
    left, right = min(ends) - room, max(ends) + room
    claimed = (panel["threshold"], right) if panel["claimed"] == "above" else (left, panel["threshold"])
    axes.axvspan(*claimed, color="#0072b2", alpha=0.12, linewidth=0)
    axes.axvline(panel["threshold"], color=TEXT, linewidth=1)
    axes.set(xlim=(left, right), ylim=(len(rows) - 0.5, -0.5), xlabel=f"{panel['x']} (claimed {panel['claimed']} {panel['threshold']:g}: shaded)")
    axes.set_yticks(range(len(rows)), ["\n".join(lines) for lines in texts])
    axes.tick_params(axis="y", length=0)
    axes.xaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.6g}")
    axes.spines["left"].set_visible(False)


def draw(picture: dict) -> str:
    with matplotlib.rc_context(STYLE):
        figure = {"curve": draw_curve, "forest": draw_forest}[picture["kind"]](picture)
        return svg(figure)
