"""What a service refuses: the field it is about, and words that say what to do."""


class Problem(Exception):
    """`field` is "" where the whole request is meant; `words` are shown to people as they stand."""

    def __init__(self, field: str, words: str) -> None:
        super().__init__(words)
        self.field = field
        self.words = words
