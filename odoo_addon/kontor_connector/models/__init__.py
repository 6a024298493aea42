# SPDX-License-Identifier: LGPL-3.0-or-later
from ..compat import MAJOR

# Operations in, events out.
from . import kontor_connector
from . import kontor_event
from . import kontor_watched
from . import kontor_operation_link
from . import kontor_snapshot
from . import kontor_operation
from . import kontor_operation_batch
from . import kontor_operation_work
from . import kontor_operation_reconcile
from . import account_move
from . import account_payment
from . import res_partner_bank
from . import res_company

if MAJOR >= 18:
    from . import account_lock_exception

# Screens, settings and requests.
from . import kontor_series
from . import kontor_secret
from . import kontor_client
from . import kontor_pull
from . import kontor_reasons
from . import kontor_finding
from . import kontor_backend
from . import kontor_backend_entity
from . import kontor_backend_check
from . import kontor_mirror_mixin
from . import kontor_mirror_document
from . import kontor_mirror_event
from . import kontor_mirror_delivery
from . import kontor_mirror_total
from . import kontor_asking
from . import kontor_bank_account
from . import kontor_beneficiary
from . import kontor_payment_order
from . import kontor_payment_order_take
from . import kontor_payment_order_ask
from . import kontor_payment_order_line
from . import kontor_exception
from . import kontor_request
from . import kontor_request_bills
from . import kontor_backend_sync
from . import kontor_backend_orders
from . import kontor_request_send
from . import kontor_backend_watch
from . import kontor_badge
from . import kontor_badge_order
from . import res_users
from . import res_config_settings
