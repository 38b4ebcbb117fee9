"""The table of the planted bugs.

`seed`: one that finds it today, tried first by the tests; `make planted` searches from the beginning.
"""

from dataclasses import dataclass, replace

from tests.simulation.planted.asking import AnyNonce, EarlierOnesCount, OnlyTheLatest
from tests.simulation.planted.clinic import (
    AcknowledgesCallsFirst,
    AcknowledgesFirst,
    AnswersInForm2,
    AnyHand,
    HeldIsForgotten,
    NoQuarantine,
    OneTooMany,
    ReadsTooMuch,
    TellsEverybody,
    ThroughTheLast,
)
from tests.simulation.planted.clocks import AnyBoot, BelievesTheMachine, ForgetsTheWay
from tests.simulation.planted.link import (
    AdoptsUnasked,
    AnyClockRefuses,
    BelievesTheBroker,
    ExpiredIsObeyed,
    NobodySigns,
    NothingIsLost,
    TellsAtPuback,
    WaitsForPubacks,
)
from tests.simulation.planted.link_store import (
    AlertsWait,
    AnswersUnsay,
    AnyOrder,
    AsksAboutOne,
    FirstComeFirstSent,
    LastComeIsApplied,
    NewestComesLast,
    OldestEpochOnly,
    TakesOldWords,
    TakesTwice,
)
from tests.simulation.planted.outbox import (
    BySettledAlone,
    CountsFromTheFirstLanding,
    CountsRows,
    ForgetsAtOnce,
    HearsNothingOfSettled,
    NoSyncOnTheBox,
    OneEpoch,
    TwoTransactions,
    WritesForm2,
)
from tests.simulation.planted.record import (
    BeyondTheHighest,
    ConfirmedIsThere,
    ExpiredIsSent,
    LedgerInParts,
    NoSyncAtTheClinic,
    Overwrites,
    ReceivedWhenWritten,
    RevokedIsHeard,
    SettledByRows,
    SupersededIsSent,
)
from tests.simulation.planted.urgent import CallsGoneAtPuback, UrgentAlone, UrgentUnasked
from tests.simulation.record import SqlRecord
from tests.simulation.world import Parts


@dataclass(frozen=True)
class Planted:
    name: str
    seed: int
    parts: Parts

    def on(self, store: Parts) -> Parts | None:
        """The bug on another of the clinic's databases; None: it is one of plain SQL alone."""
        if store.record is SqlRecord:
            return self.parts
        if self.parts.record is not SqlRecord:
            return None
        return replace(self.parts, record=store.record, disk_errors=store.disk_errors)


