-- What resuming, reports and lineage need: documents, orders, who worked on a run, outputs of calls, files.

-- The text of a document, once for all runs: `digest` is BLAKE2b-256 of the UTF-8 text, `text` that text, deflated (zlib).
CREATE TABLE documents (
    digest TEXT PRIMARY KEY NOT NULL,
    text BLOB NOT NULL
);

CREATE TABLE run_documents (
    run_id INTEGER NOT NULL REFERENCES runs (id),
    uri TEXT NOT NULL,
    digest TEXT NOT NULL REFERENCES documents (digest),
    PRIMARY KEY (run_id, uri)
) WITHOUT ROWID;

-- The process behind a session.
CREATE TABLE session_details (
    session_id INTEGER PRIMARY KEY REFERENCES sessions (id),
    host TEXT NOT NULL,
    pid INTEGER NOT NULL,
    engine_version TEXT NOT NULL
);

-- The processes that worked on a run: the one that started it, then each that resumed it.
CREATE TABLE run_sessions (
    run_id INTEGER NOT NULL REFERENCES runs (id),
    session_id INTEGER NOT NULL REFERENCES sessions (id),
    started_at TIMESTAMP NOT NULL,
    PRIMARY KEY (run_id, session_id)
) WITHOUT ROWID;

ALTER TABLE run_details ADD COLUMN order_json TEXT;

ALTER TABLE calls ADD COLUMN failure_kind TEXT;
ALTER TABLE calls ADD COLUMN outputs TEXT;

ALTER TABLE attempts ADD COLUMN cache_key TEXT;
ALTER TABLE attempts ADD COLUMN cache_origin TEXT;
ALTER TABLE attempts ADD COLUMN cancel_requested_at TIMESTAMP;
ALTER TABLE attempts ADD COLUMN reattached_at TIMESTAMP;

-- `path` is relative to the database's directory when it is below it, else absolute, or a URL without secrets.
CREATE TABLE call_files (
    run_id INTEGER NOT NULL REFERENCES runs (id),
    call_id TEXT NOT NULL,
    direction TEXT NOT NULL CHECK (direction IN ('in', 'out')),
    name TEXT NOT NULL,
    path TEXT NOT NULL,
    PRIMARY KEY (run_id, call_id, direction, name, path)
) WITHOUT ROWID;

-- Nobody looks for tasks by these, and each costs a write for every task.
DROP INDEX IF EXISTS idx_tasks_status;
DROP INDEX IF EXISTS idx_tasks_created_at;
