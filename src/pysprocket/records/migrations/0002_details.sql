-- What Sprocket's tables have no place for: how a run was made, its calls, and where and how each attempt ran.

CREATE TABLE run_details (
    run_id INTEGER PRIMARY KEY REFERENCES runs (id),
    kind TEXT NOT NULL CHECK (kind IN ('task', 'workflow')),
    backend TEXT NOT NULL,
    engine_version TEXT NOT NULL,
    host TEXT NOT NULL,
    document_digest TEXT
);

CREATE TABLE calls (
    run_id INTEGER NOT NULL REFERENCES runs (id),
    call_id TEXT NOT NULL,
    target TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('task', 'workflow')),
    status TEXT NOT NULL CHECK (status IN ('running', 'completed', 'failed', 'canceled')),
    error TEXT,
    started_at TIMESTAMP NOT NULL,
    completed_at TIMESTAMP,
    PRIMARY KEY (run_id, call_id)
) WITHOUT ROWID;

-- `name` is that of the row in `tasks`; `directory` is relative to the database's directory when it is below it.
CREATE TABLE attempts (
    name TEXT PRIMARY KEY NOT NULL REFERENCES tasks (name),
    directory TEXT NOT NULL,
    job_id TEXT,
    submitted_at TIMESTAMP,
    exit_code INTEGER,
    failure_kind TEXT,
    failure_message TEXT,
    failure_detail TEXT,
    cpu_seconds REAL,
    memory_peak INTEGER,
    image TEXT,
    image_digest TEXT,
    host TEXT
) WITHOUT ROWID;
