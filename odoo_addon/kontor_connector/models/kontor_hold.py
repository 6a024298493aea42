# SPDX-License-Identifier: LGPL-3.0-or-later
"""How long a call may hold a journal.

From the first number on, everybody who posts in that journal waits for the call's commit. So a call
posts what fits into HOLD_SECONDS and leaves the rest to the next. Plain Python, no database.
"""

import time

# People wait two seconds at most; the commit and a slow last document need their share.
HOLD_SECONDS = 1.5
FIRST_ITEMS = 8
# The first go of a call is created before anything is held, so it may be large; it takes this share
# of the time, since the machine may have become slower since it was measured.
FIRST_SHARE = 0.6
NEXT_ITEMS_MIN = 4
# How much of a new measurement goes into the rate that is remembered.
LEARNING = 0.5
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
        return not self.held or 2 * rate * items <= HOLD_SECONDS - self.elapsed()

    def room(self):
        """How many more items fit; 0: leave the rest to the next call."""
        rate = _SECONDS_PER_ITEM.get(self._key)
        if not self.held:
            if rate is None:
                return FIRST_ITEMS
            return max(1, int(FIRST_SHARE * HOLD_SECONDS / max(rate, 1e-4)))
        if rate is None:
            return 0
        # What comes now is created while the journal is held, which about doubles it.
        fits = int((HOLD_SECONDS - self.elapsed()) / max(2 * rate, 1e-4))
        return fits if fits >= NEXT_ITEMS_MIN else 0


def last_hold_seconds():
    """How long the last call of this process held its journal, without its commit."""
    return _LAST_HOLD[0]


def forget():
    """Forgets all rates: for tests."""
    _SECONDS_PER_ITEM.clear()
