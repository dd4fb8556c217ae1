"""A sheet of paper and the few tools the demo's pictures are drawn with: flat shapes, halftone skies, hills, water."""

import math
import random

from masthead.demo.inks import PALETTES, SETS

WIDTH, HEIGHT = 1200, 800
# Dots closer than this look finer on screen but double the weight of the printed AVIF.
DOT_STEP = 17
MULTIPLY = "mix-blend-mode:multiply"


class Sheet:
    """One picture in the making: the same motif and seed always give the same marks in the same order.

    Coordinates are pixels of a 1200 by 800 sheet, colours come from `inks`, chance only from `rng`.
    Half of the sheets are mirrored when they are finished, so no motif may hold lettering.
    """

    def __init__(self, motif: str, seed: str):
        # A string seeds Random by its SHA-512, the same on every machine and Python version.
        self.rng = random.Random(f"{motif}/{seed}")  # noqa: S311 - chance for drawing, not for secrets
        self.inks = SETS[self.rng.choice(PALETTES[motif])]
        self.mirrored = self.toss()
        self.marks: list[str] = []

    def svg(self) -> str:
        """Return the finished picture as one SVG document."""
        body = "".join(self.marks)
        if self.mirrored:
            body = f'<g transform="translate({WIDTH},0) scale(-1,1)">{body}</g>'
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}">'
            f'<rect width="{WIDTH}" height="{HEIGHT}" fill="{self.inks.paper}"/>{body}</svg>'
        )

    # Chance

    def toss(self, chance: float = 0.5) -> bool:
        return self.rng.random() < chance

    def between(self, low: int, high: int) -> int:
        return self.rng.randint(low, high)

    def pick(self, *choices):
        return self.rng.choice(choices)

    # Flat shapes; `style` takes SVG attributes with underscores, as in fill_opacity

    def mark(self, element: str, **style) -> None:
        text = "".join(f' {key.replace("_", "-")}="{_short(value)}"' for key, value in style.items())
        self.marks.append(f"<{element}{text}/>")

    def box(self, x, y, width, height, fill, **style) -> None:
        self.mark("rect", x=x, y=y, width=width, height=height, fill=fill, **style)

    def disc(self, x, y, radius, fill, **style) -> None:
        self.mark("circle", cx=x, cy=y, r=radius, fill=fill, **style)

    def shape(self, points, fill, **style) -> None:
        self.mark("polygon", points=" ".join(f"{_short(x)},{_short(y)}" for x, y in points), fill=fill, **style)

    def path(self, d: str, fill: str, **style) -> None:
        self.mark("path", d=d, fill=fill, **style)

    def line(self, d: str, stroke: str, width: float, **style) -> None:
        self.mark("path", d=d, fill="none", stroke=stroke, stroke_width=width, **style)

    # Air, land, water

    def sky(self, horizon: int, sun: bool = True) -> None:
        """Fill the air down to `horizon` in one of four ways, with a sun or moon on most sheets."""
        x, y, radius = self.between(170, 1030), self.between(130, max(140, horizon - 170)), self.between(70, 150)
        if sun and self.toss(0.8):
            self.disc(x, y, radius, self.inks.light, style=MULTIPLY)
        way = self.between(0, 3)
        # A little below the horizon, since hills dip; what is too much is covered by the land.
        bottom = horizon + 60
        if way == 0:
            self.dots(bottom, lambda _, dot_y: 0.92 - 0.87 * dot_y / bottom)
        elif way == 1:
            self.dots(bottom, lambda _, dot_y: 0.06 + 0.86 * dot_y / bottom)
        elif way == 2:
            self.dots(bottom, lambda dot_x, dot_y: math.hypot(dot_x - x, dot_y - y) / 950)
        else:
            self.bands(bottom)

    def dots(self, bottom: int, share, top: int = 0) -> None:
        """Print a halftone whose dots fill `share(x, y)` of their step, from 0 to 1."""
        d = []
        for row in range((bottom - top) // DOT_STEP + 1):
            y = top + row * DOT_STEP
            for column in range(-1, WIDTH // DOT_STEP + 2):
                x = column * DOT_STEP + (DOT_STEP / 2 if row % 2 else 0)
                r = round(min(share(x, y), 0.95) * DOT_STEP / 2, 1)
                if r >= 0.8:
                    d.append(f"M{_short(x - r)},{y}a{r},{r} 0 1 0 {_short(2 * r)},0a{r},{r} 0 1 0 {_short(-2 * r)},0")
        self.path("".join(d), self.inks.far, style=MULTIPLY)

    def bands(self, bottom: int) -> None:
        """Print level lines that grow thicker upwards or downwards."""
        step, upwards = 22, self.toss()
        for y in range(0, bottom, step):
            share = 1 - y / bottom if upwards else y / bottom
            self.box(0, y, WIDTH, 2 + share * (step - 4), self.inks.far, style=MULTIPLY)

    def hill(self, base: int, height: int, fill: str, **style) -> None:
        """Lay land from a wavy edge around `base` down to the foot of the sheet."""
        waves = [
            (share, self.rng.uniform(*range_), self.rng.uniform(0, 6.3))
            for share, range_ in ((1, (0.6, 1.3)), (0.45, (1.6, 2.6)))
        ]
        edge = [
            (x, base - sum(height * a * math.sin(x / WIDTH * f * 6.283 + p) for a, f, p in waves))
            for x in range(-20, WIDTH + 41, 20)
        ]
        self.shape([(-20, HEIGHT + 20), *edge, (WIDTH + 40, HEIGHT + 20)], fill, **style)

    def water(self, top: int, fill: str, bottom: int = HEIGHT) -> None:
        """Lay a level of water with streaks of light that grow longer towards the reader."""
        self.box(0, top, WIDTH, bottom - top, fill)
        for y in range(top + 12, bottom, 14):
            near = (y - top) / (bottom - top)
            for _ in range(2):
                self.box(
                    self.between(-150, WIDTH),
                    y,
                    self.between(40, 120) + 260 * near,
                    2 + 3 * near,
                    self.inks.paper,
                    fill_opacity=0.45,
                )

    def clouds(self, x: int, y: int, radius: int, puffs: int = 6) -> None:
        """Let a plume of paper-white rounds drift up to the right from a point."""
        for k in range(puffs):
            self.disc(
                x + k * radius * 1.5,
                y - k * radius * 0.75,
                radius * (1 + k * 0.34),
                self.inks.paper,
                fill_opacity=round(0.92 - k * 0.11, 2),
            )


def _short(value) -> str:
    """Write numbers without needless decimals: a picture is thousands of them."""
    return f"{round(value, 1):g}" if isinstance(value, float) else str(value)
