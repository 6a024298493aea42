# SPDX-License-Identifier: LGPL-3.0-or-later
from . import test_apply_moves
from . import test_events
from . import test_apply_identity
from . import test_apply_others
