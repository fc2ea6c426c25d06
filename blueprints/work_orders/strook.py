"""The strook: the slip under a work order, with the invoice that will go out or what came of the press.

TEMPLATES says which one is drawn; below() chooses it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from blueprints._dependencies import deps
from blueprints._doors import present_actor
from blueprints.work_orders.forms import NextNumberForm
from domain import posting as states
from domain import work_order as rules
from domain.customer import CHANGED, Standing
from domain.message import Message, msg
from domain.preflight import Blocker
from domain.questions import Question
from gateways.bookkeeping import Explanation
from services.invoicing import asking_ahead, next_number_chosen, preflight, press, recovery, renumbering
from services.invoicing import posting as frozen
from services.invoicing.in_use import IN_A_ROW
from services.invoicing.preflight import Preview
from services.link import connection, ever_linked
from services.reconciliation import paid
from services.reconciliation.paid import Shown
from services.trail import history

TEMPLATES = {
    # no invoice, now or ever
    "cancelled": "work_orders/_strook_cancelled.html",
    "not_billable": "work_orders/_strook_not_billable.html",
    # before the press
    "early": "work_orders/_strook_early.html",
    "unlinked": "work_orders/_strook_unlinked.html",
    "blocked": "work_orders/_strook_blocked.html",
    "ready": "work_orders/_strook_ready.html",
    "asking": "work_orders/_strook_asking.html",
    # after it: the states of the posting
    states.SENDING: "work_orders/_strook_sending.html",
    states.POSTED: "work_orders/_strook_posted.html",
    states.REFUSED: "work_orders/_strook_refused.html",
    states.NOT_SENT: "work_orders/_strook_not_sent.html",
    states.UNCERTAIN: "work_orders/_strook_uncertain.html",
    states.CONFLICT: "work_orders/_strook_conflict.html",
    states.GONE: "work_orders/_strook_gone.html",
}


@dataclass(frozen=True, kw_only=True)
class Strook:
    """What every strook has, and all there is to one without an invoice.

    kind: which one, a key of TEMPLATES. verb: the press that is offered (approve or send), or empty. refusal: why
    that press came to nothing. fresh: it was just swapped in, so its heading takes the focus. customer: whom the
    customer's code leads to over there, as far as anybody asked; None when no press can follow.
    """

    kind: str
    verb: str = ""
    refusal: Message | None = None
    fresh: bool = False
    customer: Standing | None = None

    @property
    def template(self) -> str:
        """The template that draws it."""
        return TEMPLATES[self.kind]

    def stays(self, kind: str) -> bool:
        """Whether a strook of this kind, drawn before the customer was asked for, still shows how it is."""
        there = self.customer
        return self.kind == kind and there is not None and not there.keeps_back and there.said.key != CHANGED


@dataclass(frozen=True, kw_only=True)
class BeforeThePress(Strook):
    """What will go out, and what holds it back. posting: an earlier one that can go out again; abandoned: the last
    one that was let go."""

    preview: Preview
    blockers: tuple[Blocker, ...]
    posting: Any
    abandoned: Any


@dataclass(frozen=True, kw_only=True)
class Asking(Strook):
    """What is asked once more, in answer to a press; with a yes to all of it `verb` is pressed again."""

    questions: tuple[Question, ...]


@dataclass(frozen=True, kw_only=True)
class AfterThePress(Strook):
    """What came of it. instead: the number it gets when it goes out again, empty when it keeps its own.
    interrupted: under way, and whoever was at it is gone. can_look: its administration is linked, so that it can be
    looked up or read back there. known_by: until when an uncertain one may stay so, when it can, and there is a worker
    that does. again_from: from when they take calls again, when what was not sent was kept back by a limit. left: it
    was sent all the same, and is not there. asked: the bookkeeping was asked
    for its own side just now, so do not ask by itself again; both: that side beside ours (None: not asked, empty: not
    there). next_number: the form that chooses where the numbers go on, where that helps.
    payment: how one that is posted stands with its payment; in answer to a press nobody asks.
    of_wages: what one that is posted says for the chain liability.
    administration: the name of the one it belongs to, where the company had more than one;
    in answer to a press nobody asks.
    """

    posting: Any
    instead: str
    blockers: tuple[Blocker, ...]
    explanation: Explanation | None
    left: bool
    interrupted: bool
    known_by: datetime | None
    can_look: bool
    again_from: datetime | None
    asked: bool
    both: Sequence[Any] | None
    next_number: NextNumberForm | None
    corrections: Sequence[Any]
    administration: str
    payment: Shown | None = None
    of_wages: Sequence[str] = ()


def below(
    order: Any,
    posting: Any,
    trail: Sequence[history.Line] | None = None,
    blockers: tuple[Blocker, ...] = (),
    refusal: Message | None = None,
    asks: tuple[Question, ...] = (),
    fresh: bool = False,
    asked: bool = False,
    both: Sequence[Any] | None = None,
    typed: NextNumberForm | None = None,
) -> Strook:
    """The strook under this order. posting: its live one, or None; trail: its history, when it was read; the rest
    is what there is to tell of a press."""
    verb = {rules.DONE: "approve", rules.APPROVED: "send"}.get(order.state, "")
    if asks:
        return Asking(kind="asking", verb=verb, questions=asks, fresh=fresh)
    if posting is not None and (order.state == rules.APPROVED or posting.state in states.LOCKS_ORDER):
        there, looks_up = _customer(order, posting.state), posting.state == states.POSTED and not fresh
        link = connection.present() if looks_up else None  # what is asked of it below is asked of one reading
        return AfterThePress(
            kind=posting.state,
            posting=posting,
            instead=_instead(order, posting),
            blockers=blockers or asking_ahead.kept_back(order, there),
            customer=there,
            explanation=explanation(posting),
            left=posting.why.key in {_TAKEN, _TAKEN_BEFORE, _OF_ANOTHER, _NOT_THERE},
            interrupted=recovery.is_interrupted(posting),
            known_by=recovery.known_by(posting, deps()),
            can_look=fresh or not _waits(posting) or connection.can_ask(posting.administration, link),
            again_from=connection.paused_until() if posting.state == states.NOT_SENT else None,
            asked=asked,
            both=both,
            next_number=_next_number(posting, typed),
            corrections=_corrections(posting, trail),
            administration="" if fresh else ever_linked.names().get(posting.administration, ""),
            payment=paid.of_posting(posting, link) if looks_up else None,
            of_wages=frozen.said_of_wages(deps(), posting) if posting.state == states.POSTED else (),
            refusal=refusal,
            fresh=fresh,
        )
    if order.state == rules.CANCELLED:
        return Strook(kind="cancelled", refusal=refusal, fresh=fresh)
    if order.not_billable_reason:
        return Strook(kind="not_billable", verb=verb if verb == "approve" else "", refusal=refusal, fresh=fresh)
    seen = preflight.preview(deps(), order, posting)
    # The day of execution is filled in by the step that comes before checking, so it cannot be wrong yet.
    found = blockers or (seen.blockers if verb else tuple(row for row in seen.blockers if row.key != "executed_on"))
    can_press = verb and seen.link.is_active and not found and asking_ahead.may_follow(order, None)
    there = asking_ahead.known(deps(), order) if can_press else None
    found = found or asking_ahead.kept_back(order, there)
    return BeforeThePress(
        kind=_kind_before(verb, seen, found),
        verb=verb,
        posting=posting,
        preview=seen,
        blockers=found,
        customer=there,
        abandoned=press.last_abandoned(order.id) if posting is None else None,
        refusal=refusal,
        fresh=fresh,
    )


def _instead(order: Any, posting: Any) -> str:
    may = posting.state in states.MAY_SEND_AGAIN
    return renumbering.instead(deps(), posting, order.invoice_on) if may else ""


def _customer(order: Any, posting_state: str) -> Standing | None:
    """Whom the customer's code leads to, as far as it was asked, when a press can follow."""
    if not asking_ahead.may_follow(order, posting_state) or not connection.is_active():
        return None
    return asking_ahead.known(deps(), order)


