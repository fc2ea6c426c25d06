"""`make model-check`: what may be billed of two orders, and the larger worlds of one posting, with finer ticks and
everybody pressing *Controleer nu* as well.

WORLDS=n visits the first n inside the claim and the first n outside it only.
"""

from __future__ import annotations

import os
import sys
from dataclasses import replace

from tests.model.claims_model import ClaimsModel
from tests.model.explore import explore
from tests.model.noticing_model import BENEATH, FILES, MACHINE, SERVER, NoticingModel
from tests.model.posting_model import Model
from tests.model.restored_model import RestoredModel
from tests.model.test_model import ANOTHER, ASKED, INSIDE, OUTSIDE, RESTORED, SET_BACK, UNBOUNDED
from tests.model.test_restored import INSIDE as PUT_BACK
from tests.model.test_restored import LARGER as PUT_BACK_LARGER
from tests.model.world import World

LARGER = {
    **{f"{name}, the clock is set back": world for name, world in SET_BACK.items()},
    **{
        f"{name}, their books come back from an older copy": replace(world, contents=2)
        for name, world in RESTORED.items()
    },
    "numbers refused, a person asks without waiting for the lease": ASKED,
    "numbers let through, the clock is set back, and people ask": replace(SET_BACK["numbers let through"], asked=True),
    "numbers refused, another one under the number of one that vanished": replace(ANOTHER, giving_up=True, leap=60),
    "numbers let through, ticks of 20 s": World(used_numbers="let_through"),
    "numbers refused, a number taken over there, ticks of 20 s": World(foreign=True),
    "numbers let through, everybody checks": World(used_numbers="let_through", tick=60, all_check=True),
    "numbers refused, no bound on time": replace(UNBOUNDED, foreign=False),
    "numbers refused, no bound on time, everybody checks": replace(UNBOUNDED, foreign=False, all_check=True),
}


def main() -> int:
    """Print what was visited in each world; 1 when something is wrong inside the claim, or right outside it."""
    first = int(os.environ.get("WORLDS") or len(INSIDE | LARGER))
    billed = explore(ClaimsModel())
    print(f"two orders, four postings, two rounds\n  {billed}", flush=True)
    failed = billed.wrong != ""
    for name, (world, noticed) in list((PUT_BACK | PUT_BACK_LARGER).items())[:first]:
        seen = explore(RestoredModel(world, noticed))
        failed |= seen.wrong != ""
        print(f"our database put back: {name}\n  {seen}", flush=True)
    for way in (FILES, SERVER, BENEATH, MACHINE)[:first]:
        seen = explore(NoticingModel(way, most=3))
        failed |= seen.wrong != ""
        print(f"our database put back, and whether that is noticed: {way}\n  {seen}", flush=True)
    for where, worlds, right in (("inside", INSIDE | LARGER, True), ("outside", OUTSIDE, False)):
        for name, world in list(worlds.items())[:first]:
            seen = explore(Model(world))
            failed |= (seen.wrong == "") is not right
            print(f"{where} the claim: {name}\n  {seen}", flush=True)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
