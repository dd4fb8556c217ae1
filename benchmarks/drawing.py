"""Plots as SVG, drawn by ourselves: both axes logarithmic, one panel for each group of lines."""

from html import escape
from math import ceil, floor, log10

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 760, 340, 64, 230, 44, 46
INKS = ("#0a5848", "#9a5b00", "#3b4fa0", "#a0323b", "#5a6a1e", "#6b3fa0")
Points = list[tuple[float, float]]


def lines(panels: dict[str, dict[str, Points]], across: str, up: str) -> str:
    """Return an SVG of panels, one below the other; each has lines by name, as (x, y) with both above zero."""
    height = HEIGHT * len(panels)
    drawn = [_panel(heading, named, across, up, n * HEIGHT) for n, (heading, named) in enumerate(panels.items())]
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
        f'font-family="system-ui,sans-serif" font-size="13" aria-label="{escape(", ".join(panels))}">'
    )
    return "\n".join([head, f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>', *drawn, "</svg>\n"])


def _panel(heading: str, named: dict[str, Points], across: str, up: str, top: int) -> str:
    xs = [x for points in named.values() for x, _y in points]
    ys = [max(y, 0.1) for points in named.values() for _x, y in points]
    wide = (floor(log10(min(xs))), max(ceil(log10(max(xs))), floor(log10(min(xs))) + 1))
    above = ceil(log10(max(ys)))
    tall = (min(floor(log10(min(ys))), above - 2), above)  # two decades at least: a small change looks small

    def place(x: float, y: float) -> tuple[float, float]:
        return (
            LEFT + (WIDTH - LEFT - RIGHT) * (log10(x) - wide[0]) / (wide[1] - wide[0]),
            top + HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (log10(max(y, 0.1)) - tall[0]) / (tall[1] - tall[0]),
        )

    unit = f'<tspan font-size="13" font-weight="400">{escape(up)}</tspan>'
    out = [f'<text x="{LEFT}" y="{top + 22}" font-size="15" font-weight="600">{escape(heading)}, {unit}</text>']
    for power in range(tall[0], tall[1] + 1):
        x, y = place(10 ** wide[0], 10**power)
        out.append(f'<path d="M{x:.1f} {y:.1f}H{WIDTH - RIGHT}" stroke="#ddd"/>')
        out.append(f'<text x="{x - 8:.1f}" y="{y + 4:.1f}" text-anchor="end">{_said(10.0**power)}</text>')
    for power in range(wide[0], wide[1] + 1):
        x, y = place(10**power, 10 ** tall[0])
        out.append(f'<text x="{x:.1f}" y="{y + 18:.1f}" text-anchor="middle">{_said(10.0**power)}</text>')
    x, y = place(10 ** wide[1], 10 ** tall[0])
    out.append(f'<text x="{(LEFT + x) / 2:.1f}" y="{y + 36:.1f}" text-anchor="middle">{escape(across)}</text>')
    ends = sorted((place(*points[-1])[1], name) for name, points in named.items())
    below = 0.0
    for ink, name in zip(INKS * 3, named, strict=False):
        points = [place(*point) for point in named[name]]
        path = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
        out.append(f'<path d="{path}" fill="none" stroke="{ink}" stroke-width="2"/>')
        out += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{ink}"/>' for x, y in points]
    for y, name in ends:
        below = max(y, below + 15)  # names never lie upon each other
        ink, x = (INKS * 3)[list(named).index(name)], place(*named[name][-1])[0]
        out.append(f'<text x="{x + 10:.1f}" y="{below + 4:.1f}" fill="{ink}">{escape(name)}</text>')
    return "\n".join(out)


def _said(number: float) -> str:
    return f"{number:,.0f}" if number >= 1 else f"{number:g}"
