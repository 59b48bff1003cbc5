"""Whether two values are the same but for the last bits of their numbers."""


def alike(one: object, other: object, *, within: float) -> bool:
    """Equal, numbers relatively, through mappings and lists.

    The order of a sum may change between versions of numpy, and with it the last bits.

    Args:
        one: a number, text, ``None``, or a mapping or list of such.
        other: what it is compared with.
        within: largest difference of two numbers, over the larger one.
    """
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(alike(one[key], other[key], within=within) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(
            alike(each, twin, within=within) for each, twin in zip(one, other, strict=True)
        )
    if isinstance(one, float) and isinstance(other, float):
        return abs(one - other) <= within * max(abs(one), abs(other))
    return one == other
