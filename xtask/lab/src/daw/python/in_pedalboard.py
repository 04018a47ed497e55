"""Plays a job to the plug-in in pedalboard: `in_pedalboard.py JOB RESULT`, called by daw/python.rs."""

import job
import numpy
import pedalboard


class Host:
    """The plug-in as pedalboard has it. It tells it of no transport: the plug-in's own clock runs."""

    def __init__(self, job):
        self.job = job
        # With a time given it plays a note and waits to hear it, and the clock runs on meanwhile.
        self.plugin = pedalboard.load_plugin(
            job["plugin"], plugin_name="HarmonAI", initialization_timeout=0
        )
        self.knobs = {knob.name: knob for knob in self.plugin.parameters.values()}

    def read(self, name):
        return self.knobs[name].raw_value, self.knobs[name].string_value

    def turn(self, name, place):
        self.knobs[name].raw_value = place
        return self.read(name)

    def set(self, knobs):
        """By what they show, as attributes of the plug-in."""
        for name, text in knobs.items():
            kind = self.knobs[name].type
            value = {bool: lambda: text == "On", float: lambda: float(text.split()[0])}
            setattr(self.plugin, self.knobs[name].python_name, value.get(kind, lambda: text)())
            # Of many steps pedalboard knows each tenth.
            if self.read(name)[1] != text:
                low, high = self.knobs[name].min_value, self.knobs[name].max_value
                self.turn(name, (float(text) - low) / (high - low))

    def part(self, start, end, first):
        """From `start` to `end`, in seconds."""
        messages = []
        for key, velocity, onset, duration in self.job["notes"]:
            messages.append((bytes([0x90, key, velocity]), onset - start))
            messages.append((bytes([0x80, key, 0]), onset + duration - start))
        # A key goes up before the next one goes down.
        messages.sort(key=lambda message: (message[1], message[0]))
        return self.plugin.process(
            [message for message in messages if 0 <= message[1] < end - start],
            duration=end - start,
            sample_rate=self.job["rate"],
            num_channels=2,
            buffer_size=self.job["block"],
            reset=first,
        )

    def render(self, file, turns=()):
        """Turns knobs on the way, between two calls."""
        start, parts = 0, []
        for seconds, name, text in turns:
            parts.append(self.part(start, seconds, start == 0))
            self.set({name: text})
            start = seconds
        parts.append(self.part(start, self.job["seconds"], start == 0))
        sound = numpy.concatenate(parts, axis=1)
        numpy.ascontiguousarray(sound.T, dtype=numpy.float32).tofile(file)

    def save(self):
        return self.plugin.raw_state

    def load(self, state):
        self.plugin.raw_state = state


job.run(Host, "pedalboard")
