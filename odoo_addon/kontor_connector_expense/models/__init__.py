# SPDX-License-Identifier: LGPL-3.0-or-later
from . import hr_expense
from . import kontor_operation
from . import kontor_snapshot
