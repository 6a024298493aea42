-- SPDX-License-Identifier: LGPL-3.0-or-later
-- A neutralised copy must reach no kontord: no address, no token, nothing that waits to be sent.
UPDATE kontor_backend SET url = NULL, kontor_token = NULL, token_suffix = NULL;
UPDATE res_users SET kontor_token = NULL, kontor_token_suffix = NULL
 WHERE kontor_token IS NOT NULL OR kontor_token_suffix IS NOT NULL;
DELETE FROM kontor_request WHERE state = 'waiting';
