"""The call cache: results of tasks, kept by what they depend on.

In: calls that are about to run, and what they gave. Out: earlier results, brought into the directory of the new run.
Whoever runs a task asks `CallCache.take` before its first attempt, when inputs and requirements are known. It fills the
attempt directory and gives the outputs, or a `Miss`, which is kept until the call has ended and goes with its result to
`store` when it ended well, after whichever attempt. Nothing here is imported while `run.task.cache` is "off".
"""
