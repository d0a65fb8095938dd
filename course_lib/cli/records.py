"""What programs read: the beginning that every JSON answer of the command shares."""

import dataclasses


def head(pretrained) -> dict:
    """Say which model answered, and where its weights come from."""
    return {"model": pretrained.card.id, "provenance": dataclasses.asdict(pretrained.provenance)}
