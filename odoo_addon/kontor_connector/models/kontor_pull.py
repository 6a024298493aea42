# SPDX-License-Identifier: LGPL-3.0-or-later
"""Reads from kontord what changed. Plain functions over a client: nothing here touches a database.

The feed says what changed; the subjects themselves are then read as they are now. Passing states
(sending, retrying, parked) and decisions make no events, so what is open is asked for by itself.
"""
from .kontor_client import API, KontorError

EVENT_PAGE = 200
LIST_PAGE = 500
OPEN_PAGES_MAX = 10
ENDPOINTS_MAX = 100
DELIVERY_PAGES_MAX = 4

# Payment orders that may still change without an event. What ends later, as when money comes back,
# has one.
OPEN_ORDER_STATES = (
    "STATE_DRAFT", "STATE_VALIDATED", "STATE_AWAITING_APPROVAL", "STATE_APPROVED",
    "STATE_RELEASED", "STATE_SUBMITTED", "STATE_ACKNOWLEDGED", "STATE_ACCEPTED", "STATE_HELD")
OPEN_STATES = ("STATE_ACCEPTED", "STATE_READY", "STATE_SENDING", "STATE_RETRYING", "STATE_UNKNOWN",
               "STATE_EXCEPTION", "STATE_HELD", "STATE_PARKED")
# Prefix of a document's id: the method that gets it, and the member of the answer.
GETTERS = {
    "inv": ("InvoiceService/GetInvoice", "invoice"),
    "bil": ("InvoiceService/GetInvoice", "invoice"),
    "crn": ("InvoiceService/GetInvoice", "invoice"),
    "pay": ("PaymentService/GetPayment", "payment"),
    "jrn": ("JournalEntryService/GetJournalEntry", "journalEntry"),
    "prt": ("PartnerService/GetPartner", "partner"),
}


class Changes:
    """What was read, by id; `cursor` is where to go on in the feed."""

    def __init__(self, cursor=0):
        self.cursor = cursor
        self.at_end = True
        self.events = []
        self.operations = {}
        self.documents = {}
        self.exceptions = {}
        self.orders = {}
        self.beneficiaries = {}
        self.accounts = {}
        self.endpoints = []
        self.deliveries = {}


def getter_of(document_id):
    """(method, member) for a document's id; (None, None) for a record that kontor did not make."""
    return GETTERS.get(document_id.partition("_")[0], (None, None))


def get_or_none(client, method, member, ident):
    """The object, or None when kontor has none of that id that we may see."""
    try:
        return client.call(method, id=ident).get(member)
    except KontorError as error:
        if error.kind == API and error.code == "not_found":
            return None
        raise


def add_operation(client, changes, operation_id):
    """Reads an operation with its document and its exception."""
    if operation_id in changes.operations:
        return
    operation = get_or_none(client, "OperationService/GetOperation", "operation", operation_id)
    if operation is not None:
        take_operation(client, changes, operation)


def take_operation(client, changes, operation):
    """Takes an operation that is read already, and reads what belongs to it."""
    changes.operations[operation["id"]] = operation
    document_id = operation.get("documentId", "")
    method, member = getter_of(document_id)
    if method and document_id not in changes.documents:
        document = get_or_none(client, method, member, document_id)
        if document is not None:
            changes.documents[document_id] = document
    add_exception(client, changes, operation.get("exceptionId"))


def add_exception(client, changes, exception_id):
    """Reads an exception."""
    if exception_id and exception_id not in changes.exceptions:
        found = get_or_none(client, "ExceptionService/GetException", "exception", exception_id)
        if found is not None:
            changes.exceptions[exception_id] = found


def add_order(client, changes, order_id):
    """Reads a payment order with its payments and its exception."""
    if order_id in changes.orders:
        return
    order = get_or_none(client, "PaymentOrderService/GetPaymentOrder", "order", order_id)
    if order is not None:
        changes.orders[order_id] = order
        add_exception(client, changes, order.get("exceptionId"))


def add_beneficiary(client, changes, beneficiary_id):
    """Reads a creditor's account."""
    if beneficiary_id in changes.beneficiaries:
        return
    found = get_or_none(client, "BeneficiaryService/GetBeneficiary", "beneficiary",
                        beneficiary_id)
    if found is not None:
        changes.beneficiaries[beneficiary_id] = found


