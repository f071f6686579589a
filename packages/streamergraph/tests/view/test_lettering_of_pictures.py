"""Names of any script in pictures: what is drawn, and how much room it takes."""

from __future__ import annotations


def test_letters_no_font_has_are_left_out_and_others_are_drawn():
    from streamergraph.view.fonts import OWN, _has, text_runs

    pieces = text_runs("Ana\U0010fffe \ue123Bo", 20)
    assert "".join(letters for _, letters in pieces) == "Ana Bo"
    assert text_runs("\U0010fffe", 20) == []
    assert _has(OWN, "A")
    assert not _has(OWN, "\u65e5")  # a font of the system may have it


def test_a_legend_of_full_width_names_stays_beside_the_picture():
    from types import SimpleNamespace

    from streamergraph.lettering import ems
    from streamergraph.view.picture import LEGEND_WIDTH, MARGIN, legend_entries

    community = SimpleNamespace(
        community=0, size=2, streamers=["\u65e5" * 25, "\u672c" * 25], categories=["\u8a9e" * 60]
    )
    (entry,) = legend_entries(SimpleNamespace(legend=[community], why_none=""))
    assert 70 + 16 * ems(entry.text) <= LEGEND_WIDTH + MARGIN  # where circles begin
    assert 70 + 13 * ems(entry.detail) <= LEGEND_WIDTH
