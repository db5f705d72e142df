"""The one error of the tool, always in the form that the whole project uses."""


class HostsError(Exception):
    """Something could not be done; says what, why, and what helps."""

    def __init__(self, verb: str, thing: str, name: str, cause: str, remedy: str) -> None:
        subject = f"{thing} {name}".strip()
        self.cause = cause.strip().rstrip(".")
        self.remedy = remedy.strip().rstrip(".")
        super().__init__(f"Cannot {verb} {subject}: {self.cause}. {self.remedy}.")
