# SPDX-License-Identifier: Apache-2.0
"""Files altered on their way to the bank, and stores put back to before a release: each a test of
its own, with a bank that takes what lies in its outbox only when it is told to."""
from __future__ import annotations

CASES = {}