PLANTED = (
    Planted("acknowledge before commit", 5_000_000, Parts(clinic=AcknowledgesFirst)),
    Planted("calls acknowledged before commit", 6_000_021, Parts(clinic=AcknowledgesCallsFirst)),
    Planted("read says one too many", 2_000_000, Parts(clinic=ReadsTooMuch)),
    Planted("through beyond what is missing", 0, Parts(clinic_end=ThroughTheLast)),
    Planted("ranges off by one", 0, Parts(clinic_end=OneTooMany)),
    Planted("stored counted, not looked at", 0, Parts(record=LedgerInParts)),
    Planted("held forgotten", 3, Parts(clinic_end=HeldIsForgotten)),
    Planted("no quarantine", 0, Parts(clinic_end=NoQuarantine)),
    Planted("a box's signature unchecked", 2, Parts(clinic_end=AnyHand)),
    Planted("same identity overwritten", 4, Parts(record=Overwrites)),
    Planted("a revoked box is heard", 22, Parts(record=RevokedIsHeard)),
    Planted("only orders beyond the highest", 46, Parts(record=BeyondTheHighest)),
    Planted("a superseded plan is sent", 3, Parts(record=SupersededIsSent)),
    Planted("a confirmed plan is not sent again", 2_000_027, Parts(record=ConfirmedIsThere)),
    Planted("settled by the box's time", 3_000_012, Parts(record=ReceivedWhenWritten)),
    Planted("settled by rows, not by times", 3_000_012, Parts(record=SettledByRows)),
    Planted("no fsync at the clinic", 5_000_000, Parts(record=NoSyncAtTheClinic)),
    Planted("answers in form 2, whoever asks", 11, Parts(clinic_end=AnswersInForm2)),
    Planted("urgent told to who does not take it", 6_000_012, Parts(clinic_end=TellsEverybody)),
    Planted("form 2 written unasked", 0, Parts(outbox=WritesForm2)),
    Planted("seq reused", 19, Parts(outbox=CountsRows)),
    Planted("epoch reused", 7, Parts(outbox=OneEpoch)),
    Planted("rows forgotten too early", 0, Parts(outbox=ForgetsAtOnce)),
    Planted("thirty days from the first landing", 1_000_000, Parts(outbox=CountsFromTheFirstLanding)),
    Planted("settled unheard", 3_000_012, Parts(outbox=HearsNothingOfSettled)),
    Planted("by settled alone", 1_000_000, Parts(outbox=BySettledAlone)),
    Planted("report and result in two transactions", 13, Parts(outbox=TwoTransactions)),
    Planted("no fsync on the box", 13, Parts(outbox=NoSyncOnTheBox)),
    Planted("a disk that lies", 0, Parts(disk_lies=True)),
    Planted("row gone at PUBACK", 0, Parts(link_end=BelievesTheBroker)),
    Planted("call gone at PUBACK", 6_000_006, Parts(link_end=CallsGoneAtPuback)),
    Planted("urgent is the only way", 6_000_044, Parts(link_end=UrgentAlone)),
    Planted("urgent written unasked", 6_000_000, Parts(link_store=UrgentUnasked)),
    Planted("told at PUBACK", 0, Parts(link_end=TellsAtPuback)),
    Planted("the clinic's signature unchecked", 2, Parts(link_end=NobodySigns)),
    Planted("nonce not checked", 7, Parts(link_end=AnyNonce)),
    Planted("only the latest hello is answered", 2, Parts(link_end=OnlyTheLatest)),
    Planted("earlier hellos count after later ones", 3_000_004, Parts(link_end=EarlierOnesCount)),
    Planted("ledger adopted unasked", 66, Parts(link_end=AdoptsUnasked)),
    Planted("lost rows not sent again", 4, Parts(link_end=NothingIsLost)),
    Planted("expired order obeyed", 2, Parts(link_end=ExpiredIsObeyed, record=ExpiredIsSent)),
    Planted("a network's time refuses orders", 176, Parts(link_end=AnyClockRefuses)),
    Planted("unconfirmed rows not asked about", 24, Parts(link_end=WaitsForPubacks)),
    Planted("an overtaken answer unsays", 13, Parts(link_store=AnswersUnsay)),
    Planted("words of before a snapshot taken", 1_167, Parts(link_store=TakesOldWords)),
    Planted("serial ignored", 0, Parts(link_store=AnyOrder)),
    Planted("hello asks about one epoch", 34, Parts(link_store=AsksAboutOne)),
    Planted("order taken twice", 0, Parts(link_store=TakesTwice)),
    Planted("older plan in force", 1, Parts(link_store=NewestComesLast)),
    Planted("the kiosk applies what came last", 1, Parts(reader=LastComeIsApplied)),
    Planted("former epochs not sent", 1, Parts(link_store=OldestEpochOnly)),
    Planted("the way of an answer forgotten", 1, Parts(link_store=ForgetsTheWay)),
    Planted("a network's time believed", 9, Parts(clock=BelievesTheMachine)),
    Planted("an answer of another boot", 4, Parts(clock=AnyBoot)),
    Planted("strong pain waits its turn", 0, Parts(link_store=AlertsWait)),
    Planted("help waits its turn", 3, Parts(link_store=FirstComeFirstSent)),
)
