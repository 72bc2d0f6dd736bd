-- The tables of Sprocket, so that whoever reads its databases reads these. A database that Sprocket made has them.

CREATE TABLE IF NOT EXISTS metadata (
    key TEXT PRIMARY KEY NOT NULL,
    value TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP
);
INSERT OR IGNORE INTO metadata (key, value) VALUES ('version', '1');

CREATE TABLE IF NOT EXISTS sessions (
    id INTEGER PRIMARY KEY,
    uuid TEXT NOT NULL UNIQUE,
    subcommand TEXT NOT NULL CHECK (subcommand IN ('run', 'server')),
    created_by TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    heartbeat_at TIMESTAMP
);

CREATE TABLE IF NOT EXISTS runs (
    id INTEGER PRIMARY KEY,
    uuid TEXT NOT NULL UNIQUE,
    session_id INTEGER NOT NULL REFERENCES sessions (id),
    name TEXT NOT NULL,
    source TEXT NOT NULL,
    target TEXT,
    status TEXT NOT NULL CHECK (
        status IN ('queued', 'analyzing', 'running', 'completed', 'failed', 'canceling', 'canceled', 'orphaned')
    ),
    inputs TEXT NOT NULL,
    outputs TEXT,
    error TEXT,
    directory TEXT,
    index_directory TEXT,
    started_at TIMESTAMP,
    completed_at TIMESTAMP,
    created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE IF NOT EXISTS index_log (
    id INTEGER PRIMARY KEY,
    run_id INTEGER NOT NULL REFERENCES runs (id),
    link_path TEXT NOT NULL,
    target_path TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE IF NOT EXISTS tasks (
    name TEXT PRIMARY KEY NOT NULL,
    run_id INTEGER NOT NULL REFERENCES runs (id),
    status TEXT NOT NULL CHECK (
        status IN (
            'initializing', 'localizing', 'pending', 'running', 'completed', 'failed', 'canceled', 'preempted',
            'cached', 'orphaned'
        )
    ),
    exit_status INTEGER,
    error TEXT,
    created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    started_at TIMESTAMP,
    completed_at TIMESTAMP,
    call_id TEXT,
    attempt INTEGER NOT NULL DEFAULT 0,
    constraints TEXT,
    retry_cause TEXT
);

CREATE TABLE IF NOT EXISTS task_logs (
    id INTEGER PRIMARY KEY,
    task_name TEXT NOT NULL REFERENCES tasks (name),
    source TEXT NOT NULL CHECK (source IN ('stdout', 'stderr')),
    chunk BLOB NOT NULL,
    created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP
);

CREATE VIEW IF NOT EXISTS latest_index_entries AS
SELECT id, run_id, link_path, target_path, created_at
FROM index_log AS entry
WHERE id = (SELECT max(id) FROM index_log WHERE link_path = entry.link_path);

CREATE INDEX IF NOT EXISTS idx_sessions_subcommand_heartbeat ON sessions (subcommand, heartbeat_at);
CREATE INDEX IF NOT EXISTS idx_runs_session_id ON runs (session_id);
CREATE INDEX IF NOT EXISTS idx_runs_status ON runs (status);
CREATE INDEX IF NOT EXISTS idx_runs_created_at ON runs (created_at);
CREATE INDEX IF NOT EXISTS idx_index_log_run_id ON index_log (run_id);
CREATE INDEX IF NOT EXISTS idx_index_log_link_path_created_at ON index_log (link_path, created_at DESC);
CREATE INDEX IF NOT EXISTS idx_tasks_run_id ON tasks (run_id);
CREATE INDEX IF NOT EXISTS idx_tasks_status ON tasks (status);
CREATE INDEX IF NOT EXISTS idx_tasks_created_at ON tasks (created_at);
CREATE INDEX IF NOT EXISTS idx_task_logs_task ON task_logs (task_name);
CREATE INDEX IF NOT EXISTS idx_task_logs_created_at ON task_logs (created_at);
