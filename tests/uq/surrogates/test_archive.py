"""Saved surrogates: exact, small, and harmless whatever a file holds."""

from __future__ import annotations

import hashlib
import io
import json
import pickle
import zipfile

import numpy as np
import pytest
from surrogate_problems import fresh, sampled

from uq.surrogates.archive import MAGIC, load_card, pack, save_surrogate
from uq.surrogates.gaussian_process.gaussian_process import GaussianProcess
from uq.surrogates.loading import load_surrogate, unpack
from uq.surrogates.validation import choose

SURROGATE = GaussianProcess.fit(sampled(n=30))
BODY = pack(SURROGATE, card={"rows": 30})


def sealed(content: bytes) -> bytes:
    """Content with a hash that fits it, as an attacker would write it."""
    return content + hashlib.sha256(content).digest()


def rewritten(change) -> bytes:
    """The file with its header changed and sealed again."""
    length = int.from_bytes(BODY[8:16], "little")
    header = json.loads(BODY[16 : 16 + length])
    changed = change(header)
    header = changed if isinstance(changed, list) else header
    text = json.dumps(header).encode()
    return sealed(MAGIC + len(text).to_bytes(8, "little") + text + BODY[16 + length : -32])


def test_an_untouched_rewrite_is_the_same_surrogate():
    x = fresh(n=20).x
    assert np.array_equal(unpack(rewritten(lambda h: None)).predict(x).std, SURROGATE.predict(x).std)


def test_files_are_small():
    numbers = SURROGATE.x.size + SURROGATE.y.size
    assert len(BODY) < 8 * numbers + 4096


def test_repeated_arrays_are_stored_once():
    composite = choose(sampled(n=30), fits={"process": GaussianProcess.fit}).surrogate
    assert len(pack(composite)) < len(BODY) + 3000
    x = fresh(n=20).x
    assert np.array_equal(unpack(pack(composite)).mean(x), composite.mean(x))


def test_the_card_travels_along(tmp_path):
    save_surrogate(SURROGATE, tmp_path / "s", card={"rows": 30})
    assert load_card(tmp_path / "s") == {"rows": 30}
    save_surrogate(SURROGATE, tmp_path / "s")
    assert load_card(tmp_path / "s") == {}


def test_another_version_of_the_model_is_refused(tmp_path):
    save_surrogate(SURROGATE, tmp_path / "s")
    assert load_surrogate(tmp_path / "s", version="wavy 1").problem.version == "wavy 1"
    with pytest.raises(ValueError, match=r"'wavy 1'.*'wavy 2'"):
        load_surrogate(tmp_path / "s", version="wavy 2")


def test_something_that_is_no_surrogate_is_not_saved(tmp_path):
    class Other(GaussianProcess):
        pass

    other = Other(**{f: getattr(SURROGATE, f) for f in SURROGATE.__dataclass_fields__})
    with pytest.raises(TypeError, match="Other"):
        save_surrogate(other, tmp_path / "s")
    assert not (tmp_path / "s").exists()


class Bomb:
    def __reduce__(self):
        raise AssertionError("a pickled object was made")


def zipped(name: str, size: int) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, bytes(size))
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "too short"),
        (BODY[:40], "too short"),
        (BODY[:-1], "damaged or truncated"),
        (BODY + b"\0", "damaged or truncated"),
        (BODY[:100] + bytes([BODY[100] ^ 1]) + BODY[101:], "damaged or truncated"),
        (sealed(b"UQSURR02" + BODY[8:-32]), "newer version"),
        (sealed(BODY[:-32] + b"\0" * 8), "after its last array"),
        (sealed(MAGIC + (2**63).to_bytes(8, "little") + bytes(100)), "longer than the file"),
        (sealed(MAGIC + (4).to_bytes(8, "little") + b"{]]]" + bytes(100)), "not JSON"),
        (sealed(MAGIC + (8).to_bytes(8, "little") + b'{"a": 1}' + bytes(100)), "must hold"),
        (sealed(MAGIC + (10**5).to_bytes(8, "little") + b"[" * 10**5), "not JSON"),
        (zipped("../../escape", 10**6), "not a saved surrogate"),
        (zipped("bomb", 10**8), "not a saved surrogate"),
        (pickle.dumps(list(range(100))), "not a saved surrogate"),
        (bytes(10**4), "not a saved surrogate"),
    ],
)
def test_foreign_and_damaged_files_are_refused_with_the_reason(content, reason, tmp_path):
    (tmp_path / "s").write_bytes(content)
    with pytest.raises(ValueError, match=reason):
        load_surrogate(tmp_path / "s")


