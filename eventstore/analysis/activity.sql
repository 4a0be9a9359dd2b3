-- Commands and events by hour (UTC): how many were asked for, were refused, and what they caused.
SELECT hour, sum(commands) AS commands, sum(refused) AS refused, sum(events) AS events
FROM (
    SELECT date_trunc('hour', recorded_at) AS hour, count(*) AS commands,
        count(*) FILTER (WHERE NOT accepted) AS refused, 0 AS events
    FROM commands GROUP BY 1
    UNION ALL
    SELECT date_trunc('hour', recorded_at), 0, 0, count(*) FROM events GROUP BY 1
)
GROUP BY hour
ORDER BY hour
