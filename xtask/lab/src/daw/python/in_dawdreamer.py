"""Plays a job to the plug-in in DawDreamer: `in_dawdreamer.py JOB RESULT`, called by daw/python.rs."""

import dawdreamer
import job
import numpy


class Host:
    """An engine with the plug-in in it, its knobs turned as the job says."""

    def __init__(self, job):
        self.job = job
        self.engine = dawdreamer.RenderEngine(job["rate"], job["block"])
        self.engine.set_bpm(job["tempo"])
        self.plugin = self.engine.make_plugin_processor("plugin", job["plugin"])
        self.knobs = {d["name"]: d for d in self.plugin.get_parameters_description()}
        self.engine.load_graph([(self.plugin, [])])

    def read(self, name):
        index = self.knobs[name]["index"]
        return self.plugin.get_parameter(index), self.plugin.get_parameter_text(index)

    def turn(self, name, place):
        self.plugin.set_parameter(self.knobs[name]["index"], place)
        return self.read(name)

    def find(self, name, text):
        """A place at which the knob shows the text."""
        knob, (before, _) = self.knobs[name], self.read(name)
        steps = knob["numSteps"] - 1 if knob["isDiscrete"] else 1000
        places = [step / steps for step in range(steps + 1)]
        shows = [place for place in places if self.turn(name, place)[1] == text]
        self.turn(name, before)
        return shows[len(shows) // 2]

    def set(self, knobs):
        for name, text in knobs.items():
            self.turn(name, self.find(name, text))

    def render(self, file, turns=()):
        self.automate(turns)
        self.plugin.clear_midi()
        for key, velocity, start, duration in self.job["notes"]:
            self.plugin.add_midi_note(key, velocity, start, duration)
        self.engine.render(self.job["seconds"])
        sound = numpy.ascontiguousarray(self.engine.get_audio().T, dtype=numpy.float32)
        sound.tofile(file)

    def automate(self, turns):
        """Each knob jumps from where it is to its turn's text, at its time."""
        for seconds, name, text in turns:
            curve = numpy.full(int(self.job["seconds"] * self.job["rate"]), self.read(name)[0])
            curve[round(seconds * self.job["rate"]) :] = self.find(name, text)
            self.plugin.set_automation(self.knobs[name]["index"], curve.astype(numpy.float32))

    def save(self):
        self.plugin.save_state("state")
        return "state"

    def load(self, state):
        self.plugin.load_state(state)


job.run(Host, "dawdreamer")
