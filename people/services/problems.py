"""What stops an act on the directory, in words for people."""


class Problem(ValueError):
    """Something the person can put right: `field` is the argument's name ("" for none of them)."""

    def __init__(self, field: str, words: str) -> None:
        super().__init__(words)
        self.field = field
        self.words = words
