-- What the accounts hold, by currency: the sum of the balances after the last entry of each account, in minor units,
-- of all, of those in credit and of those overdrawn, with how many accounts were opened, have money, and are overdrawn.
WITH last AS (
    SELECT stream_id, arg_max(data, version) AS data
    FROM events
    WHERE type IN (
        'account.money_deposited', 'account.money_withdrawn', 'account.transfer_sent', 'account.transfer_received',
        'account.hold_captured', 'account.entry_reversed', 'account.balance_adjusted')
    GROUP BY stream_id
),
held AS (
    SELECT data ->> 'currency' AS currency, CAST(data ->> 'balance' AS BIGINT) AS balance FROM last
),
opened AS (
    SELECT data ->> 'currency' AS currency, count(*) AS accounts
    FROM events WHERE type = 'account.opened' GROUP BY 1
)
SELECT opened.currency,
    opened.accounts,
    count(*) FILTER (WHERE held.balance > 0) AS with_money,
    count(*) FILTER (WHERE held.balance < 0) AS overdrawn,
    coalesce(sum(held.balance) FILTER (WHERE held.balance > 0), 0) AS in_credit,
    coalesce(sum(held.balance) FILTER (WHERE held.balance < 0), 0) AS owed,
    coalesce(sum(held.balance), 0) AS balance
FROM opened LEFT JOIN held ON held.currency = opened.currency
GROUP BY opened.currency, opened.accounts
ORDER BY opened.currency
