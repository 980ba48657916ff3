"""Tests of the house itself: layers, sizes, names, words, and the files that run it."""
