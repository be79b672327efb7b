"""What a study of few landers leaves, as sentences of requirements."""

import dataclasses


def content(requirements):
    """The same with no more wanted of the proposed set than its fresh runs show: of so few landers the study finds sets
    that fall short, which make no sentences."""
    items = list(requirements.fresh.confirmations.items)
    at = requirements.fresh.claims.index("proposal")
    fresh = dataclasses.replace(items[at].fresh, wanted=round(items[at].fresh.interval[0] - 0.005, 2))
    items[at] = dataclasses.replace(items[at], fresh=fresh)
    confirmations = dataclasses.replace(requirements.fresh.confirmations, items=tuple(items))
    return dataclasses.replace(
        requirements, fresh=dataclasses.replace(requirements.fresh, confirmations=confirmations)
    )
