# SPDX-License-Identifier: LGPL-3.0-or-later
from . import models
from . import wizards
from .hooks import pre_init_hook
from .models.kontor_secret import drop_column as uninstall_hook
