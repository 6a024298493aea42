# SPDX-License-Identifier: LGPL-3.0-or-later
# Copyright 2026 The kontor authors
{
    "name": "Kontor Connector: Expenses",
    "summary": "Expenses in exactly once, and their approval out",
    "version": "18.0.1.1.0",
    "development_status": "Beta",
    "category": "Human Resources/Expenses",
    "author": "The kontor authors",
    "license": "LGPL-3",
    "depends": ["kontor_connector", "hr_expense"],
    "data": ["security/kontor_expense_rules.xml"],
    "auto_install": True,
}
