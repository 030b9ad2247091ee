"""Worklists and queries for them, drawn at random: from so few values that many match."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence

from pydicom.dataset import Dataset

from harness import dicom

CLASS = "1.2.276.0.7230010.3.1.0.1"
"""The class that files of worklists have."""
NAMES = ("Miller^Anna", "Miller^Bert", "Miller-Smith^Anna", "Milner^Ann", "miller^anna", "Jones^Alan^^Dr")
IDS = ("P-1", "P-2", "P-10", "p-1")
NUMBERS = ("A1", "A2", "A12")
MODALITIES = ("CT", "MR", "US")
STATIONS = ("CT1", "CT2", "MR1")
DATES = ("20261130", "20261201", "20261202", "20270101")
TIMES = ("080000", "0930", "093000", "235959", "00")
PHYSICIANS = ("House^Gregory", "Grey^Meredith")


def item(rnd: random.Random, number: int) -> Dataset:
    """Return a worklist of one step, under a UID that ends with the number."""
    made = dicom.instance(
        CLASS, patient="x", study="worklist", series="w", number=number, modality="OT",
        name=rnd.choice((*NAMES, "")),
    )  # fmt: skip
    made.PatientID = rnd.choice((*IDS, ""))
    made.AccessionNumber = rnd.choice((*NUMBERS, ""))
    made.StudyInstanceUID = f"2.25.{1000 + number}"
    made.RequestedProcedureID = f"R{number}"
    step = Dataset()
    step.Modality = rnd.choice(MODALITIES)
    step.ScheduledStationAETitle = rnd.choice(STATIONS)
    step.ScheduledProcedureStepStartDate = rnd.choice(DATES)
    step.ScheduledProcedureStepStartTime = rnd.choice(TIMES)
    step.ScheduledPerformingPhysicianName = rnd.choice((*PHYSICIANS, ""))
    step.ScheduledProcedureStepID = f"S{number}"
    made.ScheduledProcedureStepSequence = [step]
    return made


def asked(step: Mapping[str, str] | None = None, /, **keys: str) -> Dataset:
    """Return a query in UTF-8 with these keys, and with those of the step that is asked for."""
    made, part = Dataset(), Dataset()
    made.SpecificCharacterSet = "ISO_IR 192"
    for dataset, values in ((made, keys), (part, step or {"Modality": ""})):
        for key, value in values.items():
            setattr(dataset, key, value)
    made.ScheduledProcedureStepSequence = [part]
    return made


def span(rnd: random.Random, values: Sequence[str], form: str) -> str:
    """Return one value, or a range of this form, such as "{}-"."""
    first, last = sorted(rnd.choices(values, k=2))
    return first if rnd.random() < 0.3 else form.format(first, last)


def pattern(rnd: random.Random, values: Sequence[str]) -> str:
    """Return a value, or something with wildcards that it matches."""
    value = rnd.choice(values)
    at = rnd.randrange(len(value))
    return rnd.choice(
        (
            value,
            f"{value[:at]}*",
            f"*{value[at:]}",
            f"{value[:at]}?{value[at + 1 :]}",
            f"*{value[at:-1]}*",
            "*",
        )
    )


def query(rnd: random.Random) -> Dataset:
    """Return what a modality asks for: about a third of the keys with a value, the rest without."""
    asked, step = Dataset(), Dataset()

    def some(value: str) -> str:
        return value if rnd.random() < 0.3 else ""

    # A range of dates with one end and a range of times with two: wlmscpfs reads them otherwise.
    form = rnd.choice(("{}-{}", "{}-", "-{}"))
    asked.StudyInstanceUID = ""
    asked.PatientName = some(pattern(rnd, NAMES))
    asked.PatientID = some(rnd.choice(IDS))
    asked.AccessionNumber = some(pattern(rnd, NUMBERS))
    step.Modality = some(rnd.choice(MODALITIES))
    step.ScheduledStationAETitle = some(rnd.choice(STATIONS))
    step.ScheduledProcedureStepStartDate = some(span(rnd, DATES, form))
    step.ScheduledProcedureStepStartTime = some(span(rnd, TIMES, form))
    step.ScheduledPerformingPhysicianName = some(pattern(rnd, PHYSICIANS))
    asked.ScheduledProcedureStepSequence = [step]
    return asked
