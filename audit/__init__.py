"""Audit: the append-only, hash-chained record of every act, and the transaction that writes it."""
