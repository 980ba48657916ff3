"""Tests of the project itself: how it starts, runs and ends."""
