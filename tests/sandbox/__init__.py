"""Tests of the sandbox, over HTTP against a real process."""
