"""How figures are printed: a line each, beside the target they are read against."""


def heading(text: str) -> None:
    """Begin a bench's part of the output."""
    print(f"\n== {text}", flush=True)


def line(label: str, figure: str, target: str = "") -> None:
    """One figure; ``target`` says what it is to be."""
    print(f"  {label:<58} {figure:>14}   {target}".rstrip(), flush=True)


def note(text: str) -> None:
    """A remark under the figures."""
    print(f"    {text}", flush=True)
