"""A rule-based machine: people come and go, lists break, clocks run, and the product must not lie.

`python -m pytest tests/properties/test_machine.py` runs a part; STEPS in the environment runs more.
"""

from tests.properties.machine.clocks import OverTime
from tests.properties.machine.deciding import OfAdmins
from tests.properties.machine.holding import Holding
from tests.properties.machine.people import AmongPeople
from tests.properties.machine.reading import OfReadings


class Machine(AmongPeople, OfAdmins, OfReadings, OverTime, Holding):
    """Everything that may happen."""


class Readings(OfReadings, OverTime, Holding):
    """Only Xero, the connection and the clock: what happens seldom among everything, often here."""


class Deciding(AmongPeople, OfAdmins, OfReadings, Holding):
    """Only people, lists and decisions, on a connection that nobody touches."""


MACHINES = (Machine, Readings, Deciding)