def add_subject(client, changes, subject):
    """Reads what an event is about, where its id alone says what that is."""
    prefix = subject.partition("_")[0]
    if prefix == "pmo":
        add_order(client, changes, subject)
    elif prefix == "bnf":
        add_beneficiary(client, changes, subject)


def pull_events(client, after, entities):
    """One page of the feed after `after`, with the subjects of the wanted entities as they are."""
    page = client.call("EventService/ListEvents", afterSequence=int(after), pageSize=EVENT_PAGE)
    changes = Changes(int(page.get("nextAfter", after)))
    changes.at_end = bool(page.get("atEnd"))
    for event in page.get("events", []):
        if event.get("entity") not in entities:
            continue
        changes.events.append(event)
        data = event.get("data") or {}
        if data.get("operation_id"):
            add_operation(client, changes, data["operation_id"])
        add_exception(client, changes, (data.get("exception") or {}).get("id"))
        add_subject(client, changes, event.get("subject", ""))
    return changes


def pull_open(client, entities, known_operations, known_exceptions):
    """What is open at kontor now, and what was open here and is not listed there any more.

    `known_operations` maps ids to the versions that are held; an unchanged one is left out.
    """
    changes = Changes()
    listed = set()
    for entity in entities:
        for operation in pages(client, "OperationService/ListOperations", "operations",
                               entity=entity, states=list(OPEN_STATES)):
            listed.add(operation["id"])
            if known_operations.get(operation["id"]) != int(operation.get("version", 0)):
                take_operation(client, changes, operation)
        for state in ("STATE_OPEN", "STATE_AWAITING_SECOND_PERSON"):
            for found in pages(client, "ExceptionService/ListExceptions", "exceptions",
                               entity=entity, state=state):
                changes.exceptions.setdefault(found["id"], found)
    for operation_id in known_operations:
        if operation_id not in listed:
            add_operation(client, changes, operation_id)
    for exception_id in known_exceptions:
        add_exception(client, changes, exception_id)
    return changes


def pull_orders(client, entities, known_orders, known_beneficiaries):
    """Accounts of ours, open payment orders and creditors' accounts that nobody has confirmed.

    `known_orders` maps the ids of open orders to their last change as kontor wrote it, and
    `known_beneficiaries` names the unconfirmed ones: what is not listed any more is read by itself.
    """
    changes = Changes()
    listed = set()
    for entity in entities:
        for account in pages(client, "BankService/ListBankAccounts", "accounts",
                             entity=entity):
            changes.accounts[account["id"]] = account
        for order in pages(client, "PaymentOrderService/ListPaymentOrders", "orders",
                           entity=entity, states=list(OPEN_ORDER_STATES)):
            listed.add(order["id"])
            if known_orders.get(order["id"]) != order.get("updateTime"):
                add_order(client, changes, order["id"])
        for found in pages(client, "BeneficiaryService/ListBeneficiaries", "beneficiaries",
                           entity=entity, state="STATE_UNCONFIRMED"):
            changes.beneficiaries.setdefault(found["id"], found)
    for order_id in known_orders:
        if order_id not in listed:
            add_order(client, changes, order_id)
    for beneficiary_id in known_beneficiaries:
        add_beneficiary(client, changes, beneficiary_id)
    return changes


def pull_deliveries(client, finished):
    """The endpoints and their latest deliveries. `finished` are ids that cannot change any more.

    Reading a list ends at a page on which nothing is new.
    """
    changes = Changes()
    answer = client.call("WebhookService/ListEndpoints", pageSize=ENDPOINTS_MAX)
    changes.endpoints = answer.get("endpoints", [])
    for endpoint in changes.endpoints:
        token = ""
        for _page in range(DELIVERY_PAGES_MAX):
            answer = client.call("WebhookService/ListDeliveries", endpointId=endpoint["id"],
                                 pageSize=LIST_PAGE, pageToken=token)
            fresh = [row for row in answer.get("deliveries", []) if row["id"] not in finished]
            changes.deliveries.update((row["id"], row) for row in fresh)
            token = answer.get("nextPageToken", "")
            if not token or not fresh:
                break
    return changes


def pages(client, method, member, **query):
    """The entries of all pages of a list, up to OPEN_PAGES_MAX pages."""
    token = ""
    for _page in range(OPEN_PAGES_MAX):
        answer = client.call(method, pageSize=LIST_PAGE, pageToken=token, **query)
        yield from answer.get(member, [])
        token = answer.get("nextPageToken", "")
        if not token:
            return
