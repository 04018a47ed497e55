"""What both Python hosts have done to their knobs."""


def readings(host):
    """Each knob at its ends and at two places between: set, read, and its text."""
    for name in host.knobs:
        before, _ = host.read(name)
        for place in (0.0, 0.3, 0.77, 1.0):
            yield name, place, *host.turn(name, place)
        host.turn(name, before)


def texts(host):
    """What each knob shows."""
    return {name: host.read(name)[1] for name in host.knobs}
