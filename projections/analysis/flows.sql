-- What came in and what went out, by day (UTC) of recording and currency, in minor units: between the accounts and the
-- world outside (deposits; withdrawals and captures), between accounts (transfers, counted once), and by staff
-- (reversals and adjustments, signed).
WITH read AS (  -- one look into each payload for all of its fields
    SELECT recorded_at, type, json_extract_string(data, ['currency', 'amount', 'direction']) AS fields
    FROM events
    WHERE type IN (
        'account.money_deposited', 'account.money_withdrawn', 'account.transfer_sent', 'account.transfer_received',
        'account.hold_captured', 'account.entry_reversed', 'account.balance_adjusted')
),
entries AS (
    SELECT CAST(recorded_at AS DATE) AS day, type, fields[1] AS currency,
        CASE WHEN fields[3] = 'debit' THEN -CAST(fields[2] AS BIGINT) ELSE CAST(fields[2] AS BIGINT) END AS amount
    FROM read
)
SELECT day,
    currency,
    count(*) AS entries,
    coalesce(sum(amount) FILTER (WHERE type = 'account.money_deposited'), 0) AS paid_in,
    coalesce(sum(amount) FILTER (WHERE type IN ('account.money_withdrawn', 'account.hold_captured')), 0) AS paid_out,
    coalesce(sum(amount) FILTER (WHERE type = 'account.transfer_sent'), 0) AS transferred,
    coalesce(sum(amount) FILTER (WHERE type = 'account.entry_reversed'), 0) AS reversed,
    coalesce(sum(amount) FILTER (WHERE type = 'account.balance_adjusted'), 0) AS adjusted
FROM entries
GROUP BY day, currency
ORDER BY day, currency
