"""The classes of HMDB-51 and UCF-101, by which lists of the official form are known to be official.

Own clips are often listed in the form of one of the two; what is stated and published of those data sets
says nothing about them.
"""

from __future__ import annotations

from collections.abc import Collection

from twostream.datasets.hmdb51 import parse_name
from twostream.datasets.listing import Listing
from twostream.datasets.ucf101 import parse_group

# Kuehne et al., ICCV 2011, and its files of splits.
_HMDB51 = """
    brush_hair cartwheel catch chew clap climb climb_stairs dive draw_sword dribble drink eat
    fall_floor fencing flic_flac golf handstand hit hug jump kick kick_ball kiss laugh pick pour
    pullup punch push pushup ride_bike ride_horse run shake_hands shoot_ball shoot_bow shoot_gun
    sit situp smile smoke somersault stand swing_baseball sword sword_exercise talk throw turn
    walk wave
"""

# Soomro et al., CRCV-TR-12-01, and its classInd.txt.
_UCF101 = """
    ApplyEyeMakeup ApplyLipstick Archery BabyCrawling BalanceBeam BandMarching BaseballPitch
    Basketball BasketballDunk BenchPress Biking Billiards BlowDryHair BlowingCandles
    BodyWeightSquats Bowling BoxingPunchingBag BoxingSpeedBag BreastStroke BrushingTeeth
    CleanAndJerk CliffDiving CricketBowling CricketShot CuttingInKitchen Diving Drumming Fencing
    FieldHockeyPenalty FloorGymnastics FrisbeeCatch FrontCrawl GolfSwing Haircut Hammering
    HammerThrow HandstandPushups HandstandWalking HeadMassage HighJump HorseRace HorseRiding
    HulaHoop IceDancing JavelinThrow JugglingBalls JumpingJack JumpRope Kayaking Knitting
    LongJump Lunges MilitaryParade Mixing MoppingFloor Nunchucks ParallelBars PizzaTossing
    PlayingCello PlayingDaf PlayingDhol PlayingFlute PlayingGuitar PlayingPiano PlayingSitar
    PlayingTabla PlayingViolin PoleVault PommelHorse PullUps Punch PushUps Rafting
    RockClimbingIndoor RopeClimbing Rowing SalsaSpin ShavingBeard Shotput SkateBoarding Skiing
    Skijet SkyDiving SoccerJuggling SoccerPenalty StillRings SumoWrestling Surfing Swing
    TableTennisShot TaiChi TennisSwing ThrowDiscus TrampolineJumping Typing UnevenBars
    VolleyballSpiking WalkingWithDog WallPushups WritingOnBoard YoYo
"""

OFFICIAL_CLASSES = {"hmdb51": tuple(_HMDB51.split()), "ucf101": tuple(_UCF101.split())}


def are_official(classes: Collection[str], *, of: str) -> bool:
    """Whether `classes`, in any case, are some or all of those of the data set `of`.

    >>> are_official(["golf", "Wave"], of="hmdb51"), are_official(["golf", "mine"], of="hmdb51")
    (True, False)
    """
    official = {name.casefold() for name in OFFICIAL_CLASSES[of]}
    return {name.casefold() for name in classes} <= official


def class_told_by_name(stem: str) -> str | None:
    """The class that a clip's name tells in the manner of HMDB-51 or UCF-101; None where it tells none.

    Names of UCF-101 tell any class; those of HMDB-51, whose titles have no end, only the official ones.

    >>> class_told_by_name("v_HandStandPushups_g07_c02"), class_told_by_name("holiday")
    ('HandstandPushups', None)
    >>> class_told_by_name("Prelinger_draw_sword_f_cm_np1_fr_med_0")
    'draw_sword'
    """
    parsed = parse_group(stem)
    if parsed is not None:
        spelled = {name.casefold(): name for name in OFFICIAL_CLASSES["ucf101"]}
        return spelled.get(parsed[0].casefold(), parsed[0])
    tags = parse_name(stem, class_name="")
    if tags is None:
        return None
    told = [name for name in OFFICIAL_CLASSES["hmdb51"] if f"_{tags.title}".endswith(f"_{name}")]
    return max(told, key=len, default=None)


def official_name(listing: Listing | None) -> str | None:
    """The data set that `listing` is of: None for no lists, and for own ones in the same form."""
    if listing is None or not are_official(listing.classes, of=listing.name):
        return None
    return listing.name
