# SPDX-License-Identifier: Apache-2.0
"""A bank: takes payment orders, answers, books, and tells of it in statements of its own making."""
