# SPDX-License-Identifier: Apache-2.0
"""What the end-to-end tests share: kontord as a process, its API as JSON, Odoo as a target."""
