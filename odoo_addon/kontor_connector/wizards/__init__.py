# SPDX-License-Identifier: LGPL-3.0-or-later
from . import kontor_decision
from . import kontor_correction
from . import kontor_payment_prepare
