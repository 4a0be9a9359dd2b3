-- What came in and what went out, by day (UTC) of recording and currency, in minor units: between the accounts and the
-- world outside (deposits; withdrawals and captures), between accounts (transfers, counted once), and by staff
-- (reversals and adjustments, signed).
SELECT CAST(recorded_at AS DATE) AS day,
    data ->> 'currency' AS currency,
    count(*) AS entries,
    coalesce(sum(amount) FILTER (WHERE type = 'account.money_deposited'), 0) AS paid_in,
    coalesce(sum(amount) FILTER (WHERE type IN ('account.money_withdrawn', 'account.hold_captured')), 0) AS paid_out,
    coalesce(sum(amount) FILTER (WHERE type = 'account.transfer_sent'), 0) AS transferred,
    coalesce(sum(CASE WHEN data ->> 'direction' = 'debit' THEN -amount ELSE amount END)
        FILTER (WHERE type = 'account.entry_reversed'), 0) AS reversed,
    coalesce(sum(amount) FILTER (WHERE type = 'account.balance_adjusted'), 0) AS adjusted
FROM (SELECT *, CAST(data ->> 'amount' AS BIGINT) AS amount FROM events WHERE type IN (
    'account.money_deposited', 'account.money_withdrawn', 'account.transfer_sent', 'account.transfer_received',
    'account.hold_captured', 'account.entry_reversed', 'account.balance_adjusted'))
GROUP BY 1, 2
ORDER BY 1, 2
