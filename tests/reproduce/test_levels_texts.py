"""Text: what is masked and listed, and how the rest is compared number by number."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_bioml.records.compare import TOLERANCE
from jupyter_bioml.reproduce.compare.agreement import BIT_EQUAL, DIFFERENT, NUMERICALLY_EQUAL, UNKNOWN, Match
from jupyter_bioml.reproduce.compare.masking import LISTED, mask
from jupyter_bioml.reproduce.compare.texts import MOST_TEXT, PlainText


def compare(left: str, right: str, rtol: float = TOLERANCE, **options: bool) -> Match:
    return PlainText("stdout", left, **options).compare(PlainText("stdout", right, **options), rtol)


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("took 5.2 s, half-life 5.2 h", "took ⟨duration⟩, half-life 5.2 h"),
        ("CPU times: user 3 s, sys: 1 ms\nWall time: 3 s\nok", "⟨duration⟩\n⟨duration⟩\nok"),
        ("1.23 ms ± 4 µs per loop (mean ± std. dev. of 7 runs)", "⟨duration⟩"),
        ("[CV] END C=1; total time=   0.1s", "[CV] END C=1; total time=   ⟨duration⟩"),
        ("done in 4 s at 3.5 mg/l for 5 min", "done in ⟨duration⟩ at 3.5 mg/l for 5 min"),
        (
            "100%|██████████| 10/10 [00:01<00:00,  7.1it/s, loss=0.12]",
            "100%⟨progress bar⟩ 10/10 ⟨progress bar⟩, loss=0.12]",
        ),
        ("5/5 ━━━━━━━━━━ 0s 5ms/step - loss: 0.5", "5/5 ⟨progress bar⟩ ⟨duration⟩ ⟨rate⟩ - loss: 0.5"),
        ("<Foo object at 0x7f3a2b>", "<Foo object at ⟨address⟩>"),
        ("flags 0xFF00", "flags 0xFF00"),
        ("2026-01-02 10:00:00,123 INFO run", "⟨time⟩ INFO run"),
        ("Mon Jan  5 10:00:00 2026", "⟨time⟩"),
        ("Date: Mon, 05 Jan 2026 10:00:00 GMT", "Date: ⟨time⟩"),
        ("cohort of 2026-01-05", "cohort of ⟨date⟩"),
        ("wrote /tmp/tmpabcd1234/model.pkl", "wrote ⟨path⟩/model.pkl"),
        ("read /home/u/p/data/x.csv, 3 mg/kg/day", "read ⟨path⟩/x.csv, 3 mg/kg/day"),
        (r"C:\Users\me\x.csv", r"⟨path⟩\x.csv"),
        ("see http://host/a/b", "see http://host/a/b"),
        ("/tmp/ipykernel_12/34567.py:3: UserWarning", "⟨path⟩:3: UserWarning"),
        ("Cell In[3], line 1", "Cell In[⟨execution count⟩], line 1"),
        ("pid=123 on localhost:8888", "pid=⟨process⟩ on localhost:⟨process⟩"),
        ("id 1b4e28ba-2fa1-11d2-883f-0016d3cca427", "id ⟨id⟩"),
        ("run_id: 7f3a90c17f3a90c17f3a90c17f3a90c1", "run_id: ⟨id⟩"),
        ("| 12 | 0.5 |", "| 12 | 0.5 |"),
        ("x[0:10], ratio 12:30", "x[0:10], ratio 12:30"),
        ("\x1b[31mred\x1b[0m", "red"),
    ],
)
def test_what_is_masked_and_what_stays(text: str, masked: str) -> None:
    assert mask(text).text == masked


def test_masked_things_are_listed_only_where_they_differ() -> None:
    left = "\n".join(["2026-01-02 start", *(f"took {n}.0 s" for n in range(30)), "auc 0.5"])
    match = compare(left, left.replace(".0 s", ".5 s"))
    assert match.level == NUMERICALLY_EQUAL and match.note == "apart from what is masked"
    assert match.masked[0] == "duration: 0.0 s → 0.5 s"
    assert len(match.masked) == LISTED + 1 and match.masked[-1] == "and 10 more"


def test_numbers_within_tolerance_words_exactly() -> None:
    left = "auc 0.30000000000000004 of n=120"
    assert compare(left, left).level == BIT_EQUAL
    assert compare(left, "auc   0.3 of n=120").level == NUMERICALLY_EQUAL
    assert compare(left, "auc 0.3 for n=120").level == DIFFERENT
    assert compare(left, "auc 0.3 of n=121", rtol=0.5).level == DIFFERENT, "a count is no measured value"
    assert compare("0.10", "0.11", rtol=0.1).level == NUMERICALLY_EQUAL
    assert compare("1e-3", "0.001").level == NUMERICALLY_EQUAL
    assert compare("-1.5", "1.5").level == DIFFERENT


def test_the_first_difference_is_shown_and_counted() -> None:
    match = compare("a\nx 0.5\ny 0.5\n", "a\nx 0.6\ny 0.5\n")
    assert (match.left, match.right) == ("x 0.5", "x 0.6")
    assert match.note == "1 of 2 numbers differ, by up to 16.67 %; first at line 2"
    assert match.distance == pytest.approx((1 / 6,))
    longer = compare("a\nb", "a\nb\nc\nd")
    assert longer.left is None and longer.right == "c"
    assert longer.note == "only words differ; first at line 3; 2 lines, then 4" and longer.distance is None


def test_hostile_text_is_shown_harmlessly() -> None:
    match = compare("ok", "\x1b]0;x\x07\u202ehide" + "z" * 10_000)
    assert "\x07" not in match.right and "\u202e" not in match.right and len(match.right) < 250


def test_what_was_cut_is_compared_up_to_the_cut() -> None:
    cut = PlainText("stdout", "a\nb\nc…\n… cut at 512 KiB\n", cut=True)
    match = cut.compare(PlainText("stdout", "a\nb\ncccc\nd\n"), TOLERANCE)
    assert match.level == BIT_EQUAL and match.note == "compared up to the cut, 2 lines"
    assert cut.compare(PlainText("stdout", "a\nX\n"), TOLERANCE).level == DIFFERENT


def test_of_a_very_long_text_the_rest_is_not_known() -> None:
    left = "a b\n" * (MOST_TEXT // 4)
    assert compare(left + "x", left + "y").level == UNKNOWN
    assert compare(left + "x", left + "x").level == BIT_EQUAL
    assert compare("z" + left, left).level == DIFFERENT


@pytest.mark.parametrize("piece", ["/a", "1:", "Mon ", "took 1 s ", "1 s ", "[00:01<", "%|#", "C:\\a", "9", "id=a"])
def test_a_long_line_of_half_a_pattern_is_masked_like_a_short_one(piece: str) -> None:
    """A pattern that tried every split of 100,000 characters would not come back."""
    assert set(mask(piece * (100_000 // len(piece))).found) == set(mask(piece * 300).found)


@given(st.text())
def test_a_text_equals_itself_and_masks_once(text: str) -> None:
    assert compare(text, text).level == BIT_EQUAL
    assert compare(text, text + "\n").level in (BIT_EQUAL, NUMERICALLY_EQUAL, DIFFERENT)


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=5))
def test_numbers_survive_being_printed(values: list[float]) -> None:
    left = " ".join(f"v{n} {value!r}" for n, value in enumerate(values))
    right = " ".join(f"v{n} {value:.17e}" for n, value in enumerate(values))
    assert compare(left, right).level in (BIT_EQUAL, NUMERICALLY_EQUAL)