def set_array(index, **changes):
    return lambda h: h["arrays"][index].update(changes)


def set_record(**changes):
    return lambda h: h["record"].update(changes)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda h: h.update(format=2), "format is 2"),
        (lambda h: h.update(surrogate="os.system"), "unknown surrogate"),
        (lambda h: h.update(surrogate="PolynomialChaos"), "do not make"),
        (lambda h: h.update(surrogate="Composite"), "do not make"),
        (lambda h: h.update(extra=1), "must hold"),
        (lambda h: [h], "must hold"),
        (set_array(0, type="|O"), "malformed"),
        (set_array(0, type="<f4"), "malformed"),
        (set_array(0, shape=[2**50, 3]), "malformed"),
        (set_array(0, shape=[2**39, 2]), "past the end"),
        (set_array(0, shape=[-30, -3]), "malformed"),
        (set_array(0, shape=[29, 3]), "not finite|after its last|do not make|past the end"),
        (set_array(0, name="y"), "malformed"),
        (set_array(0, same_as="nothing"), "repeats one"),
        (set_array(0, name="../x"), "do not make"),
        (lambda h: h["arrays"].pop(0), "after its last|not finite|malformed"),
        (lambda h: h["problem"]["inputs"].pop(), "do not make"),
        (lambda h: h["problem"]["inputs"][0]["distribution"].update(law="Surrogate"), "unknown distribution"),
        (lambda h: h["problem"]["inputs"][0]["distribution"].update(low=5.0), "do not make"),
        (lambda h: h["problem"].update(correlation=[[1.0, 2.0], [2.0, 1.0]]), "do not make"),
        (set_record(kernels=["none", "none"]), "do not make"),
        (set_record(nuggets=[-1.0, 1e-6]), "out of range"),
        (set_record(nuggets="x"), "do not make"),
        (set_record(widenings=[1e300, 1.0]), "out of range"),
        (set_record(widenings=[]), "do not make"),
    ],
)
def test_forged_headers_are_refused_with_the_reason(change, reason):
    with pytest.raises(ValueError, match=reason):
        unpack(rewritten(change))


def test_numbers_that_are_not_finite_are_refused():
    length = int.from_bytes(BODY[8:16], "little")
    start = 16 + length
    forged = sealed(BODY[:start] + np.array([np.nan]).tobytes() + BODY[start + 8 : -32])
    with pytest.raises(ValueError, match="not finite"):
        unpack(forged)


def test_a_pickled_object_in_place_of_an_array_is_never_opened():
    length = int.from_bytes(BODY[8:16], "little")
    payload = b"cbuiltins\nexec\n(S'raise AssertionError'\ntR."
    forged = sealed(BODY[: 16 + length] + payload + BODY[16 + length + len(payload) : -32])
    try:
        unpack(forged)
    except ValueError:
        return
    # the bytes happened to be finite numbers: then they are numbers, and nothing else


def mutated(random: np.random.Generator) -> bytes:
    """The file with a few bytes changed, removed, repeated or exchanged, half of the time in the header, and sealed."""
    content = bytearray(BODY[:-32])
    length = int.from_bytes(BODY[8:16], "little")
    for _ in range(int(random.integers(1, 4))):
        last = 16 + length if random.random() < 0.5 else len(content)
        place = int(random.integers(0, min(last, len(content))))
        kind = random.integers(0, 4)
        if kind == 0:
            content[place] = int(random.integers(0, 256))
        elif kind == 1:
            del content[place : place + int(random.integers(1, 20))]
        elif kind == 2:
            content[place:place] = content[place : place + int(random.integers(1, 20))]
        else:
            digits = b'0123456789-.eE[]{},"null'
            content[place] = digits[int(random.integers(0, len(digits)))]
    return bytes(content)


@pytest.mark.parametrize("part", range(10))
def test_ten_thousand_mutated_files_do_no_harm(part):
    random = np.random.default_rng(part)
    x = fresh(n=3).x
    refused = 0
    for i in range(1000):
        content = mutated(random)
        body = sealed(content) if i % 2 else content + BODY[-32:]
        try:
            surrogate = unpack(body)
        except ValueError:
            refused += 1
            continue
        if surrogate.problem.dimension == 3:
            assert surrogate.mean(x).shape == (3, len(surrogate.problem.outputs))
    assert refused > 500
