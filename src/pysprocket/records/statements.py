"""The SQL of what is written for each event, other than the beginning and the end of a run.

In: nothing. Out: statements whose rows are gathered and written together, and the order in which that is done.
"""

from __future__ import annotations

CALL_STARTED = (
    "INSERT INTO calls (run_id, call_id, target, kind, status, started_at) VALUES (?, ?, ?, ?, 'running', ?)"
    " ON CONFLICT DO UPDATE SET status = 'running', error = NULL, failure_kind = NULL, outputs = NULL,"
    " completed_at = NULL"
)
CALL_RESUMED = f"{CALL_STARTED} WHERE status <> 'completed'"
CALL_FILE = "INSERT OR IGNORE INTO call_files (run_id, call_id, direction, name, path) VALUES (?, ?, ?, ?, ?)"
TASK = (
    "INSERT INTO tasks (name, run_id, status, created_at, call_id, attempt, constraints, retry_cause)"
    " VALUES (?, ?, 'initializing', ?, ?, ?, ?, ?)"
)
ATTEMPT = "INSERT INTO attempts (name, directory) VALUES (?, ?)"
TASK_CACHED = (
    "INSERT INTO tasks (name, run_id, status, exit_status, created_at, started_at, completed_at, call_id, attempt,"
    " constraints) VALUES (?, ?, 'cached', ?, ?, ?, ?, ?, 0, ?)"
)
ATTEMPT_CACHED = "INSERT INTO attempts (name, directory, exit_code, cache_key, cache_origin) VALUES (?, ?, ?, ?, ?)"
ATTEMPT_REATTACHED = "UPDATE attempts SET reattached_at = ? WHERE name = ?"
CANCEL_REQUESTED = "UPDATE attempts SET cancel_requested_at = coalesce(cancel_requested_at, ?) WHERE name = ?"
TASK_ENDED = (
    "UPDATE tasks SET status = ?, exit_status = ?, error = ?, started_at = coalesce(?, started_at, ?),"
    " completed_at = ? WHERE name = ?"
)
ATTEMPT_ENDED = (
    "UPDATE attempts SET job_id = coalesce(?, job_id), submitted_at = coalesce(?, submitted_at), exit_code = ?,"
    " failure_kind = ?, failure_message = ?, failure_detail = ?, cpu_seconds = ?, memory_peak = ?, image = ?,"
    " image_digest = ?, host = ? WHERE name = ?"
)
TASK_SUBMITTED = "UPDATE tasks SET status = 'pending' WHERE name = ? AND status = 'initializing'"
ATTEMPT_SUBMITTED = "UPDATE attempts SET job_id = ?, submitted_at = ? WHERE name = ?"
TASK_RUNNING = (
    "UPDATE tasks SET status = 'running', started_at = coalesce(started_at, ?) WHERE name = ? AND completed_at IS NULL"
)
CALL_ENDED = (
    "UPDATE calls SET status = ?, error = ?, failure_kind = ?, outputs = ?, completed_at = ?"
    " WHERE run_id = ? AND call_id = ?"
)
INDEX_LOG = "INSERT INTO index_log (run_id, link_path, target_path, created_at) VALUES (?, ?, ?, ?)"

IN_THIS_ORDER = (
    *(CALL_STARTED, CALL_RESUMED, TASK, ATTEMPT, TASK_CACHED, ATTEMPT_CACHED, ATTEMPT_REATTACHED, CANCEL_REQUESTED),
    *(TASK_ENDED, ATTEMPT_ENDED, TASK_SUBMITTED, ATTEMPT_SUBMITTED, TASK_RUNNING),  # late news change no end
    *(CALL_ENDED, CALL_FILE, INDEX_LOG),
)
