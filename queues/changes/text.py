"""What people type, as a row holds it."""


def one_line(text: str, longest: int) -> str:
    """On one line of at most `longest` characters, without the character that PostgreSQL can't hold."""
    return " ".join(text.replace("\x00", "").split())[:longest]
