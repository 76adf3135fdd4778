"""Digests of torch's tensors: equal for equal content in any layout, and nothing of torch is changed by them."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
from digests import all_differ, digest
from scipy import sparse

from jupyter_bioml.capture.values.digest import ValueDigest, value_digest

pytestmark = pytest.mark.needs_torch


def test_tensors(torch: Any) -> None:
    tensor = torch.arange(12, dtype=torch.float32).reshape(3, 4)
    expected = digest(tensor)
    grad = tensor.clone().requires_grad_()
    same = [
        tensor.t().contiguous().t(),
        tensor.repeat(1, 2)[:, :4],
        grad,
        torch.nn.Parameter(tensor),
        tensor.to_sparse().to_dense(),
    ]
    assert [digest(other) for other in same] == [expected] * 5
    assert value_digest(tensor) == ValueDigest(expected, 3, 4, "tensor")
    changed = tensor.clone()
    changed[2, 3] += 1
    kinds = [torch.float64, torch.bfloat16, torch.float16, torch.int8, torch.bool, torch.complex64, torch.float8_e4m3fn]
    all_differ(
        [tensor, changed, tensor.t(), tensor.flatten(), tensor.to_sparse(), *(tensor.to(kind) for kind in kinds)]
    )
    with warnings.catch_warnings(action="ignore"):
        assert digest(tensor.to_sparse()) == digest(tensor.to_sparse_csr())
    complex_ = torch.tensor([1 + 2j, 3 - 4j])
    assert digest(complex_.conj()) == digest(complex_.conj().resolve_conj()) != digest(complex_)
    odd = torch.tensor([0x7FC1, 0xFFC0 - 65536], dtype=torch.int16).view(torch.bfloat16)
    assert digest(odd) == digest(torch.full((2,), float("nan"), dtype=torch.bfloat16))
    assert value_digest(torch.empty(3, device="meta")) is None


def test_a_tensor_is_not_the_array_it_was_made_from(torch: Any) -> None:
    array = np.array([[1.0, 2.0], [3.0, 4.0]])
    all_differ([array, torch.tensor(array), sparse.csr_matrix(array)])
    assert value_digest(torch.nn.Linear(1, 1)) is None


@pytest.mark.filterwarnings("error")
def test_its_random_generator_is_not_touched_and_nothing_warns(torch: Any) -> None:
    before = torch.get_rng_state().tolist()
    assert value_digest(torch.eye(3)) == value_digest(torch.eye(3)) is not None
    assert torch.get_rng_state().tolist() == before
