"""What CREL01 to CREL36 mean: a field of a relation that is longer than it holds (5.7), each with its field.

CREL01 is not CREL001 (the code is taken): zeros count.
"""

from __future__ import annotations

from domain.limits import field_note
from domain.message import Message, as_written, msg
from gateways.bookkeeping import Explanation
from gateways.eboekhouden.limits import RELATION, Row


def explanations(tell_us: Message) -> dict[str, Explanation]:
    """Each code with its explanation; `tell_us` is what to do about a field that we never fill."""
    found = {row.code: _too_long(row, tell_us) for row in RELATION}
    found["CREL26"] = Explanation(
        msg("e-Boekhouden.nl kent de soort van deze relatie niet."),
        msg("Een relatie is daar zakelijk of particulier, en iets anders kwam aan."),
        tell_us,
        "none",
    )
    # printed so in one place of the manual
    found["CRE04"] = found["CREL04"]
    return found


def _too_long(row: Row, tell_us: Message) -> Explanation:
    known = row.ours and row.ours != "is_company"
    field = field_note(row.ours) if known else as_written(row.theirs)
    return Explanation(
        msg("Voor e-Boekhouden.nl is dit veld van de relatie te lang: %(field)s.", field=field),
        msg("Daar passen hoogstens %(most)s tekens in.", most=row.doubtful or row.longest),
        msg("Kort dit veld in en probeer het opnieuw: %(field)s.", field=field) if known else tell_us,
        "none",
        row.ours if known else "",
    )
