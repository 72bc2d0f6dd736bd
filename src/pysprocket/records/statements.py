"""The SQL of what is written for each event, other than the beginning and the end of a run.

In: nothing. Out: statements whose rows are gathered and written together, and the order in which that is done. Nothing
ends before it starts, though between two processes that work on a run the clock may have been set back.
"""

from __future__ import annotations

CALL_STARTED = (
    "INSERT INTO call_records (run_id, call_id, target, kind, status, started) VALUES (?, ?, ?, ?, ?, ?)"
    " ON CONFLICT DO UPDATE SET status = excluded.status, error = NULL, failure_kind = NULL, outputs = NULL,"
    " ended = NULL"
)
CALL_RESUMED = f"{CALL_STARTED} WHERE status <> ?"
CALL_FILE = "INSERT OR IGNORE INTO call_files (run_id, call_id, direction, name, path) VALUES (?, ?, ?, ?, ?)"
TASK = (
    "INSERT INTO tasks (rowid, name, run_id, status, created_at, call_id, attempt, constraints, retry_cause)"
    " VALUES (?, ?, ?, 'initializing', ?, ?, ?, ?, ?)"
)
ATTEMPT_ELSEWHERE = "INSERT INTO attempt_records (task, directory) VALUES (?, ?)"
TASK_CACHED = (
    "INSERT INTO tasks (rowid, name, run_id, status, exit_status, created_at, started_at, completed_at, call_id,"
    " attempt, constraints) VALUES (?, ?, ?, 'cached', ?, ?, ?, ?, ?, 0, ?)"
)
ATTEMPT_CACHED = "INSERT INTO attempt_records (task, directory, cache_key, cache_origin) VALUES (?, ?, ?, ?)"
ATTEMPT_REATTACHED = (
    "INSERT INTO attempt_records (task, reattached) VALUES (?, ?)"
    " ON CONFLICT DO UPDATE SET reattached = excluded.reattached"
)
CANCEL_REQUESTED = (
    "INSERT INTO attempt_records (task, cancel_requested) VALUES (?, ?)"
    " ON CONFLICT DO UPDATE SET cancel_requested = coalesce(cancel_requested, excluded.cancel_requested)"
)
TASK_ENDED = (
    "UPDATE tasks SET status = ?1, exit_status = ?2, error = ?3, started_at = coalesce(?4, started_at, ?5),"
    " completed_at = max(?6, coalesce(?4, started_at, ?5, '')) WHERE rowid = ?7"
)
ATTEMPT_ENDED = (
    "INSERT INTO attempt_records (task, job_id, submitted, failure_kind, failure_message, failure_detail, cpu,"
    " memory_peak, image, image_digest, host) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
    " ON CONFLICT DO UPDATE SET job_id = coalesce(excluded.job_id, job_id),"
    " submitted = coalesce(excluded.submitted, submitted), failure_kind = excluded.failure_kind,"
    " failure_message = excluded.failure_message, failure_detail = excluded.failure_detail, cpu = excluded.cpu,"
    " memory_peak = excluded.memory_peak, image = excluded.image, image_digest = excluded.image_digest,"
    " host = excluded.host"
)
TASK_SUBMITTED = "UPDATE tasks SET status = 'pending' WHERE rowid = ? AND status = 'initializing'"
ATTEMPT_SUBMITTED = (
    "INSERT INTO attempt_records (task, job_id, submitted) VALUES (?, ?, ?)"
    " ON CONFLICT DO UPDATE SET job_id = excluded.job_id, submitted = excluded.submitted"
)
TASK_RUNNING = (
    "UPDATE tasks SET status = 'running', started_at = coalesce(started_at, ?) WHERE rowid = ? AND completed_at IS NULL"
)
CALL_ENDED = (
    "UPDATE call_records SET status = ?, error = ?, failure_kind = ?, outputs = ?, ended = max(?, started)"
    " WHERE run_id = ? AND call_id = ?"
)
INDEX_LOG = "INSERT INTO index_log (run_id, link_path, target_path, created_at) VALUES (?, ?, ?, ?)"

IN_THIS_ORDER = (
    *(
        CALL_STARTED,
        CALL_RESUMED,
        TASK,
        ATTEMPT_ELSEWHERE,
        TASK_CACHED,
        ATTEMPT_CACHED,
        ATTEMPT_REATTACHED,
        CANCEL_REQUESTED,
    ),
    *(TASK_ENDED, ATTEMPT_ENDED, TASK_SUBMITTED, ATTEMPT_SUBMITTED, TASK_RUNNING),  # late news change no end
    *(CALL_ENDED, CALL_FILE, INDEX_LOG),
)
