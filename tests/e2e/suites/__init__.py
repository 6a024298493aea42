# SPDX-License-Identifier: Apache-2.0
"""One module a subject; the order is in run.py."""
