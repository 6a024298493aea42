# SPDX-License-Identifier: Apache-2.0
"""Parts of the conformance test: the wire, the translation of ids, the comparison."""
