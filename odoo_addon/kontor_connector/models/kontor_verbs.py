# SPDX-License-Identifier: LGPL-3.0-or-later
"""What a person can ask of kontor: the words, the calls and the roles. Plain data."""

PREPARE = ("group_kontor_preparer", "group_kontor_manager")
PREPARER = ("group_kontor_preparer",)
APPROVER = ("group_kontor_approver",)
RELEASER = ("group_kontor_releaser",)
DECIDERS = APPROVER + RELEASER
EVERY_PAYER = PREPARER + DECIDERS

VERBS = [
    ("retry", "Retry"), ("correct_and_retry", "Correct and retry"), ("accept", "Accept"),
    ("reject", "Reject"), ("approve", "Confirm the decision"), ("decline", "Decline the decision"),
    ("retry_operation", "Try again now"), ("release_operation", "Release"),
    ("cancel_operation", "Give up"), ("replay_delivery", "Deliver again"),
    ("prepare_order", "Pay through kontor"), ("refresh_order", "Read again"),
    ("approve_order", "Approve"), ("revoke_order", "Take my approval back"),
    ("release_order", "Release to the bank"), ("hold_order", "Hold"),
    ("unhold_order", "End the hold"), ("cancel_order", "Cancel the order"),
    ("submission_sent", "The bank has the file"),
    ("submission_not_sent", "The bank never got the file"),
    ("confirm_account", "Confirm the account"), ("block_account", "Block the account"),
]
METHODS = {
    "retry": "ExceptionService/ResolveException",
    "correct_and_retry": "ExceptionService/ResolveException",
    "accept": "ExceptionService/ResolveException",
    "reject": "ExceptionService/ResolveException",
    "approve": "ExceptionService/ApproveResolution",
    "decline": "ExceptionService/DeclineResolution",
    "retry_operation": "OperationService/RetryOperation",
    "release_operation": "OperationService/ReleaseOperation",
    "cancel_operation": "OperationService/CancelOperation",
    "replay_delivery": "WebhookService/ReplayDeliveries",
    "prepare_order": "PaymentOrderService/CreatePaymentOrder",
    "refresh_order": "PaymentOrderService/RefreshPaymentOrder",
    "approve_order": "PaymentOrderService/ApprovePaymentOrder",
    "revoke_order": "PaymentOrderService/RevokePaymentOrderApproval",
    "release_order": "PaymentOrderService/ReleasePaymentOrder",
    "hold_order": "PaymentOrderService/HoldPaymentOrder",
    "unhold_order": "PaymentOrderService/UnholdPaymentOrder",
    "cancel_order": "PaymentOrderService/CancelPaymentOrder",
    "submission_sent": "PaymentOrderService/ResolvePaymentOrderSubmission",
    "submission_not_sent": "PaymentOrderService/ResolvePaymentOrderSubmission",
    "confirm_account": "BeneficiaryService/ConfirmBeneficiary",
    "block_account": "BeneficiaryService/BlockBeneficiary",
}
# Who may ask here; kontord asks its own roles once more.
GROUPS = {
    "retry": PREPARE, "correct_and_retry": PREPARE, "accept": PREPARE, "reject": PREPARE,
    "approve": APPROVER, "decline": APPROVER,
    "retry_operation": PREPARE, "cancel_operation": PREPARE,
    "release_operation": RELEASER, "replay_delivery": ("group_kontor_manager",),
    "prepare_order": PREPARER, "refresh_order": PREPARER,
    "approve_order": APPROVER, "revoke_order": APPROVER, "release_order": RELEASER,
    "hold_order": EVERY_PAYER, "unhold_order": DECIDERS, "cancel_order": EVERY_PAYER,
    "submission_sent": DECIDERS, "submission_not_sent": DECIDERS,
    "confirm_account": APPROVER, "block_account": APPROVER,
}
# Bound to the digest of what the person saw.
BY_DIGEST = ("approve_order", "release_order", "confirm_account")
# kontor takes no reason for these: the digest says it all.
WITHOUT_REASON = ("prepare_order", "refresh_order", "approve_order", "release_order")
OUTCOMES = {"submission_sent": "OUTCOME_SENT", "submission_not_sent": "OUTCOME_NOT_SENT"}
# Model of what a request is about: its link, and the field with kontor's id.
LINKS = {
    "kontor.exception": ("exception_id", "exception_ref"),
    "kontor.mirror.delivery": ("delivery_id", "delivery_ref"),
    "kontor.mirror.document": ("document_id", "operation_ref"),
    "kontor.payment.order": ("order_id", "order_ref"),
    "kontor.beneficiary": ("beneficiary_id", "beneficiary_ref"),
}
