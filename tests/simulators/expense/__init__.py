# SPDX-License-Identifier: Apache-2.0
"""Expense platforms for tests, from their public contracts; no code is shared with kontor."""