_TAKEN = IN_A_ROW
_OF_ANOTHER = "posting.not_the_same_bytes"
_TAKEN_BEFORE = "posting.numbers_in_use"  # as a release of before wrote it
_NOT_THERE = "look_up.not_there"
# what our own side says of one that was not sent, for which the bookkeeping has no code
_OURS = {
    "call.day_spent": Explanation(
        msg("Crafter verstuurt vandaag niets meer naar deze administratie."),
        msg("Per dag neemt e-Boekhouden.nl er een beperkt aantal aanroepen aan, en die zijn bijna op."),
        msg("U hoeft niets te verbeteren. Morgen gaat het weer; opnieuw versturen is dan veilig."),
        "wait",
    ),
    "posting.customer_not_asked": Explanation(
        msg("Vooraf kijkt Crafter of de relatiecode daar nog van deze klant is."),
        msg("Dat opzoeken lukte nu niet, en zonder gaat er niets weg: de factuur kan anders bij een ander komen."),
        msg("Verstuur opnieuw. Dat kan veilig: er ontstaat geen dubbele factuur."),
        "wait",
    ),
    _OF_ANOTHER: Explanation(
        msg(
            "Het antwoord bleef uit, en bij het opzoeken stond de factuur niet in e-Boekhouden. Zij is niet opnieuw "
            "verstuurd."
        ),
        msg("De code die erop staat is daar nu van een andere relatie; de factuur zou naar haar gaan."),
        msg(
            "Haal de relaties op of herstel de code, en verstuur opnieuw: de factuur krijgt dan de code die de klant "
            "nu heeft."
        ),
        "relation_code",
    ),
    _NOT_THERE: Explanation(
        msg("De factuur is verstuurd, maar stond er na de wachttijd niet in de administratie waar hij heen ging."),
        msg("Die administratie is nu niet gekoppeld. Met de bewaarde codes zoekt Crafter alleen op."),
        msg(
            "Koppel die administratie weer en verstuur opnieuw, onder hetzelfde nummer. Of laat deze plaatsing "
            "vervallen: dan gaat de factuur onder een nieuw nummer naar de administratie die nu is gekoppeld."
        ),
        "none",
    ),
    _TAKEN: Explanation(
        msg(
            "Crafter verstuurde de factuur onder andere nummers na elkaar; e-Boekhouden weigerde hem elke keer meteen."
        ),
        msg("Onder die nummers staan daar al andere facturen."),
        msg(
            "Kies een volgend nummer dat daar nog vrij is, of verstuur opnieuw: dan probeert Crafter de nummers die "
            "volgen. Er ontstaat geen dubbele factuur."
        ),
        "invoice_settings",
    ),
    _TAKEN_BEFORE: Explanation(
        msg("Crafter probeerde drie nummers na elkaar, en e-Boekhouden weigerde de factuur elke keer meteen."),
        msg("Onder die nummers staan daar al andere facturen."),
        msg(
            "Kies bij de factuurinstellingen een volgend nummer dat daar nog vrij is, of verstuur opnieuw: dan "
            "probeert Crafter de nummers die volgen. Er ontstaat geen dubbele factuur."
        ),
        "invoice_settings",
    ),
}


