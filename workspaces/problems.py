"""What a service refuses: the field it is about, and words that say what to do."""


class Problem(ValueError):
    """Something the person can put right: `field` is the argument's name ("" for none of them).

    `words` are shown to people as they stand.
    """

    def __init__(self, field: str, words: str) -> None:
        super().__init__(words)
        self.field = field
        self.words = words
