"""What every page of the program must be: drawn to the last chart, and complete in one file."""

import json
import re
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

LIGHT, DARK = "--blink-settings=preferredColorScheme=1", "--blink-settings=preferredColorScheme=0"


def assert_all_drawn(document: str, charts: int, least_width: int = 250):
    assert re.search(r'<html[^>]* data-charts-drawn="(\d+)"', document)[1] == str(charts)
    assert len(re.findall('role="img" data-chart=', document)) == charts
    sizes = re.findall(r'<canvas width="(\d+)" height="(\d+)"', document)
    assert len(sizes) == charts
    assert all(int(width) > least_width and int(height) > 150 for width, height in sizes), sizes


class References(HTMLParser):
    """Everything a browser would fetch, and apart from it where links lead that a reader may follow."""

    def __init__(self):
        super().__init__()
        self.found, self.links = [], []

    def handle_starttag(self, tag, attributes):
        found = [value for name, value in attributes if name in ("src", "href", "srcset", "data", "action", "poster")]
        (self.links if tag == "a" else self.found).extend(found)


def assert_self_contained(page: Path):
    text = page.read_text()
    parser = References()
    parser.feed(text)
    assert parser.found == ["data:,"]
    for link in parser.links:  # to files around it, or to what it holds itself
        assert link.startswith("data:text/csv") or (page.parent / unquote(link.partition("#")[0])).exists(), link
    style = text[text.index("<style>") : text.index("</style>")]
    assert "url(" not in style and "@import" not in style
    assert "default-src 'none'" in text
    assert page.stat().st_size < 1_000_000


def measured(browse, page: Path, script: str, width: int = 1280) -> dict:
    """What a script finds on the page when all is drawn: it returns an object of JSON."""
    copy = page.with_name(f"measured-{width}.html")
    run = f"addEventListener('load', () => setTimeout(() => {{document.title = JSON.stringify((() => {{{script}}})());}}, 500));"
    copy.write_text(page.read_text().replace("</body>", f"<script>{run}</script></body>"))
    return json.loads(unescape(re.search("<title>(.*?)</title>", browse(copy, width))[1]))
