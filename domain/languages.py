"""The languages Crafter speaks. What is written in the code is Dutch; the others are catalogues in translations/."""

from __future__ import annotations

DUTCH = "nl"
# how each calls itself
LANGUAGES = {DUTCH: "Nederlands", "en": "English"}
# how numbers and days are written in each
LOCALES = {DUTCH: "nl", "en": "en_GB"}
