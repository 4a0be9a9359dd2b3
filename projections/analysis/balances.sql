-- What the accounts hold, by currency: the sum of the balances after the last entry of each account, in minor units,
-- with how many accounts were opened, have money, and are overdrawn.
WITH last AS (
    SELECT stream_id,
        arg_max(CAST(data ->> 'balance' AS BIGINT), version) AS balance,
        arg_max(data ->> 'currency', version) AS currency
    FROM events
    WHERE category = 'account' AND type IN (
        'account.money_deposited', 'account.money_withdrawn', 'account.transfer_sent', 'account.transfer_received',
        'account.hold_captured', 'account.entry_reversed', 'account.balance_adjusted')
    GROUP BY stream_id
),
opened AS (
    SELECT data ->> 'currency' AS currency, count(*) AS accounts
    FROM events WHERE type = 'account.opened' GROUP BY 1
)
SELECT opened.currency,
    opened.accounts,
    count(*) FILTER (WHERE last.balance > 0) AS with_money,
    count(*) FILTER (WHERE last.balance < 0) AS overdrawn,
    coalesce(sum(last.balance), 0) AS balance
FROM opened LEFT JOIN last ON last.currency = opened.currency
GROUP BY opened.currency, opened.accounts
ORDER BY opened.currency
