"""Mutation runs of the pure parts: each small fault that is planted must turn a narrow test red."""
