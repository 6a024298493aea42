# SPDX-License-Identifier: Apache-2.0
"""A program that plays Odoo 17, 18 and 19 for tests, demonstrations and partner onboarding.

It keeps everything in memory, speaks XML-RPC, JSON-RPC and JSON-2, and repeats what real servers
were seen to do, the unpleasant part included. It must not import anything from the service.
"""
