"""Streams online and people in chats, by hour of the day."""

from __future__ import annotations

from collections.abc import Mapping

from markupsafe import Markup

from streamergraph.reporting.charts import bars
from streamergraph.reporting.health import AUTHORS, CHANNELS, PRESENCES, STREAMS, Health
from streamergraph.reporting.page import Section

SAID = {
    STREAMS: ("streams online", "by the looks at the platform"),
    PRESENCES: ("people in chats", "all who are there, once for every chat"),
    CHANNELS: ("channels with messages", "in a window of a chat log in which anybody wrote"),
    AUTHORS: ("people who wrote", "authors of messages only, once for every channel"),
}
HOURS = 24
UNKNOWN = " Of hours without a bar nothing is known."


def hour_chart(values: Mapping[int, float], *, label: str, y_title: str) -> Markup:
    """Bars of all hours of a day; there is none where nothing is known of an hour."""
    hours = {str(hour): values.get(hour) for hour in range(HOURS)}
    return bars(hours, label=label, x_title="hour of the day", y_title=y_title)


def hour_facts(health: Health) -> dict[str, dict[str, float]]:
    """Means of stored runs by hour, of everything that was counted at all."""
    return {
        f"{what}_by_hour": {str(hour): round(value, 1) for hour, value in hours.items()}
        for what in SAID
        if (hours := health.hourly(what))
    }


def hour_sections(health: Health) -> list[Section]:
    """A chart for everything that was counted."""
    sections = []
    for what, (said, meaning) in SAID.items():
        hours = health.hourly(what)
        if not hours:
            continue
        most, least = max(hours, key=lambda h: hours[h]), min(hours, key=lambda h: hours[h])
        sections.append(
            Section(
                title=f"{said.capitalize()}, by hour of the day",
                sentences=[
                    f"Most at {most}h ({hours[most]:,.0f} on average), fewest at {least}h "
                    f"({hours[least]:,.0f}); {meaning}. Hours of {health.clock}."
                    + (UNKNOWN if len(hours) < HOURS else "")
                ],
                chart=hour_chart(hours, label=f"{said} by hour", y_title=said),
            )
        )
    return sections
