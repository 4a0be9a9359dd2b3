-- What was refused, by code and kind of command: how often, to how many actors, and when first and last (UTC).
SELECT response ->> 'code' AS code,
    type AS command,
    count(*) AS refusals,
    count(DISTINCT actor) AS actors,
    min(recorded_at) AS first,
    max(recorded_at) AS last
FROM commands
WHERE NOT accepted
GROUP BY 1, 2
ORDER BY refusals DESC, code, command
