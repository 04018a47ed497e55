"""What both Python hosts do: `run` has a `Host` do the job in the file argv[1], results to argv[2]."""

import importlib.metadata
import json
import sys


def run(Host, package):
    """A host has `knobs`, and `read`, `turn`, `set`, `render`, `save` and `load`."""
    with open(sys.argv[1]) as file:
        job = json.load(file)
    result = {"version": importlib.metadata.version(package)}
    host = Host(job)
    result["defaults"] = texts(host)
    result["readings"] = list(readings(host))
    host.set(job["knobs"])
    result["texts"] = texts(host)
    host.render("first.f32")
    host.render("second.f32")
    state = host.save()
    loaded = Host(job)
    loaded.load(state)
    result["loaded"] = texts(loaded)
    loaded.render("loaded.f32")
    host.render("turned.f32", job["turns"])
    with open(sys.argv[2], "w") as file:
        json.dump(result, file)


def readings(host):
    """Each knob set at its ends and at two places between: the place, the one read, and its text."""
    for name in host.knobs:
        before, _ = host.read(name)
        for place in (0.0, 0.3, 0.77, 1.0):
            yield name, place, *host.turn(name, place)
        host.turn(name, before)


def texts(host):
    """What each knob shows."""
    return {name: host.read(name)[1] for name in host.knobs}
