"""Wrong documents: each is refused with its place, in words and by its line, and how to mend it."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hzdsl.errors import HzdslError
from hzdsl.stats import histfactory

Document = dict[str, Any]


def document() -> Document:
    modifiers = [
        {"name": "mu", "type": "normfactor", "data": None},
        {"name": "size", "type": "normsys", "data": {"lo": 0.9, "hi": 1.1}},
        {"name": "jes", "type": "histosys", "data": {"lo_data": [4.0, 5.0], "hi_data": [6.0, 7.0]}},
        {"name": "mc", "type": "staterror", "data": [1.0, 1.0]},
    ]
    return {
        "version": "1.0.0",
        "channels": [{"name": "SR", "samples": [{"name": "sig", "data": [5.0, 6.0], "modifiers": modifiers}]}],
        "observations": [{"name": "SR", "data": [5, 7]}],
        "measurements": [{"name": "m", "config": {"poi": "mu", "parameters": []}}],
    }


def sample(d: Document) -> Document:
    return d["channels"][0]["samples"][0]


def modifier(d: Document, k: int) -> Document:
    return sample(d)["modifiers"][k]


def configured(d: Document, **said: Any) -> None:
    d["measurements"][0]["config"]["parameters"] = [said]


def with_lumi(d: Document) -> None:
    sample(d)["modifiers"].append({"name": "lumi", "type": "lumi", "data": None})


def second_channel(d: Document) -> Document:
    d["channels"].append(copy.deepcopy(d["channels"][0]) | {"name": "CR"})
    d["observations"].append({"name": "CR", "data": [1, 1]})
    return d["channels"][1]["samples"][0]


def other_samples(d: Document) -> None:
    second_channel(d)["name"] = "other"


def shared_shapesys(d: Document) -> None:
    sample(d)["modifiers"] = [{"name": "u", "type": "shapesys", "data": [1.0, 1.0]}]
    second_channel(d)


def shorter_first(d: Document) -> None:
    sample(d)["modifiers"] = [{"name": "f", "type": "shapefactor", "data": None}]
    second_channel(d)["data"] = [1.0]
    d["observations"][1]["data"] = [1]


WRONG: dict[str, tuple[Callable[[Document], Any], str, str]] = {
    "unknown key": (
        lambda d: sample(d).update(dat=1),
        "spec-key",
        "channel 'SR', sample 'sig', dat is a key that has no meaning here | did you mean data?",
    ),
    "missing key": (lambda d: d.pop("version"), "spec-key", "a.json lacks the key 'version' | add \"version\": …"),
    "version": (
        lambda d: d.update(version="2.0"),
        "spec-value",
        "version is not 1.0.0, the version that is read | write it as pyhf does",
    ),
    "kind": (
        lambda d: modifier(d, 1).update(type="normsis"),
        "spec-value",
        "channel 'SR', sample 'sig', modifier 'size', type is 'normsis', which no modifier has | did you mean normsys?",
    ),
    "length": (
        lambda d: modifier(d, 2)["data"].update(hi_data=[1.0]),
        "spec-value",
        "channel 'SR', sample 'sig', modifier 'jes', data.hi_data has 1 number for 2 bins | give one number for each bin",
    ),
    "length of a sample": (
        lambda d: d["channels"][0]["samples"].append({"name": "b", "data": [1.0, 2.0, 3.0], "modifiers": []}),
        "spec-value",
        "channel 'SR', sample 'b', data has 3 numbers for 2 bins | give one number for each bin",
    ),
    "NaN": (
        lambda d: sample(d).update(data=[1.0, float("nan")]),
        "spec-value",
        "channel 'SR', sample 'sig', data[1] is NaN, where a finite number belongs | find out where it is made",
    ),
    "text": (
        lambda d: sample(d).update(data=["1", 2.0]),
        "spec-value",
        "channel 'SR', sample 'sig', data[0] is \"1\", where a number belongs"
        " | write a number without quotes or brackets",
    ),
    "negative": (
        lambda d: sample(d).update(data=[1.0, -2.0]),
        "spec-value",
        "channel 'SR', sample 'sig', data holds -2 in bin 1, less than nothing"
        " | read it with negative=True where weighted events say so",
    ),
    "negative error": (
        lambda d: modifier(d, 3).update(data=[1.0, -1.0]),
        "spec-value",
        "channel 'SR', sample 'sig', modifier 'mc', data holds -1 in bin 1, less than nothing | an error is 0 or more",
    ),
    "negative observation": (
        lambda d: d["observations"][0].update(data=[1, -1]),
        "spec-value",
        "observation 'SR', data holds -1 in bin 1, less than nothing"
        " | counts are 0 or more: what was subtracted belongs to a sample",
    ),
    "factor": (
        lambda d: modifier(d, 1)["data"].update(lo=0.0),
        "spec-value",
        "channel 'SR', sample 'sig', modifier 'size', data.lo is 0: factors are interpolated by their logarithms"
        " | give a factor above 0",
    ),
    "needless data": (
        lambda d: modifier(d, 0).update(data=1),
        "spec-value",
        "channel 'SR', sample 'sig', modifier 'mu', data belongs to a normfactor, which has none | write \"data\": null",
    ),
    "channel twice": (
        lambda d: d["channels"].append(d["channels"][0]),
        "name-twice",
        "channel 'SR' is there twice | call one otherwise",
    ),
    "modifier twice": (
        lambda d: sample(d)["modifiers"].append(modifier(d, 0)),
        "name-twice",
        "channel 'SR', sample 'sig', modifier 'mu' (normfactor) changes this sample twice"
        " | leave one out, or rename it",
    ),
    "one name, two meanings": (
        lambda d: modifier(d, 1).update(name="mu"),
        "name-twice",
        "channel 'SR', sample 'sig', modifier 'mu' (normsys) has the parameters of the normfactor of the same name,"
        " which mean something else | call one otherwise",
    ),
    "no observation": (
        lambda d: d["observations"][0].update(name="SRR"),
        "spec-key",
        "channel 'SR' has no observation | did you mean SRR?",
    ),
    "observation of nothing": (
        lambda d: d["observations"].append({"name": "sr1", "data": [1]}),
        "name-unknown",
        "observation 'sr1' is of no channel | did you mean SR?",
    ),
    "observed bins": (
        lambda d: d["observations"][0].update(data=[1]),
        "spec-value",
        "observation 'SR', data has 1 number for 2 bins | give one number for each bin",
    ),
    "interest": (
        lambda d: d["measurements"][0]["config"].update(poi="muu"),
        "name-unknown",
        "measurement 'm', config.poi is 'muu', and there is no such parameter | did you mean mu?",
    ),
    "interest of many": (
        lambda d: d["measurements"][0]["config"].update(poi="mc"),
        "spec-value",
        "measurement 'm', config.poi is 'mc', which are 2 parameters | name one parameter, or leave it empty",
    ),
    "luminosity": (
        with_lumi,
        "spec-key",
        "measurement 'm' has to say the inits, bounds, auxdata, sigmas of 'lumi', which changes samples"
        ' | for example {"name": "lumi", "inits": [1], "bounds": [[0, 10]], "auxdata": [1], "sigmas": [0.02]}',
    ),
    "too many inits": (
        lambda d: configured(d, name="mu", inits=[1.0, 2.0]),
        "spec-value",
        "measurement 'm', config, parameter 'mu', inits has 2 values for 1 parameter"
        " | give one for each of its parameters",
    ),
    "outside of bounds": (
        lambda d: configured(d, name="mu", inits=[11.0]),
        "parameter",
        "measurement 'm', config, parameter 'mu' starts at 11, outside of its bounds 0 to 10"
        " | give it other inits, or other bounds",
    ),
    "descending bounds": (
        lambda d: configured(d, name="mu", bounds=[[1, 0]]),
        "spec-value",
        "measurement 'm', config, parameter 'mu', bounds[0] does not ascend: 1 to 0 | write the lower bound first",
    ),
    "width": (
        lambda d: configured(d, name="mc", sigmas=[0.1, 0]),
        "spec-value",
        "measurement 'm', config, parameter 'mc', sigmas holds a number that is not more than 0 | give numbers above 0",
    ),
    "meaningless setting": (
        lambda d: configured(d, name="mu", auxdata=[1.0]),
        "spec-value",
        "measurement 'm', config, parameter 'mu', auxdata has no meaning for a normfactor | leave it out",
    ),
    "staterror of other samples": (
        other_samples,
        "spec-value",
        "channel 'SR', sample 'sig', modifier 'mc' (staterror) is shared by CR and SR, where other samples have it"
        " | give the staterror of each channel its own name",
    ),
    "shapesys twice": (
        shared_shapesys,
        "name-twice",
        "channel 'SR', sample 'sig', modifier 'u' (shapesys) is there in CR, too;"
        " its parameters are those of one sample of one channel | call it otherwise in each",
    ),
    "shapefactor": (
        shorter_first,
        "spec-value",
        "channel 'SR', sample 'sig', modifier 'f' changes 2 bins of SR, and 1 of CR,"
        " the first in its name | channels that share it have as many bins",
    ),
    "nothing to fit": (
        lambda d: sample(d).update(modifiers=[]),
        "spec-value",
        "channel 'SR' and all others have no modifier: there is nothing to fit | give a sample a normfactor",
    ),
    "no samples": (
        lambda d: d["channels"][0].update(samples=[]),
        "spec-value",
        "channel 'SR', samples is empty | give the channel a sample, or leave it out",
    ),
    "no bins": (
        lambda d: sample(d).update(data=[]),
        "spec-value",
        "channel 'SR', sample 'sig', data is empty | give one number for each bin",
    ),
    "no list": (
        lambda d: d.update(channels={}),
        "spec-value",
        "channels is an object, where a list belongs | write a list: […]",
    ),
}


def refused(tmp_path: Path, text: str, **options: Any) -> HzdslError:
    (tmp_path / "a.json").write_text(text)
    with pytest.raises(HzdslError) as caught:
        histfactory.read(tmp_path / "a.json", **options)
    return caught.value


@pytest.mark.parametrize("name", WRONG)
def test_wrong_documents(tmp_path: Path, name: str) -> None:
    spoil, code, said = WRONG[name]
    wrong = document()
    spoil(wrong)
    error = refused(tmp_path, json.dumps(wrong, indent=1))
    found = error.message.removeprefix("a.json: ") + (f" | {error.fix}" if error.fix else "")
    assert (error.code, found) == (code, said)
    assert (error.place is None) == (name == "missing key")


def test_the_line_is_shown(tmp_path: Path) -> None:
    wrong = document()
    modifier(wrong, 1)["data"]["lo"] = -0.5
    text = json.dumps(wrong, indent=1)
    error = refused(tmp_path, text)
    line = next(k for k, x in enumerate(text.splitlines(), 1) if '"lo": -0.5' in x)
    assert str(error).splitlines()[1:] == [
        f"  at a.json:{line}",
        '    "lo": -0.5,',
        "          ^^^^",
        "  fix: give a factor above 0",
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "a.json is no JSON: "),
        ("[1]", "a.json holds a list, where an object of JSON belongs"),
        ('{"version": "1.0.0", "version": "1.0.0"}', "a.json: the key 'version' stands twice in one object"),
        ("[" * 100_000, "a.json is nested too deeply"),
    ],
)
def test_what_is_no_document(tmp_path: Path, text: str, said: str) -> None:
    error = refused(tmp_path, text)
    assert error.code == "spec-format"
    assert said in error.message


def test_several_measurements(tmp_path: Path) -> None:
    two = document()
    two["measurements"].append({"name": "other", "config": {"poi": "", "parameters": []}})
    error = refused(tmp_path, json.dumps(two))
    assert (error.code, error.fix) == ("options", 'choose one: measurement="m"')
    assert histfactory.read(tmp_path / "a.json", "other").parameters.interest == ()
    assert refused(tmp_path, json.dumps(two), measurement="othr").fix == "did you mean other?"


def test_weighted_events(tmp_path: Path) -> None:
    """Negative contents are read where that is asked for, and their sum may not be negative."""
    weighted = document()
    sample(weighted)["data"] = [5.0, -1.0]
    background = {"name": "b", "data": [1.0, 2.0], "modifiers": []}
    weighted["channels"][0]["samples"].append(background)
    (tmp_path / "a.json").write_text(json.dumps(weighted))
    assert histfactory.read(tmp_path / "a.json", negative=True).channels[0].processes[0].contents.tolist() == [5, -1]
    background["data"][1] = 0.5
    error = refused(tmp_path, json.dumps(weighted), negative=True)
    assert error.message == "a.json: channel 'SR' expects -0.5 in bin 1: no Poisson law has such a mean"


def test_rules() -> None:
    with pytest.raises(HzdslError, match="'code5' is no interpolation of a normsys") as caught:
        histfactory.read("a.json", normsys="code5")  # type: ignore[arg-type]
    assert caught.value.fix is not None
