"""A browser's own description in a few words, so that people know their devices again in a list of sessions."""

from __future__ import annotations

from domain.message import Message, as_written
from domain.notes import note

# The first that fits counts: nearly every browser also names the ones it looks like.
_BROWSERS = (("Edg", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser", "Samsung Internet"), ("Firefox", "Firefox"),
             ("FxiOS", "Firefox"), ("CriOS", "Chrome"), ("Chrome", "Chrome"), ("Safari", "Safari"))  # fmt: skip
_SYSTEMS = (("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"),
            ("Mac OS X", "Mac"), ("CrOS", "Chromebook"), ("Linux", "Linux"))  # fmt: skip


def words(user_agent: str) -> Message:
    """`Chrome op Windows`; NOTHING when nothing is recognised."""
    browser = next((name for mark, name in _BROWSERS if mark in user_agent), "")
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), "")
    if browser and system:
        return note("device.both", browser=browser, system=system)
    return as_written(browser or system)
