# SPDX-License-Identifier: LGPL-3.0-or-later
"""How long a call may hold a journal.

From the first number on, everybody who posts in that journal waits for the call's commit. So a call
posts what fits into HOLD_SECONDS and leaves the rest to the next. Plain Python, no database.
"""

import time

# People wait two seconds at most; the commit and a machine that becomes slower need their share.
HOLD_SECONDS = 1.5
# A worker that has not measured yet begins with so many.
FIRST_ITEMS = 6
# The first go of a call is created before anything is held; the later ones while it is held, which
# about doubles what they take. Each takes a small share of the time, since the machine may have
# become three times slower since it was measured; fewer than NEXT_ITEMS_MIN are not worth a go.
FIRST_SHARE = 0.35
NEXT_SHARE = 0.25
NEXT_FACTOR = 2
NEXT_ITEMS_MIN = 4
# How much of a new measurement goes into the rate that is remembered.
LEARNING = 0.5
RATE_MIN = 1e-4
# How long this worker's last call held its journal up to its answer, for those who measure.
_LAST_HOLD = [0.0]
# One rate a (database, company, kind), as many as those; a worker that starts learns anew.
_SECONDS_PER_ITEM = {}


class Hold:
    """The budget of one call. Not thread safe: one a call."""

    def __init__(self, key, clock=time.monotonic):
        self._key = key
        self._clock = clock
        self._since = None
        self._made = None

    def begin(self):
        """From now on the journal is held; again while it is held changes nothing."""
        if self._since is None:
            self._since = self._clock()

    def release(self, was_held):
        """A savepoint was undone: what it locked is free again."""
        if not was_held:
            self._since = None

    @property
    def held(self):
        """Whether the journal is held."""
        return self._since is not None

    def end(self):
        """The call is over; answers how long the journal was held."""
        _LAST_HOLD[0] = self.elapsed()
        return _LAST_HOLD[0]

    def elapsed(self):
        """Seconds since the journal is held, 0 when it is not."""
        return self._clock() - self._since if self.held else 0.0

    def learn(self, items, seconds):
        """Remembers what an item took while the journal was held."""
        if items <= 0:
            return
        rate = seconds / items
        known = _SECONDS_PER_ITEM.get(self._key)
        _SECONDS_PER_ITEM[self._key] = (
            rate if known is None else known + LEARNING * (rate - known)
        )

    def fits(self, items):
        """Whether so many items may be carried out now; always when nothing is held."""
        rate = _SECONDS_PER_ITEM.get(self._key, HOLD_SECONDS)
        return not self.held or NEXT_FACTOR * rate * items <= HOLD_SECONDS - self.elapsed()

    def room(self):
        """How many items the next go may have; 0: leave the rest to the next call."""
        rate = max(_SECONDS_PER_ITEM.get(self._key, 0.0), RATE_MIN)
        if not self.held:
            if self._key not in _SECONDS_PER_ITEM:
                return FIRST_ITEMS
            return max(1, int(FIRST_SHARE * HOLD_SECONDS / rate))
        items = max(NEXT_ITEMS_MIN, int(NEXT_SHARE * HOLD_SECONDS / (NEXT_FACTOR * rate)))
        return items if self.fits(items) else 0


def last_hold_seconds():
    """How long the last call of this process held its journal, without its commit."""
    return _LAST_HOLD[0]


def forget():
    """Forgets all rates: for tests."""
    _SECONDS_PER_ITEM.clear()
