-- What is written for every task takes less room: times are milliseconds since 1970, words that come again and again are
-- numbers of rows in `texts`, and what follows from other columns is left out. The views have all of it in full.

CREATE TABLE texts (
    id INTEGER PRIMARY KEY,
    text TEXT NOT NULL UNIQUE
);

CREATE TABLE call_records (
    run_id INTEGER NOT NULL REFERENCES runs (id),
    call_id TEXT NOT NULL,
    target INTEGER NOT NULL REFERENCES texts (id),
    kind INTEGER NOT NULL REFERENCES texts (id),
    status INTEGER NOT NULL REFERENCES texts (id),
    error TEXT,
    failure_kind INTEGER REFERENCES texts (id),
    outputs TEXT,
    started INTEGER NOT NULL,
    ended INTEGER,
    PRIMARY KEY (run_id, call_id)
) WITHOUT ROWID;

-- `task` is the rowid in `tasks`, and there is a row as soon as there is something to say; `directory` is NULL where the layout of the run says it; `cpu` is in microseconds.
CREATE TABLE attempt_records (
    task INTEGER PRIMARY KEY,
    directory TEXT,
    job_id TEXT,
    submitted INTEGER,
    failure_kind INTEGER REFERENCES texts (id),
    failure_message TEXT,
    failure_detail TEXT,
    cpu INTEGER,
    memory_peak INTEGER,
    image INTEGER REFERENCES texts (id),
    image_digest INTEGER REFERENCES texts (id),
    host INTEGER REFERENCES texts (id),
    cache_key TEXT,
    cache_origin TEXT,
    cancel_requested INTEGER,
    reattached INTEGER
);

INSERT OR IGNORE INTO texts (text) SELECT kind FROM calls UNION SELECT status FROM calls UNION SELECT target FROM calls;
INSERT OR IGNORE INTO texts (text)
SELECT failure_kind FROM calls WHERE failure_kind IS NOT NULL
UNION SELECT failure_kind FROM attempts WHERE failure_kind IS NOT NULL
UNION SELECT image FROM attempts WHERE image IS NOT NULL
UNION SELECT image_digest FROM attempts WHERE image_digest IS NOT NULL
UNION SELECT host FROM attempts WHERE host IS NOT NULL;

INSERT INTO call_records
SELECT
    run_id, call_id,
    (SELECT id FROM texts WHERE text = target),
    (SELECT id FROM texts WHERE text = kind),
    (SELECT id FROM texts WHERE text = status),
    error,
    (SELECT id FROM texts WHERE text = failure_kind),
    outputs,
    strftime('%s', started_at) * 1000 + substr(started_at, 21, 3),
    strftime('%s', completed_at) * 1000 + substr(completed_at, 21, 3)
FROM calls;

INSERT INTO attempt_records
SELECT
    tasks.rowid, directory, job_id,
    strftime('%s', submitted_at) * 1000 + substr(submitted_at, 21, 3),
    (SELECT id FROM texts WHERE text = failure_kind),
    failure_message, failure_detail,
    CAST(round(cpu_seconds * 1000000) AS INTEGER),
    memory_peak,
    (SELECT id FROM texts WHERE text = image),
    (SELECT id FROM texts WHERE text = image_digest),
    (SELECT id FROM texts WHERE text = host),
    cache_key, cache_origin,
    strftime('%s', cancel_requested_at) * 1000 + substr(cancel_requested_at, 21, 3),
    strftime('%s', reattached_at) * 1000 + substr(reattached_at, 21, 3)
FROM attempts JOIN tasks USING (name)
ORDER BY tasks.rowid;

DROP TABLE attempts;
DROP TABLE calls;

CREATE VIEW calls AS
SELECT
    run_id, call_id,
    (SELECT text FROM texts WHERE id = target) AS target,
    (SELECT text FROM texts WHERE id = kind) AS kind,
    (SELECT text FROM texts WHERE id = status) AS status,
    error,
    strftime('%Y-%m-%dT%H:%M:%fZ', started / 1000.0, 'unixepoch') AS started_at,
    strftime('%Y-%m-%dT%H:%M:%fZ', ended / 1000.0, 'unixepoch') AS completed_at,
    (SELECT text FROM texts WHERE id = failure_kind) AS failure_kind,
    outputs
FROM call_records;

CREATE VIEW attempts AS
SELECT
    tasks.name,
    coalesce(attempt_records.directory, (
        SELECT
            runs.directory
            || CASE run_details.kind WHEN 'task' THEN '' ELSE '/calls/' || replace(tasks.call_id, '/', '/calls/') END
            || '/attempts/' || tasks.attempt
        FROM runs JOIN run_details ON run_details.run_id = runs.id
        WHERE runs.id = tasks.run_id
    )) AS directory,
    job_id,
    strftime('%Y-%m-%dT%H:%M:%fZ', submitted / 1000.0, 'unixepoch') AS submitted_at,
    exit_status AS exit_code,
    (SELECT text FROM texts WHERE id = failure_kind) AS failure_kind,
    failure_message, failure_detail,
    cpu / 1000000.0 AS cpu_seconds,
    memory_peak,
    (SELECT text FROM texts WHERE id = image) AS image,
    (SELECT text FROM texts WHERE id = image_digest) AS image_digest,
    (SELECT text FROM texts WHERE id = host) AS host,
    cache_key, cache_origin,
    strftime('%Y-%m-%dT%H:%M:%fZ', cancel_requested / 1000.0, 'unixepoch') AS cancel_requested_at,
    strftime('%Y-%m-%dT%H:%M:%fZ', reattached / 1000.0, 'unixepoch') AS reattached_at
FROM tasks LEFT JOIN attempt_records ON attempt_records.task = tasks.rowid;
