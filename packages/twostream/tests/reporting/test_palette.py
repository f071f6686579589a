import pytest
from twostream.reporting.palette import DARK, LIGHT


def luminance(color):
    channels = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one, other):
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("colors", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("ground", ["paper", "surface"])
def test_contrast_suffices(colors, ground):
    for name in ("ink", "muted", "wrong"):
        assert contrast(colors[name], colors[ground]) >= 4.5
    for name in ("spatial", "temporal", "fusion", "right"):
        assert contrast(colors[name], colors[ground]) >= 3
    for name in ("right", "wrong"):
        assert contrast(colors["on-heat"], colors[name]) >= 4.5


def test_light_and_dark_name_the_same_colours():
    assert LIGHT.keys() == DARK.keys()
