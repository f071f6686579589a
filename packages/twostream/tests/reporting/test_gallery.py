import pytest
from twostream.evaluation.metrics import right
from twostream.reporting.facts import read_facts
from twostream.reporting.gallery import PER_GROUP, choose_clips


@pytest.fixture(scope="module")
def facts(ordinary):
    return read_facts(ordinary[0])


def groups_of(facts):
    return {group.title: group for group in choose_clips(facts)}


def test_groups_hold_what_their_titles_say(facts):
    groups = groups_of(facts)
    marks = {
        title: [{v.stream: v.right for v in clip.verdicts} for clip in group.clips]
        for title, group in groups.items()
    }
    for found in marks.get("Motion corrected appearance", []):
        assert found == {"spatial": False, "temporal": True, "fusion": True}
    for found in marks.get("Appearance corrected motion", []):
        assert found == {"spatial": True, "temporal": False, "fusion": True}
    assert all(found["fusion"] for found in marks["Best: most sure and right"])
    assert not any(found["fusion"] for found in marks["Worst: most sure and wrong"])


def test_the_surest_error_comes_first(facts):
    fused = facts.shown["fusion"]
    wrong = [i for i, hit in enumerate(right(fused.values, fused.labels)) if not hit]
    surest = max(wrong, key=lambda i: fused.values[i].max())
    assert groups_of(facts)["Worst: most sure and wrong"].clips[0].clip_id == fused.ids[surest]


def test_no_clip_is_shown_twice_and_the_choice_repeats(facts):
    ids = [clip.clip_id for group in choose_clips(facts) for clip in group.clips]
    assert len(ids) == len(set(ids))
    assert choose_clips(facts) == choose_clips(facts)
    assert all(len(group.clips) <= PER_GROUP for group in choose_clips(facts))


def test_the_truth_is_always_among_the_guesses(build):
    run, _ = build(classes=tuple("abcdefgh"), skills=(0.0, 0.0), with_clips=False)
    for group in choose_clips(read_facts(run)):
        for clip in group.clips:
            for verdict in clip.verdicts:
                assert [g.name for g in verdict.guesses if g.is_truth] == [clip.truth]
                assert len(verdict.guesses) == 3
                shares = [guess.probability for guess in verdict.guesses]
                assert shares == sorted(shares, reverse=True)


def test_a_lone_stream_is_shown_where_it_is_sure(build):
    run, _ = build(streams=("temporal",), with_clips=False)
    assert set(groups_of(read_facts(run))) <= {
        "Best: most sure and right",
        "Worst: most sure and wrong",
    }
