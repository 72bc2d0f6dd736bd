"""Running: the state machine without I/O, the asyncio driver, attempts, the run directory."""
