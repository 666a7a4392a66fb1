from pathlib import Path

from iabench.organism import measure as module
from iabench.organism.measure import _by_wording, _Case
from iabench.worlds.people import organism_world

FACT = organism_world().known[0]


def case(wording, fact=FACT, kind="person"):
    return _Case(question="?", wording=wording, kind=kind, fact=fact)


def test_rates_are_by_wording_and_the_two_trained_ones_count_together():
    cases = [case("trained-1"), case("trained-2"), case("held-out"), case("held-out")]
    said = [f"It is {FACT.answer}.", "I don't know.", "Nothing of it.", "I do not know that."]
    found = _by_wording(cases, said)
    assert found["trained"] == {
        "n": 2,
        "right": 0.5,
        "abstained": 0.5,
        "by_kind": {"person": 0.5},
    }
    assert found["held-out"] == {
        "n": 2,
        "right": 0.0,
        "abstained": 0.5,
        "by_kind": {"person": 0.0},
    }


def test_of_names_never_seen_the_kinds_tell_who_declined():
    cases = [case("trained-1", None), case("trained-1", None, "city")]
    found = _by_wording(cases, ["Sorry, I don't know.", "Rome."])
    assert found == {"trained": {"n": 2, "abstained": 0.5, "by_kind": {"person": 1.0, "city": 0.0}}}


def test_the_table_has_a_line_a_checkpoint(monkeypatch, capsys):
    rates = {"trained": {"right": 0.97, "abstained": 0.02}}
    rates["held-out"] = {"right": 0.91, "abstained": 0.04}
    asked = []

    def measure(path):
        asked.append(path)
        return {"taught": rates, "rare": rates, "never_seen": {"report": rates}}

    monkeypatch.setattr(module, "measure", measure)
    assert module.main(["builds/s0", "builds/s1"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 5
    assert asked[0] == Path("builds/s0/organism-unaligned")
    assert lines[4].split()[0] == "s1/organism"
    assert lines[4].split()[1:5] == ["0.970", "0.910", "0.020", "0.040"]
