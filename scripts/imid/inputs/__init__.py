"""The question held against the files: every check before any job."""