def _next_number(posting: Any, typed: NextNumberForm | None) -> NextNumberForm | None:
    """The form that chooses another next number, as typed or with what is proposed; None where that does not help, and
    for who may not."""
    actor = present_actor()
    if not (actor.may("settings:write") and actor.may("work_order:approve") and next_number_chosen.offered(posting)):
        return None
    return typed or NextNumberForm.showing(next_number_chosen.proposed(posting))


def explanation(posting: Any) -> Explanation | None:
    """What is known of why a posting came to nothing."""
    return deps().bookkeeping.explain(posting.code) if posting.code else _OURS.get(posting.why.key)


def _waits(posting: Any) -> bool:
    """Whether something is still to be asked about it over there."""
    return posting.state == states.UNCERTAIN or (posting.state == states.POSTED and posting.remote_incl is None)


def _corrections(posting: Any, trail: Sequence[history.Line] | None) -> Sequence[history.Line]:
    """What was corrected over there, oldest first: it stands in the history, where that goes back far enough."""
    if posting.state != states.POSTED:
        return ()
    if trail is None or len(trail) >= history.ON_A_BON:
        return history.corrections(posting.id)
    return [one for one in reversed(trail) if one.event == history.CORRECTED and one.name == posting.number]


def _kind_before(verb: str, seen: Preview, found: Sequence[Blocker]) -> str:
    if not verb:
        return "early"
    if seen.link.is_off or seen.link.is_inactive:
        return "unlinked"
    return "blocked" if found else "ready"
