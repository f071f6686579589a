"""The five kinds of action into which HMDB-51's makers group its classes, and how many clips each has.

Source: https://serre-lab.clps.brown.edu/resource/hmdb-a-large-human-motion-database/ (the page of the data
set), and Kuehne et al., HMDB: A Large Video Database for Human Motion Recognition, ICCV 2011.
"""

from __future__ import annotations

# "a minimum of 101 clips" a class, of 6849 then; 6766 are in the archive that everybody uses.
LEAST_CLIPS_A_CLASS = 101
TESTED_CLIPS_A_CLASS = 30  # in each of the official splits

_CLASSES = {
    "face": "chew laugh smile talk",
    "face, with an object": "drink eat smoke",
    "body": """
        cartwheel clap climb climb_stairs dive fall_floor flic_flac handstand jump pullup pushup run sit
        situp somersault stand turn walk wave
    """,
    "body, with an object": """
        brush_hair catch draw_sword dribble golf hit kick_ball pick pour push ride_bike ride_horse
        shoot_ball shoot_bow shoot_gun swing_baseball sword_exercise throw
    """,
    "body, with a person": "fencing hug kick kiss punch shake_hands sword",
}
KINDS = tuple(_CLASSES)
_KIND_OF = {name: kind for kind, names in _CLASSES.items() for name in names.split()}


def kind_of_action(class_name: str) -> str | None:
    """The kind of a class of HMDB-51, in any case; None for a class that it has not.

    >>> kind_of_action("Shake_Hands"), kind_of_action("juggle")
    ('body, with a person', None)
    """
    return _KIND_OF.get(class_name.casefold())
