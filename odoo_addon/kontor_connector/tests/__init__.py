# SPDX-License-Identifier: LGPL-3.0-or-later
from . import test_apply_moves
from . import test_events
from . import test_apply_identity
from . import test_apply_others
from . import test_kontor_client
from . import test_kontor_backend
from . import test_kontor_mirror
from . import test_kontor_request
from . import test_kontor_payment_order
from . import test_kontor_payment_request
from . import test_kontor_watch
from . import test_kontor_i18n
from . import test_kontor_screens
